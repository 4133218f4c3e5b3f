/**
 * Any other DSSE envelope (https://github.com/secure-systems-lab/dsse), in-toto attestations (https://in-toto.io) among them,
 * formats.md §10: the pre-authentication encoding is signed, and the payload is not read. Nobody decided anything, as far as we know.
 */
import { preAuthEncoding } from '../dsse.ts';
import { ok } from '../result.ts';
import type { Profile } from './profile.ts';

export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export const inToto: Profile = signedAsSuch('in-toto');
export const otherDsse: Profile = signedAsSuch('DSSE');

function signedAsSuch(format: string): Profile {
  return {
    format,
    signer: 'any',
    signedBytes: preAuthEncoding,
    read: () =>
      ok({
        decision: 'none',
        cannotProve: ['a decision: it shows that these bytes were signed, and not what for', 'whose keys signed'],
      }),
  };
}

/** One good record of each kind, out of the vectors, for the tests that change them in every way there is. */
import * as verifier from '@assent/verifier/single-file';
import { readVectorFiles } from './generate.ts';
import { pinsOf } from './operations/receipts.ts';
import { bytesOf, objectOf } from './operations/verifier.ts';

export type GoodRecord = {
  readonly about: string;
  readonly receipt: string;
  readonly pins: Parameters<typeof verifier.verifyReceipt>[1];
  readonly verdict: 'authorized' | 'authentic';
};

/** By what their cases say; the profiles are all in. */
const RECEIPTS: readonly string[] = [
  'authorized: every pin, every check',
  'with the root id alone, and the versions in the receipt',
  'a policy in the receipt, of the digest that was signed',
  'revealed',
  'the text that was shown is disclosed',
  'sealed, and opened',
  'attested: authorized where the policy takes it',
  'by a key, where the policy takes it',
  'by a passkey with RS256',
  'finance and security',
  'her key was stolen later',
  'the receipt of a consumption',
  'the receipt of a trust root',
];
const PROFILES: readonly string[] = ['Cosignet', 'SignedApproval', 'AgentMint', 'in-toto', 'DSSE of any type'];

export function goodRecords(): readonly GoodRecord[] {
  const files = readVectorFiles();
  return [...recordsOf('receipt', RECEIPTS), ...recordsOf('profile', PROFILES)];

  function recordsOf(format: string, names: readonly string[]): GoodRecord[] {
    const cases = files.find((file) => file.format === format)?.cases ?? [];
    return names.map((about) => {
      const found = cases.find((vector) => vector.about === about);
      if (found === undefined || !('result' in found)) throw new Error(`no case of ${format} is "${about}"`);
      const { verdict } = found.result as Pick<GoodRecord, 'verdict'>;
      return {
        about: `${format}: ${about}`,
        receipt: new TextDecoder().decode(bytesOf(verifier, found.input, 'receipt')),
        pins: pinsOf(verifier, objectOf(found.input, 'pins')),
        verdict,
      };
    });
  }
}

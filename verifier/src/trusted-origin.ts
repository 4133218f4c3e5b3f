/**
 * Where a passkey was used: origin, RP ID and frames, as a trust root lists them (formats.md §3 and §7; WebAuthn Level 3 §7.2,
 * steps that only the relying party can make).
 */
import { equalBytes, utf8Encode } from './bytes.ts';
import { fail, ok, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';
import type { TrustedApprover } from './trust-root.ts';
import type { Assertion } from './webauthn.ts';

/** Fails with `signer_origin`. */
export function checkPasskeyOrigin(
  { rp_id, origins = [], top_origins = [] }: Pick<TrustedApprover, 'rp_id' | 'origins' | 'top_origins'>,
  { origin, rpIdHash, crossOrigin, topOrigin }: Assertion,
  hash: Sha256,
): Result<void> {
  if (rp_id === undefined || !equalBytes(rpIdHash, hash(utf8Encode(rp_id)))) {
    return fail('signer_origin', 'the passkey is one of another relying party');
  }
  if (!origins.includes(origin)) return fail('signer_origin', 'it was used on an origin that is not listed');
  if (!crossOrigin && topOrigin === undefined) return ok(undefined);
  // A frame of another site that does not say which it was in (older browsers) could have been in any.
  if (topOrigin !== undefined && top_origins.includes(topOrigin)) return ok(undefined);
  return fail('signer_origin', 'it was used in a frame of a site that is not listed');
}

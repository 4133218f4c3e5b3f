/**
 * Who makes a version of a trust root (formats.md §7): version 1 the threshold of its own root keys, every later one also the
 * threshold of the root keys before it. So whoever holds the keys now hands over, and whoever takes over shows that they can sign.
 */
import type { VerifiedSignature } from './dsse.ts';
import { fail, ok, type Result } from './result.ts';
import type { RootKeys, TrustRoot } from './trust-root.ts';

/** A version and the digest of its payload. */
export type DigestedTrustRoot = { readonly digest: string; readonly trustRoot: TrustRoot };

/** Their keyids. Root keys sign without a passkey: fails with `wrong_signer`. */
export function rootSigners(signatures: readonly VerifiedSignature[]): Result<readonly string[]> {
  return signatures.some(({ kind }) => kind === 'passkey')
    ? fail('wrong_signer', 'a trust root is signed by keys, not by passkeys')
    : ok(signatures.map(({ publicKey }) => publicKey.keyid));
}

/**
 * What a version alone can show: that enough of its own root keys signed, and of version 1 that nobody else did. Fails with
 * `threshold_not_met` or `wrong_signer`.
 *
 * @param signers keyids whose key signatures were verified.
 */
export function checkOwnSigners({ version, root }: TrustRoot, signers: readonly string[]): Result<void> {
  const own = checkThreshold(root, signers, 'its own root keys');
  return own.ok && version === 1 ? checkStrangers([root], signers) : own;
}

/**
 * Whether `next` is the version after `before`. Fails with `trust_chain_broken`, `trust_history_changed` where `issued_at` does not
 * grow, `threshold_not_met`, or `wrong_signer` for one who signed and has no root key.
 *
 * @param signers keyids whose key signatures over `next` were verified.
 */
export function checkSuccession(before: DigestedTrustRoot, next: TrustRoot, signers: readonly string[]): Result<void> {
  const { digest, trustRoot } = before;
  if (next.version !== trustRoot.version + 1 || next.previous !== digest) {
    return fail(
      'trust_chain_broken',
      `version ${next.version} does not follow version ${trustRoot.version} (${digest})`,
    );
  }
  // Times are of equal width, so their texts order as they do.
  if (next.issued_at <= trustRoot.issued_at) {
    return fail('trust_history_changed', `version ${next.version} was issued no later than the version before it`);
  }
  const own = checkThreshold(next.root, signers, 'its own root keys');
  if (!own.ok) return own;
  const handedOver = checkThreshold(trustRoot.root, signers, `the root keys of version ${trustRoot.version}`);
  return handedOver.ok ? checkStrangers([next.root, trustRoot.root], signers) : handedOver;
}

function checkThreshold({ keys, threshold }: RootKeys, signers: readonly string[], whose: string): Result<void> {
  const signed = signers.filter((keyid) => keys.has(keyid)).length;
  if (signed >= threshold) return ok(undefined);
  return fail('threshold_not_met', `the trust root is signed by ${signed} of ${whose}, and ${threshold} are needed`);
}

function checkStrangers(roots: readonly RootKeys[], signers: readonly string[]): Result<void> {
  const stranger = signers.find((keyid) => !roots.some(({ keys }) => keys.has(keyid)));
  if (stranger === undefined) return ok(undefined);
  return fail('wrong_signer', `the trust root is signed by ${stranger}, which is none of the root keys`);
}

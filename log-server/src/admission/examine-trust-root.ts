import { canonicalJson, checkContent, type Json, MAX_ENTRY_SIZE, type Primitives } from '@assent/verifier';
import { Problem } from '../problems.ts';
import type { AppendRights } from './append-rights.ts';
import { type Encode, encodeHere } from './contents.ts';
import { refuseUnsound } from './examine.ts';
import type { TrustRootSubmission } from './examined.ts';
import { entrySize } from './format-examined.ts';
import { trustRootIdentity } from './trust-root-identity.ts';

/** All that can be said of a trust root without looking into the log. Throws a Problem. */
export async function examineTrustRoot(
  content: Json,
  { trustRoots = [] }: AppendRights,
  primitives: Primitives,
  encode: Encode = encodeHere,
): Promise<TrustRootSubmission> {
  if (trustRoots.length === 0) throw new Problem('forbidden', 'This API key may not append trust roots.');
  const evidence = await checkContent({ kind: 'trust-root', content }, primitives);
  refuseUnsound(evidence);
  const { trustRoot, statementDigest: digest, signers } = evidence;
  if (trustRoot === undefined || digest === undefined || signers === undefined) {
    throw new Problem('content_refused', 'The content could not be checked.');
  }
  const kept = encode(canonicalJson(content));
  const bytes = entrySize(kept, 'trust-root');
  if (bytes > MAX_ENTRY_SIZE) {
    throw new Problem('entry_too_large', `The entry would have ${bytes} bytes, and ${MAX_ENTRY_SIZE} is the most.`);
  }
  return {
    kind: 'trust-root',
    statement: digest.slice('sha256:'.length),
    identity: trustRootIdentity(digest, trustRoot, primitives),
    content: kept,
    digest,
    trustRoot,
    signers: signers.map(({ publicKey }) => publicKey.keyid),
    bytes,
  };
}

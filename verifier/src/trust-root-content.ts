/** An entry's content that is a version of a trust root (formats.md §7, checks `content` and `signatures` of §11). */
import type { JudgedPayload, UnverifiedContent } from './content.ts';
import { hasParts } from './content-parts.ts';
import type { UnreadEnvelope, VerifiedSignature } from './dsse.ts';
import { failed, failedOrUnsupported, passed } from './report.ts';
import { fail, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';
import { parseTrustRoot, type TrustRoot, trustRootDigest } from './trust-root.ts';
import { checkOwnSigners, rootSigners } from './trust-succession.ts';

/** Never throws for bad evidence. What other versions there are, no entry can show by itself. */
export function judgeTrustRoot(envelope: UnreadEnvelope, unverified: UnverifiedContent, hash: Sha256): JudgedPayload {
  const digest = { statementDigest: trustRootDigest(envelope.payload, hash) };
  const parsed = parseTrustRoot(envelope.payload);
  if (!parsed.ok) return { facts: { content: failedOrUnsupported('content', parsed), ...digest } };
  const trustRoot = parsed.value;
  if (hasParts(unverified)) {
    const failure = fail('bad_value', 'an intent, a text or a policy comes along, and a trust root is about none');
    return { facts: { content: failed('content', failure), ...digest } };
  }
  const content = passed('content', `It is version ${trustRoot.version} of the trust root of ${trustRoot.name}.`);
  return { facts: { content, trustRoot, ...digest }, judgeSigners: (signers) => judgeSigners(trustRoot, signers) };
}

function judgeSigners(trustRoot: TrustRoot, signatures: readonly VerifiedSignature[]): Result<void> {
  const signers = rootSigners(signatures);
  return signers.ok ? checkOwnSigners(trustRoot, signers.value) : signers;
}

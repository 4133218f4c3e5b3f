/** An entry's content that is a consumption (formats.md §9, check `content` of §11). */
import { statementDigest } from './approval.ts';
import { parseConsumption } from './consumption.ts';
import type { JudgedPayload, UnverifiedContent } from './content.ts';
import { hasParts } from './content-parts.ts';
import type { UnreadEnvelope, VerifiedSignature } from './dsse.ts';
import { failed, failedOrUnsupported, passed } from './report.ts';
import { fail, ok, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';

/** Never throws for bad evidence. Which approval it consumes, and by right, is for the log and for the check `use`. */
export function judgeConsumption(envelope: UnreadEnvelope, unverified: UnverifiedContent, hash: Sha256): JudgedPayload {
  const digest = { statementDigest: statementDigest(envelope.payload, hash) };
  const parsed = parseConsumption(envelope.payload);
  if (!parsed.ok) return { facts: { content: failedOrUnsupported('content', parsed), ...digest } };
  // What is shown beside it would be compared with nothing: intent, text and policy belong to the approval.
  if (hasParts(unverified)) {
    const failure = fail('unknown_member', 'an intent, a text or a policy stands beside a consumption');
    return { facts: { content: failed('content', failure), ...digest } };
  }
  const content = passed('content', 'The consumption is whole; whether it is by right, its approval says.');
  return { facts: { content, consumption: parsed.value, ...digest }, judgeSigners: checkOneKey };
}

/** With several signers it would be anybody's; and a boundary is no person who taps. */
function checkOneKey(signers: readonly VerifiedSignature[]): Result<void> {
  return signers.length === 1 && signers[0]?.kind === 'key'
    ? ok(undefined)
    : fail('wrong_signer', 'a consumption is for one boundary to sign, with a key of its own');
}

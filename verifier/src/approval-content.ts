/** An entry's content that is an approval statement (formats.md §2, check `content` of §11). */
import { parseStatement, type Statement, statementDigest } from './approval.ts';
import type { JudgedPayload, UnverifiedContent } from './content.ts';
import { matchParts } from './content-parts.ts';
import type { UnreadEnvelope, VerifiedSignature } from './dsse.ts';
import { type Check, failed, failedOrUnsupported, passed, skipped } from './report.ts';
import { fail, ok, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';

/** Never throws for bad evidence. */
export function judgeStatement(envelope: UnreadEnvelope, unverified: UnverifiedContent, hash: Sha256): JudgedPayload {
  const digest = statementDigest(envelope.payload, hash);
  const parsed = parseStatement(envelope.payload);
  if (!parsed.ok) return { facts: { statementDigest: digest, content: failedOrUnsupported('content', parsed) } };
  const statement = parsed.value;
  const { problems, shown } = matchParts(statement, unverified, hash);
  const other = checkLog(statement, unverified.origin);
  const all = other === undefined ? problems : [other, ...problems];
  // What is wrong outweighs what could not be judged.
  const problem = all.find(({ status }) => status === 'fail') ?? all[0];
  const judgeSigners = (signers: readonly VerifiedSignature[]) => checkDecider(statement, signers);
  if (problem !== undefined) {
    return { facts: { statementDigest: digest, content: problem, unverifiedStatement: statement }, judgeSigners };
  }
  const content = passed(
    'content',
    'The statement is whole, names this log, and fits everything that is shown with it.',
  );
  // Named members first, as in checkContent.
  return { facts: { content, statement, statementDigest: digest, ...shown }, judgeSigners };
}

/** A service says that nobody decided in time; a human who was there to tap did decide. */
function checkDecider({ decision }: Statement, signers: readonly VerifiedSignature[]): Result<void> {
  return decision === 'expired' && signers.some(({ kind }) => kind === 'passkey')
    ? fail('wrong_signer', 'that nobody decided is for the service to sign, not for a passkey')
    : ok(undefined);
}

/** An approval counts in the one log that it names, so that nobody can log it twice and consume it twice. */
function checkLog(statement: Statement, origin: string | undefined): Check | undefined {
  if (origin === undefined) {
    return skipped(
      'content',
      'premise_failed',
      'The log that the statement names has to be compared with a readable tree head.',
    );
  }
  if (statement.log === origin) return undefined;
  const failure = fail('log_mismatch', 'the statement was made for another log');
  return failed('content', failure, { expected: origin, computed: statement.log });
}

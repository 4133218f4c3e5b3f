/**
 * What an auditor can say of an approval that a log holds, with pins of its own and without a receipt (formats.md §7, §8 and §11):
 * the checks `trust`, `revocation`, `policy` and `window`. `intent` and `use` are for whoever is about to act.
 *
 *     const judge = loggedApprovalJudge({ trustRoot, approvalPolicy });
 *     const checks = await judge(await checkContent({ kind, content, origin }), { index, loggedAt });
 *
 * Times are the log's own word, unless the caller knows when witnesses saw the entry (`seenBy`).
 */
import { pinPolicy } from './approval-policy.ts';
import { checkAuthorization } from './authorization.ts';
import type { Json } from './canonical-json.ts';
import type { ContentEvidence } from './content.ts';
import { isTime } from './entry.ts';
import { pinLogs } from './pinned-logs.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import type { Check, CheckId } from './report.ts';
import { checkPinnedTrustRoot, type PinnedTrustRoot } from './trust-chain.ts';

export { checkContentSoon } from './content.ts';

/** As in `VerifyOptions`. From `verifyTrustRoot`, versions are not verified again for each approval. */
export type LoggedApprovalPins = {
  readonly trustRoot?: PinnedTrustRoot;
  readonly approvalPolicy?: Json | Uint8Array;
  /** Milliseconds. Without it expiry is not judged, and of the trust root the newest version counts whatever its age. */
  readonly at?: number;
};

/** Where the entry is, in a tree that the caller has compared with a signed head. Times are in milliseconds. */
export type LoggedPlace = { readonly index: number; readonly loggedAt: number; readonly seenBy?: number };

export type LoggedApprovalJudge = (content: ContentEvidence, place: LoggedPlace) => Promise<readonly Check[]>;

const JUDGED: readonly CheckId[] = ['trust', 'revocation', 'policy', 'window'];

/**
 * Throws TypeError or RangeError for a pin that is none. The judge never rejects for bad evidence; it gives no check at all where
 * `content` did not pass, or is of no approval.
 */
export function loggedApprovalJudge(
  { trustRoot, approvalPolicy, at }: LoggedApprovalPins,
  primitives: Primitives = webCryptoPrimitives,
): LoggedApprovalJudge {
  if (trustRoot !== undefined) checkPinnedTrustRoot(trustRoot);
  if (at !== undefined && !isTime(at)) throw new RangeError('at: not milliseconds since the epoch, up to year 9999');
  const pinned = {
    logs: pinLogs(),
    trustRoot,
    unverifiedIntent: undefined,
    approvalPolicy: pinPolicy(approvalPolicy, primitives.sha256),
    at,
    schema: undefined,
    boundary: undefined,
  };
  return async ({ statement, statementDigest, signers, intent }, { index, loggedAt, seenBy }) => {
    if (statement === undefined || statementDigest === undefined) return [];
    const { checks } = await checkAuthorization(
      { statement, statementDigest, signers, intent, index, loggedAt, seenBy, receipt: {}, pinned },
      primitives,
    );
    return checks.filter(({ id }) => JUDGED.includes(id));
  };
}

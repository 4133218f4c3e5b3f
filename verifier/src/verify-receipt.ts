/**
 * Verification of a receipt (formats.md §6 and §11): a pure function of the receipt and of what the verifier itself pins.
 *
 *     const report = await verifyReceipt(unverifiedReceipt, { logKeys: ['log.example.com/approvals+7a…+AQ…'], at: Date.now() });
 *     report.verdict     // 'authorized' | 'authentic' | 'refused' | 'incomplete' | 'invalid'
 *
 * 'authorized' takes every pin of the caller's: what is not pinned is not checked.
 */
import { pinPolicy } from './approval-policy.ts';
import { type Authorization, checkAuthorization, withoutAuthorization } from './authorization.ts';
import { type BoundaryPins, refuseBadPins } from './boundary.ts';
import type { Json } from './canonical-json.ts';
import type { ContentEvidence } from './content.ts';
import { digest } from './document.ts';
import { type Entry, isTime } from './entry.ts';
import { approvalFacts, consumptionFacts, foreignFacts, trustRootFacts, verifiedApprovalFacts } from './facts.ts';
import type { LogEvidence } from './log-evidence.ts';
import type { LogPolicy } from './log-policy.ts';
import { pinLogs } from './pinned-logs.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { parseReceipt } from './receipt.ts';
import { judgeEvidence } from './receipt-evidence.ts';
import {
  CHECK_IDS,
  type Check,
  type ForeignFacts,
  failed,
  REPORT_TYPE,
  type Report,
  skipped,
  type VerifiedApprovalFacts,
  verdictOf,
} from './report.ts';
import type { Failure, Result } from './result.ts';
import { summarize } from './summary.ts';
import { formatTime } from './time.ts';
import { checkPinnedTrustRoot, type PinnedTrustRoot } from './trust-chain.ts';

export type VerifyOptions = {
  /** The log's public keys, pinned by the verifier, as signed-note vkeys: `name+hash+key`. Without one: `incomplete`. */
  readonly logKeys?: readonly string[];
  /**
   * Which logs are accepted and which witnesses have to have cosigned: a C2SP tlog-policy, as text or from `parseLogPolicy`.
   * Without one no witness is asked for. With `logKeys` beside it only these of its logs are accepted; if it lists none, these.
   */
  readonly logPolicy?: string | LogPolicy;
  /**
   * Whose keys count: the root id that the statement has to name as its organization, and the versions that the verifier has, to which
   * a receipt may add newer ones. From `verifyTrustRoot`, the versions are not verified again for each receipt.
   */
  readonly trustRoot?: PinnedTrustRoot;
  /** The action that the caller is about to run: an intent, parsed or as JSON text. Judged like other evidence. */
  readonly intent?: Json | Uint8Array;
  /** Who has to approve what: the caller's own approval policy, as JSON text or parsed. Without one nobody is asked for. */
  readonly approvalPolicy?: Json | Uint8Array;
  /** When, in milliseconds since the epoch, the approval is to count: for a gate, now. */
  readonly at?: number;
  /**
   * Digest of the argument schema that the connector has now, `sha256:<hex>`; null if it has none. Has to be the one in the
   * statement.
   */
  readonly schema?: string | null;
  /** Of a caller who is about to run the action: who it is, and by which attempt it has consumed the approval. */
  readonly boundary?: BoundaryPins;
  readonly primitives?: Primitives;
};

/**
 * Never rejects for bad evidence, whatever the receipt is. Rejects with TypeError or RangeError on a bad option: a log key that
 * is no vkey, a policy that is none, an `at` that is no time, a receipt that is neither bytes nor text.
 *
 * @param unverifiedReceipt the receipt's JSON, as bytes or text.
 */
export async function verifyReceipt(
  unverifiedReceipt: Uint8Array | string,
  options: VerifyOptions = {},
): Promise<Report> {
  // A receipt that was parsed already lost what a strict parser refuses, such as a key that stands there twice.
  if (typeof unverifiedReceipt !== 'string' && !ArrayBuffer.isView(unverifiedReceipt)) {
    throw new TypeError('unverifiedReceipt: neither bytes nor text');
  }
  const { at, intent: unverifiedIntent, trustRoot, schema, boundary, primitives = webCryptoPrimitives } = options;
  const pinnedLogs = pinLogs(options.logKeys, options.logPolicy);
  const approvalPolicy = pinPolicy(options.approvalPolicy, primitives.sha256);
  if (at !== undefined && !isTime(at)) throw new RangeError('at: not milliseconds since the epoch, up to year 9999');
  if (schema !== undefined && schema !== null && !digest(schema).ok) {
    throw new TypeError('schema: not "sha256:" and 64 lower-case hexadecimal digits');
  }
  if (boundary !== undefined) refuseBadPins(boundary);
  if (trustRoot !== undefined) checkPinnedTrustRoot(trustRoot);
  const receipt = parseReceipt(unverifiedReceipt);
  if (!receipt.ok) return reportUnreadable(receipt);

  const evidence = await judgeEvidence(receipt.value, pinnedLogs, primitives);
  const { entry, log, content, loggedAt } = evidence;
  const { statement, statementDigest, signers, intent } = content;
  const seenBy = log.witnessFacts?.seen_by;
  const authorization: Authorization =
    statement !== undefined && statementDigest !== undefined
      ? await checkAuthorization(
          {
            statement,
            statementDigest,
            signers,
            intent,
            // A place in the log is one only where the tree shows it.
            index: loggedAt === undefined ? undefined : log.unverifiedFacts?.index,
            loggedAt,
            seenBy: seenBy === undefined ? undefined : Date.parse(seenBy),
            receipt: receipt.value,
            head: log.unverifiedFacts,
            pinned: { logs: pinnedLogs, trustRoot, unverifiedIntent, approvalPolicy, at, schema, boundary },
          },
          primitives,
        )
      : { checks: withoutStatement(entry, content) };
  const consumption = consumptionFacts(content);
  const trust_root = trustRootFacts(content);
  const foreign = foreignFacts(content);
  const approval = verifiedApprovalFacts(content, receipt.value.disclosures?.display, authorization.judged);
  return {
    ...conclude([...evidence.checks, ...authorization.checks], approval, foreign),
    ...(approval === undefined ? unverifiedApproval(content) : { approval }),
    ...(consumption && { consumption }),
    ...(trust_root && { trust_root }),
    ...(foreign && { foreign }),
    ...logFacts(log, entry),
  };
}

/** Verdict and summary follow from the checks alone. */
function conclude(checks: readonly Check[], approval?: VerifiedApprovalFacts, foreign?: ForeignFacts): Report {
  const verdict = verdictOf(checks, (approval ?? foreign)?.decision);
  return { type: REPORT_TYPE, verdict, summary: summarize(verdict, checks, approval, foreign), checks };
}

function unverifiedApproval(content: ContentEvidence): Pick<Report, 'unverified_approval'> {
  const facts = approvalFacts(content);
  return facts === undefined ? {} : { unverified_approval: facts };
}

function logFacts(
  { unverifiedFacts, witnessFacts, inclusion }: LogEvidence,
  entry: Result<Entry>,
): Pick<Report, 'log' | 'unverified_log'> {
  if (unverifiedFacts === undefined) return {};
  if (!entry.ok) return { unverified_log: unverifiedFacts };
  const sealed = 'sealed' in entry.value ? { sealed: entry.value.sealed } : {};
  const facts = { ...unverifiedFacts, ...sealed, logged_at: formatTime(entry.value.loggedAt) };
  const isVerified = inclusion.status === 'pass' && witnessFacts !== undefined;
  return isVerified ? { log: { ...facts, ...witnessFacts } } : { unverified_log: facts };
}

function reportUnreadable(failure: Failure): Report {
  const known = failure.code !== 'unsupported';
  const receipt = known ? failed('receipt', failure) : skipped('receipt', 'unsupported', `${failure.detail}.`);
  const detail = known
    ? 'A receipt that can be read is needed.'
    : 'A receipt of a type that this version knows is needed.';
  const others = CHECK_IDS.slice(1).map((id) => skipped(id, known ? 'premise_failed' : 'unsupported', detail));
  return conclude([receipt, ...others]);
}

function withoutStatement(entry: Result<Entry>, { content, foreign }: ContentEvidence): readonly Check[] {
  if (foreign !== undefined) {
    const detail = `Evidence of ${foreign.format} is authentic at best: it fits no trust root and no policy of ours.`;
    return withoutAuthorization('foreign_payload', detail);
  }
  if (entry.ok && (content.status === 'pass' || content.code === 'unsupported')) {
    return withoutAuthorization(
      'not_an_approval',
      'Only an approval statement that this version can read is authorized.',
    );
  }
  if (content.status === 'skip' && content.code !== undefined)
    return withoutAuthorization(content.code, content.detail);
  return withoutAuthorization('premise_failed', 'A statement that is intact is needed.');
}

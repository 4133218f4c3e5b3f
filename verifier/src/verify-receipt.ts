/**
 * Verification of a receipt (formats.md §6 and §11): a pure function of the receipt and of what the verifier itself pins.
 *
 *     const report = await verifyReceipt(unverifiedReceipt, { logKeys: ['log.example.com/approvals+7a…+AQ…'], at: Date.now() });
 *     report.verdict     // 'authorized' | 'authentic' | 'refused' | 'incomplete' | 'invalid'
 *
 * Trust roots, approval policies and consumptions are not judged yet, so that 'authentic' is the best verdict.
 */
import { checkAuthorization, withoutAuthorization } from './authorization.ts';
import { utf8Encode } from './bytes.ts';
import type { Json } from './canonical-json.ts';
import { type ContentEvidence, checkContent } from './content.ts';
import { checkDisclosures, openContent } from './disclosures.ts';
import { type Entry, isTime, parseEntry } from './entry.ts';
import { approvalFacts, verifiedApprovalFacts } from './facts.ts';
import { checkLogEvidence, type LogEvidence, readLogProof } from './log-evidence.ts';
import type { LogPolicy } from './log-policy.ts';
import { pinLogs } from './pinned-logs.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { parseReceipt, type Receipt } from './receipt.ts';
import {
  CHECK_IDS,
  type Check,
  failed,
  passed,
  REPORT_TYPE,
  type Report,
  skipped,
  type VerifiedApprovalFacts,
  verdictOf,
} from './report.ts';
import { type Failure, ok, type Result } from './result.ts';
import { summarize } from './summary.ts';
import { formatTime } from './time.ts';

export type VerifyOptions = {
  /** The log's public keys, pinned by the verifier, as signed-note vkeys: `name+hash+key`. Without one: `incomplete`. */
  readonly logKeys?: readonly string[];
  /**
   * Which logs are accepted and which witnesses have to have cosigned: a C2SP tlog-policy, as text or from `parseLogPolicy`.
   * Without one no witness is asked for. With `logKeys` beside it only these of its logs are accepted; if it lists none, these.
   */
  readonly logPolicy?: string | LogPolicy;
  /** The action that the caller is about to run: an intent, parsed or as JSON text. Judged like other evidence. */
  readonly intent?: Json | Uint8Array;
  /** When, in milliseconds since the epoch, the approval is to count: for a gate, now. */
  readonly at?: number;
  readonly primitives?: Primitives;
};

/**
 * Never rejects for bad evidence, whatever the receipt is. Rejects with TypeError or RangeError on a bad option: a log key that
 * is no vkey, an `at` that is no time, a receipt that is neither bytes nor text.
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
  const { at, intent: unverifiedIntent, primitives = webCryptoPrimitives } = options;
  const pinnedLogs = pinLogs(options.logKeys, options.logPolicy);
  if (at !== undefined && !isTime(at)) throw new RangeError('at: not milliseconds since the epoch, up to year 9999');
  const receipt = parseReceipt(unverifiedReceipt);
  if (!receipt.ok) return reportUnreadable(receipt);

  const { proof, disclosures, trust, policy, consumption } = receipt.value;
  const entryBytes = utf8Encode(receipt.value.entry);
  const entry = parseEntry(entryBytes);
  const logProof = readLogProof(proof);
  // Both wait for signatures, which another thread verifies where there is one.
  const [log, content] = await Promise.all([
    checkLogEvidence(entryBytes, logProof, pinnedLogs, primitives),
    contentEvidence(entry, receipt.value, logProof.origin, primitives),
  ]);
  const evidence = [
    checkFrame(receipt.value, entry),
    checkEntry(entry),
    log.inclusion,
    log.checkpoint,
    log.witnesses,
    content.content,
    content.signatures,
  ];
  const logged = log.inclusion.status === 'pass' && log.checkpoint.status !== 'fail';
  const loggedAt = entry.ok && logged ? entry.value.loggedAt : undefined;
  const carried = { trust: trust !== undefined, policy: policy !== undefined, consumption: consumption !== undefined };
  const authorization =
    content.statement !== undefined
      ? checkAuthorization({ statement: content.statement, loggedAt, unverifiedIntent, at, carried }, primitives.sha256)
      : withoutStatement(entry, content.content);
  const approval = verifiedApprovalFacts(content, disclosures?.display);
  return {
    ...conclude([...evidence, ...authorization], approval),
    ...(approval === undefined ? unverifiedApproval(content) : { approval }),
    ...logFacts(log, entry),
  };
}

/** Verdict and summary follow from the checks alone. */
function conclude(checks: readonly Check[], approval?: VerifiedApprovalFacts): Report {
  const verdict = verdictOf(checks, approval?.decision);
  return { type: REPORT_TYPE, verdict, summary: summarize(verdict, checks, approval), checks };
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

function checkFrame({ disclosures }: Receipt, entry: Result<Entry>): Check {
  const disclosed = entry.ok ? checkDisclosures(entry.value, disclosures) : ok(undefined);
  return disclosed.ok
    ? passed('receipt', 'Its members are all there and of the right form.')
    : failed('receipt', disclosed);
}

function checkEntry(entry: Result<Entry>): Check {
  if (entry.ok) return passed('entry', `It is of kind ${entry.value.kind}, in its canonical form.`);
  return entry.code === 'unsupported' ? skipped('entry', 'unsupported', `${entry.detail}.`) : failed('entry', entry);
}

async function contentEvidence(
  entry: Result<Entry>,
  { disclosures, policy }: Receipt,
  origin: string | undefined,
  primitives: Primitives,
): Promise<ContentEvidence> {
  if (!entry.ok) {
    return entry.code === 'unsupported'
      ? unmade('unsupported', 'An entry of a type that this version knows is needed.')
      : unmade('premise_failed', 'An entry that can be read is needed.');
  }
  const opened = openContent(entry.value, disclosures, primitives.sha256);
  if ('unopened' in opened) return withoutContent(opened.unopened);
  const { kind } = entry.value;
  const reveal = 'content' in entry.value ? entry.value.reveal : undefined;
  const disclosed = {
    ...(disclosures?.intent && { intent: disclosures.intent }),
    ...(disclosures?.display !== undefined && { display: disclosures.display }),
    ...(policy && { policy }),
  };
  return checkContent(
    {
      kind,
      content: opened.content,
      disclosed,
      ...(reveal && { intent: reveal.intent }),
      ...(origin !== undefined && { origin }),
    },
    primitives,
  );
}

function unmade(code: 'unsupported' | 'premise_failed', detail: string): ContentEvidence {
  return { content: skipped('content', code, detail), signatures: skipped('signatures', code, detail) };
}

function withoutContent(content: Check): ContentEvidence {
  const { status, code = 'premise_failed', detail } = content;
  return status === 'skip'
    ? { content, signatures: skipped('signatures', code, detail) }
    : { content, signatures: skipped('signatures', 'premise_failed', 'The content that was sealed is needed first.') };
}

function withoutStatement(entry: Result<Entry>, content: Check): readonly Check[] {
  if (entry.ok && content.code === 'unsupported') {
    return withoutAuthorization(
      'not_an_approval',
      'Only an approval statement that this version can read is authorized.',
    );
  }
  if (content.status === 'skip' && content.code !== undefined)
    return withoutAuthorization(content.code, content.detail);
  return withoutAuthorization('premise_failed', 'A statement that is intact is needed.');
}

/**
 * Verification of a receipt (formats.md §6 and §11): a pure function of the receipt and of what the verifier itself pins.
 *
 *     const report = await verifyReceipt(unverifiedReceipt, { logKeys: ['log.example.com/approvals+7a…+AQ…'], at: Date.now() });
 *     report.verdict     // 'authorized' | 'authentic' | 'refused' | 'incomplete' | 'invalid'
 *
 * Trust roots, approval policies, consumptions and witnesses are not judged yet, so that 'authentic' is the best verdict.
 */
import { checkAuthorization, withoutAuthorization } from './authorization.ts';
import { utf8Encode } from './bytes.ts';
import type { Json } from './canonical-json.ts';
import { type ContentEvidence, checkContent } from './content.ts';
import { type Entry, isTime, parseEntry } from './entry.ts';
import { approvalFacts, verifiedApprovalFacts } from './facts.ts';
import { checkLogEvidence } from './log-evidence.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { parseReceipt, type Receipt } from './receipt.ts';
import { CHECK_IDS, type Check, failed, passed, REPORT_TYPE, type Report, skipped, verdictOf } from './report.ts';
import { fail, type Result } from './result.ts';
import { summarize } from './summary.ts';
import { formatTime } from './time.ts';
import { type NoteVerifier, parseVkey } from './vkey.ts';

export type VerifyOptions = {
  /** The log's public keys, pinned by the verifier, as signed-note vkeys: `name+hash+key`. Without one: `incomplete`. */
  readonly logKeys?: readonly string[];
  /** The action that the caller is about to run: an intent, parsed or as JSON text. Judged like other evidence. */
  readonly intent?: Json | Uint8Array;
  /** When, in milliseconds since the epoch, the approval is to count: for a gate, now. */
  readonly at?: number;
  readonly primitives?: Primitives;
};

/**
 * Never rejects for bad evidence, whatever the receipt is. Rejects with TypeError or RangeError on a bad option: a log key that
 * is no vkey, an `at` that is no time.
 *
 * @param unverifiedReceipt the receipt's JSON, as bytes or text.
 */
export async function verifyReceipt(
  unverifiedReceipt: Uint8Array | string,
  options: VerifyOptions = {},
): Promise<Report> {
  const { at, intent, primitives = webCryptoPrimitives } = options;
  const logKeys = (options.logKeys ?? []).map(readLogKey);
  if (at !== undefined && !isTime(at))
    throw new RangeError('at: not whole milliseconds since the epoch, up to the year 9999');
  const receipt = parseReceipt(unverifiedReceipt);
  if (!receipt.ok) return unreadableReceipt(receipt);

  const { entry: entryText, proof, disclosures = {}, trust, policy, consumption } = receipt.value;
  const entryBytes = utf8Encode(entryText);
  const entry = parseEntry(entryBytes);
  const {
    unverifiedOrigin: origin,
    unverifiedFacts,
    ...log
  } = await checkLogEvidence(entryBytes, proof, logKeys, primitives);
  const evidence = await contentEvidence(entry, receipt.value, origin, primitives);
  const carried = { trust: trust !== undefined, policy: policy !== undefined, consumption: consumption !== undefined };
  const authorization =
    entry.ok && evidence.statement !== undefined
      ? checkAuthorization(
          { statement: evidence.statement, loggedAt: entry.value.loggedAt, unverifiedIntent: intent, at, carried },
          primitives.sha256,
        )
      : withoutStatement(entry, evidence.content);

  const evidenceChecks = [
    checkFrame(receipt.value, entry),
    checkEntry(entry),
    log.inclusion,
    log.checkpoint,
    log.witnesses,
    evidence.content,
    evidence.signatures,
  ];
  const checks = [...evidenceChecks, ...authorization];
  const approval = verifiedApprovalFacts(evidence, disclosures.display);
  const unverifiedApproval = approval === undefined ? approvalFacts(evidence) : undefined;
  const verdict = verdictOf(checks, approval?.decision);
  const facts = unverifiedFacts && {
    ...unverifiedFacts,
    ...(entry.ok && { logged_at: formatTime(entry.value.loggedAt) }),
  };
  const logHolds = [checkEntry(entry), log.inclusion, log.checkpoint].every(({ status }) => status === 'pass');
  return {
    type: REPORT_TYPE,
    verdict,
    summary: summarize(verdict, checks, approval),
    checks,
    ...(approval && { approval }),
    ...(unverifiedApproval && { unverified_approval: unverifiedApproval }),
    ...(facts && (logHolds ? { log: facts } : { unverified_log: facts })),
  };
}

function readLogKey(vkey: string, index: number): NoteVerifier {
  const key = parseVkey(vkey);
  if (!key.ok) throw new TypeError(`logKeys[${index}]: ${key.detail}`);
  return key.value;
}

function unreadableReceipt(failure: Extract<Result<Receipt>, { ok: false }>): Report {
  const known = failure.code !== 'unsupported';
  const receipt = known ? failed('receipt', failure) : skipped('receipt', 'unsupported', `${failure.detail}.`);
  const detail = known
    ? 'A receipt that can be read is needed.'
    : 'A receipt of a type that this version knows is needed.';
  const others = CHECK_IDS.slice(1).map((id) => skipped(id, known ? 'premise_failed' : 'unsupported', detail));
  const checks = [receipt, ...others];
  const verdict = verdictOf(checks, undefined);
  return { type: REPORT_TYPE, verdict, summary: summarize(verdict, checks, undefined), checks };
}

/** Content and salt open a sealed entry. Beside an open one they could only differ from it, and mislead whoever reads them. */
function checkFrame({ disclosures }: Receipt, entry: Result<Entry>): Check {
  const opened = disclosures?.content !== undefined || disclosures?.salt !== undefined;
  if (opened && entry.ok && 'content' in entry.value) {
    return failed(
      'receipt',
      fail('bad_value', 'receipt.disclosures holds content or salt, and the entry is not sealed'),
    );
  }
  return passed('receipt', 'Its members are all there and of the right form.');
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
  if (!('content' in entry.value)) {
    return unmade('sealed', 'The entry holds a commitment only, and opening one comes in a later version.');
  }
  const { kind, content, reveal } = entry.value;
  const disclosed = {
    ...(disclosures?.intent && { intent: disclosures.intent }),
    ...(disclosures?.display !== undefined && { display: disclosures.display }),
    ...(policy && { policy }),
  };
  return checkContent(
    { kind, content, disclosed, ...(reveal && { intent: reveal.intent }), ...(origin !== undefined && { origin }) },
    primitives,
  );
}

function unmade(code: 'unsupported' | 'premise_failed' | 'sealed', detail: string): ContentEvidence {
  return { content: skipped('content', code, detail), signatures: skipped('signatures', code, detail) };
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

import {
  type Disclosures,
  type Entry,
  EVIDENCE_CHECK_IDS,
  openReceipt,
  parseEntry,
  parseReceipt,
  type Report,
  utf8Encode,
  verifyReceipt,
} from '@assent/verifier';
import { AnswerRefused } from './errors.ts';

/**
 * Whom the caller believes, pinned on its own side: the log's keys, or a C2SP tlog-policy that also says which witnesses have
 * to have seen an entry. What the log says of itself at `/api/v1/log` pins nothing.
 */
export type Trust = { readonly logKeys: readonly string[] } | { readonly logPolicy: string };

/** A receipt whose every piece of evidence was checked. */
export type VerifiedReceipt = {
  readonly index: number;
  /** The receipt's JSON text, to be kept and handed on. */
  readonly receipt: string;
  readonly report: Report;
  /** Whether the quorum of the pinned policy has cosigned; true without one, as nobody asked for any. */
  readonly witnessed: boolean;
};

export type Expectation = {
  /** Where the entry has to be what the caller sent. */
  readonly holds?: (entry: Entry) => boolean;
  /** With which a sealed entry is opened. */
  readonly disclosures?: Disclosures;
  /** A sealed entry may stay closed: then its place in the log is proven, and nothing of what it holds. */
  readonly closedAllowed?: boolean;
};

/** Verifies a receipt from the log. Throws AnswerRefused unless all evidence holds, but for witnesses who may still be to come. */
export async function verified(
  unverifiedReceipt: string,
  trust: Trust,
  expectation: Expectation,
): Promise<VerifiedReceipt> {
  const receipt = opened(unverifiedReceipt, expectation.disclosures);
  const report = await verifyReceipt(receipt, trust);
  const refuse = (why: string): never => {
    throw new AnswerRefused(`the log answered with a receipt that must not be used: ${why}`, {
      unverifiedReceipt,
      report,
    });
  };
  const entry = entryOf(receipt);
  const closed = entry !== undefined && 'sealed' in entry && expectation.disclosures === undefined;
  for (const check of report.checks) {
    if (check.status === 'pass' || !EVIDENCE_CHECK_IDS.includes(check.id)) continue;
    const open = check.id === 'content' || check.id === 'signatures';
    const allowed = check.id === 'witnesses' || (open && closed && expectation.closedAllowed === true);
    if (check.status === 'fail' || !allowed) refuse(`${check.title}: ${check.detail}`);
  }
  if (entry === undefined || report.log === undefined) return refuse(report.summary);
  if (expectation.holds?.(entry) === false) refuse('it is the receipt of another entry than what was sent');
  const witnessed = report.checks.some(({ id, status }) => id === 'witnesses' && status === 'pass');
  return { index: report.log.index, receipt, report, witnessed };
}

function opened(receipt: string, disclosures: Disclosures | undefined): string {
  if (disclosures === undefined) return receipt;
  const result = openReceipt(receipt, disclosures);
  if (result.ok) return result.value;
  throw new AnswerRefused(`the log answered with a receipt that must not be used: ${result.detail}`, {
    unverifiedReceipt: receipt,
  });
}

function entryOf(text: string): Entry | undefined {
  const receipt = parseReceipt(text);
  const entry = receipt.ok ? parseEntry(utf8Encode(receipt.value.entry)) : receipt;
  return entry.ok ? entry.value : undefined;
}

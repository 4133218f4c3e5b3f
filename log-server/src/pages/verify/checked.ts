import {
  attachConsumption,
  parseReceipt,
  type Receipt,
  type Report,
  type VerifyOptions,
  verifyReceipt,
} from '@assent/verifier';
import { askLog, searchLog } from '../shared/served-log.ts';
import type { Use } from '../shared/timeline-view.ts';

/** A receipt to be checked, and what to call it. */
export type Asked = {
  readonly receipt: string | Uint8Array;
  readonly name: string;
  /** The log that serves this page handed it out, and so may be asked about it. */
  readonly fromLog?: boolean;
  /** Of the example alone, which is checked with a key of its own. */
  readonly options?: Pick<VerifyOptions, 'logKeys'>;
};

export type Checked = {
  readonly asked: Asked;
  readonly report: Report;
  /** Undefined where its frame could not be read. */
  readonly receipt: Receipt | undefined;
  readonly use: Use;
  /** What it was checked with. */
  readonly options: VerifyOptions;
  /** It is signed with a key that the log says it has replaced, and that counts for it. */
  readonly isRetired?: boolean;
  /** It is signed with such a key, which the log vouches for, and the reader, who pinned the log's keys of now, does not. */
  readonly needsOldKey?: boolean;
  /** Why such a key does not count, in place of what the checks say of it. */
  readonly doubt?: string;
};

/** @param useOptions for the receipt of its use: a key that counts for one head does not count for another */
export async function checkReceipt(asked: Asked, options: VerifyOptions, useOptions = options): Promise<Checked> {
  const report = await verifyReceipt(asked.receipt, options);
  const frame = parseReceipt(asked.receipt);
  const receipt = frame.ok ? frame.value : undefined;
  return { asked, report, receipt, options, use: await useOf(report, receipt, useOptions) };
}

/** By the receipt of its use, judged as any other: that it comes along proves nothing, nor that a key signed which may not use it. */
async function useOf({ approval, log }: Report, receipt: Receipt | undefined, options: VerifyOptions): Promise<Use> {
  if (receipt?.consumption === undefined || approval?.use === 'multiple') return { kind: 'unknown' };
  const { logKeys, logPolicy } = options;
  const logs = { ...(logKeys && { logKeys }), ...(logPolicy !== undefined && { logPolicy }) };
  const used = await verifyReceipt(JSON.stringify(receipt.consumption), logs);
  const { consumption, log: place } = used;
  const holds =
    used.verdict === 'authentic' &&
    consumption?.approval === approval?.statement_digest &&
    consumption?.intent === approval?.intent_digest &&
    approval?.boundaries?.includes(consumption?.keyid ?? '') === true &&
    place?.origin === log?.origin &&
    (place?.index ?? 0) > (log?.index ?? 0) &&
    // As `checkUse` has it: a log that signed two trees of one size may hold another use in the other one.
    (place?.size !== log?.size || place?.root === log?.root);
  return holds && consumption !== undefined && place?.logged_at !== undefined
    ? { kind: 'used', at: place.logged_at, boundary: consumption.boundary }
    : { kind: 'claimed' };
}

/**
 * For a receipt that this log handed out: the same with the receipt of its use, if the log has one. It was asked for this
 * entry already, so this tells it nothing; a receipt that was dropped stays here.
 */
export async function withUse(checked: Checked, options: VerifyOptions): Promise<Checked> {
  const { asked, report, use } = checked;
  const { approval } = report;
  if (
    asked.fromLog !== true ||
    use.kind !== 'unknown' ||
    approval?.decision !== 'approved' ||
    approval.use !== 'single'
  ) {
    return checked;
  }
  const found = await consumptionReceipt(approval.statement_digest);
  if (found === undefined) return checked;
  if (found === 'none') return { ...checked, use: { kind: 'unused' } };
  const attached = attachConsumption(asked.receipt, found);
  return attached.ok ? checkReceipt({ ...asked, receipt: attached.value }, options) : checked;
}

/** `none` if this log lists no use of it; undefined if it did not answer. */
async function consumptionReceipt(statementDigest: string): Promise<string | 'none' | undefined> {
  const entries = await searchLog(`approval=${encodeURIComponent(statementDigest)}&kind=consumption&limit=1`);
  if (entries === undefined) return undefined;
  const [entry] = entries;
  if (entry === undefined) return 'none';
  const index = typeof entry === 'object' && entry !== null && 'index' in entry ? entry.index : undefined;
  const receipt = Number.isSafeInteger(index) ? await askLog(`/api/v1/receipts/${index}`) : undefined;
  return receipt === undefined ? undefined : JSON.stringify(receipt);
}

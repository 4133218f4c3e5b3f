/**
 * A receipt with and without what it discloses (formats.md §6). The log hands out receipts of sealed entries closed; whoever
 * had the entry logged opens a copy for whom it may concern.
 */
import { utf8Encode } from './bytes.ts';
import { checkDisclosures, openContent } from './disclosures.ts';
import { named } from './document.ts';
import { parseEntry } from './entry.ts';
import { type Disclosures, parseReceipt, type Receipt, readConsumptionReceipt } from './receipt.ts';
import { fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';

/**
 * The receipt's JSON text with these disclosures, which replace those of the same name: content and salt for a sealed entry,
 * and for any entry the intent and the text that was shown. Fails with the codes of `parseReceipt` and `parseEntry`, with
 * `missing_member` or `bad_value` where such an entry can't be opened so, with `commitment_mismatch` if content and salt are
 * not what was sealed. Signatures, intent and text are for `verifyReceipt` to judge.
 */
export function openReceipt(
  receipt: Uint8Array | string,
  disclosures: Disclosures,
  hash: Sha256 = sha256,
): Result<string> {
  const closed = parseReceipt(receipt);
  if (!closed.ok) return closed;
  const text = JSON.stringify({ ...closed.value, disclosures: { ...closed.value.disclosures, ...disclosures } });
  // What the caller handed in passes the same reader as what a stranger sends.
  const opened = parseReceipt(text);
  if (!opened.ok) return opened;
  const entry = parseEntry(utf8Encode(opened.value.entry));
  if (!entry.ok) return entry;
  const allowed = checkDisclosures(entry.value, opened.value.disclosures);
  if (!allowed.ok) return allowed;
  const content = openContent(entry.value, opened.value.disclosures, hash);
  if ('content' in content) return ok(text);
  const { code = 'sealed', detail } = content.unopened;
  return fail(code, detail);
}

/**
 * The receipt's JSON text with the receipt of its consumption, for the check `use`, in the place of one that is there. Fails with the codes of
 * `parseReceipt`, and with `unknown_member` for a consumption's receipt that holds another one. What it says is for
 * `verifyReceipt` to judge.
 */
export function attachConsumption(receipt: Uint8Array | string, consumption: Uint8Array | string): Result<string> {
  const approval = parseReceipt(receipt);
  if (!approval.ok) return approval;
  const consumed = parseReceipt(consumption);
  if (!consumed.ok) return named('consumption: ', consumed);
  const text = JSON.stringify({ ...approval.value, consumption: consumed.value });
  const attached = parseReceipt(text);
  if (!attached.ok) return attached;
  const inner = readConsumptionReceipt(attached.value.consumption ?? {});
  return inner.ok ? ok(text) : inner;
}

/** The receipt's JSON text without any disclosure: all that the log knows in public. Fails with the codes of `parseReceipt`. */
export function closeReceipt(receipt: Uint8Array | string): Result<string> {
  const opened = parseReceipt(receipt);
  if (!opened.ok) return opened;
  const { disclosures: _, ...closed }: Receipt = opened.value;
  return ok(JSON.stringify(closed));
}

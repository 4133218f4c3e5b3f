/**
 * Receipts (formats.md §6), files `*.receipt.json`: what the log hands out, and all that a verifier needs beside its own
 * pinned keys.
 *
 *     { "type": "assent/receipt/v1",
 *       "entry": "<the entry's bytes as a JSON string>",
 *       "proof": "c2sp.org/tlog-proof@v1\nindex 7\n…\n\n<checkpoint>",       // verbatim
 *       "disclosures": { "intent": {…}, "content": {…}, "salt": b64, "display": "…" },      // each optional
 *       "trust": […], "policy": {…}, "consumption": {…} }                    // each optional
 *
 * The receipt's own JSON need not be canonical, because nothing hashes it; it is strict all the same. Nothing in it is
 * authority: what it carries is compared with what was signed.
 */
import { utf8Decode } from './bytes.ts';
import type { JsonObject } from './canonical-json.ts';
import { arrayOf, documentType, jsonObject, named, object, optional, string } from './document.ts';
import { parseJson } from './json.ts';
import { fail, ok, type Result } from './result.ts';
import { saltText } from './sealed.ts';

export const RECEIPT_TYPE = 'assent/receipt/v1';
export const MAX_RECEIPT_BYTES = 16 * 1024 * 1024;
const RECEIPT_DEPTH = 64;

export type Disclosures = {
  readonly intent?: JsonObject;
  /** With `salt` (base64 of 32 bytes) opens a sealed entry. */
  readonly content?: JsonObject;
  readonly salt?: string;
  /** The text that was shown. */
  readonly display?: string;
};

export type Receipt = {
  readonly type: typeof RECEIPT_TYPE;
  /** The entry's bytes, as text. */
  readonly entry: string;
  /** A tlog-proof, verbatim. */
  readonly proof: string;
  readonly disclosures?: Disclosures;
  readonly trust?: readonly JsonObject[];
  readonly policy?: JsonObject;
  readonly consumption?: JsonObject;
};

const receiptMembers = object({
  type: documentType(RECEIPT_TYPE),
  entry: string,
  proof: string,
  disclosures: optional(
    object({
      intent: optional(jsonObject),
      content: optional(jsonObject),
      salt: optional(saltText),
      display: optional(string),
    }),
  ),
  trust: optional(arrayOf(jsonObject)),
  policy: optional(jsonObject),
  consumption: optional(jsonObject),
});

/**
 * Reads the frame alone: entry, proof and what is disclosed are judged elsewhere. Fails with the codes of {@link parseJson}
 * (`too_large` beyond 16 MiB) and of members; `unsupported` for another type.
 */
export function parseReceipt(receipt: Uint8Array | string): Result<Receipt> {
  const value = parseJson(receipt, { maxBytes: MAX_RECEIPT_BYTES, maxDepth: RECEIPT_DEPTH });
  return value.ok ? named('receipt', receiptMembers(value.value)) : named('receipt: ', value);
}

/** The same of the receipt of a consumption, which stands in another one and can't hold one itself. */
export function readConsumptionReceipt(value: JsonObject): Result<Receipt> {
  const receipt = named('receipt', receiptMembers(value));
  if (!receipt.ok || receipt.value.consumption === undefined) return receipt;
  return fail('unknown_member', 'receipt.consumption stands in the receipt of a consumption');
}

/**
 * The receipt's JSON text. Throws TypeError if the entry's bytes are no text, which no entry's are.
 *
 * @param proof from `formatTlogProof`.
 */
export function formatReceipt({
  entry,
  proof,
  disclosures,
  trust,
  policy,
  consumption,
}: Pick<Receipt, 'proof' | 'disclosures' | 'trust' | 'policy' | 'consumption'> & {
  readonly entry: Uint8Array | string;
}): string {
  const entryText = typeof entry === 'string' ? ok(entry) : utf8Decode(entry);
  if (!entryText.ok) throw new TypeError('entry: not the bytes of an entry');
  return JSON.stringify({ type: RECEIPT_TYPE, entry: entryText.value, proof, disclosures, trust, policy, consumption });
}

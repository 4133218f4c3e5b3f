import { formatReceipt, formatTlogProof } from '@assent/verifier';
import { toBase64 } from './to-base64.ts';

/** What a receipt is made of (formats.md §6). */
export type ReceiptParts = {
  readonly index: number;
  readonly entry: Uint8Array;
  /** Of the inclusion proof: {@link proofLines}. */
  readonly lines: string;
  readonly checkpoint: string;
};

/** What stands around entry and proof: `formatReceipt` around two empty texts. */
const [BEFORE_ENTRY, BEFORE_PROOF, AFTER_PROOF] = formatReceipt({ entry: '', proof: '' }).split('""');
/** What stands in front of a proof's index, as it is written in JSON. */
const BEFORE_INDEX = JSON.stringify(formatTlogProof({ index: 0, proof: [], checkpoint: 'x' })).split('0')[0]!;
const LINE_FEED = '\\n';

/**
 * A receipt, the same as `formatReceipt` gives, each byte of its UTF-8 as a character: text for `latin1`.
 *
 * A checkpoint has a dash that is not in Latin-1, so that text takes two bytes a character, and to put it together, measure
 * and encode it was a tenth of what a receipt cost. JSON escapes nothing beyond ASCII. Nor has it anything to escape in base64
 * or in a checkpoint that it has escaped before, so only the entry goes through it, which halves the rest. The entry must
 * be one that the log took, whose bytes are text.
 */
export function receiptText({ index, entry, lines, checkpoint }: ReceiptParts): string {
  const entryText = JSON.stringify(Buffer.from(entry.buffer, entry.byteOffset, entry.length).toString('latin1'));
  const proof = BEFORE_INDEX + index + LINE_FEED + lines + LINE_FEED;
  return BEFORE_ENTRY + entryText + BEFORE_PROOF + proof + endInJson(checkpoint) + AFTER_PROOF;
}

/** The hashes of a proof as they stand in a receipt. */
export function proofLines(proof: readonly Uint8Array[]): string {
  let lines = '';
  for (const hash of proof) lines += toBase64(hash) + LINE_FEED;
  return lines;
}

/** Most receipts are against the newest checkpoint, or the one that covers many entries. */
let last = { checkpoint: '', text: '' };

/** With the quotation mark after it. */
function endInJson(checkpoint: string): string {
  if (last.checkpoint !== checkpoint) {
    last = { checkpoint, text: JSON.stringify(Buffer.from(checkpoint).toString('latin1')).slice(1) };
  }
  return last.text;
}

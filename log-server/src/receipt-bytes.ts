import { formatReceipt, formatTlogProof } from '@assent/verifier';

/** What a receipt is made of (formats.md §6). */
export type ReceiptParts = {
  readonly index: number;
  readonly entry: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: string;
};

/**
 * A receipt's bytes, the same as those of `formatReceipt`'s text.
 *
 * A checkpoint has a dash that is not in Latin-1, so that text takes two bytes a character, and to put it together, measure
 * and encode it was a tenth of what a receipt cost. Here each byte of UTF-8 is a character, until the end: JSON escapes nothing
 * beyond ASCII. The entry must be one that the log took, whose bytes are text.
 */
export function receiptBytes({ index, entry, proof, checkpoint }: ReceiptParts): Uint8Array {
  const text = formatReceipt({
    entry: Buffer.from(entry.buffer, entry.byteOffset, entry.length).toString('latin1'),
    proof: formatTlogProof({ index, proof, checkpoint: bytesAsText(checkpoint) }),
  });
  return Buffer.from(text, 'latin1');
}

/** Most receipts are against the newest checkpoint, or the one that covers many entries. */
let last = { text: '', bytes: '' };

function bytesAsText(text: string): string {
  if (last.text !== text) last = { text, bytes: Buffer.from(text).toString('latin1') };
  return last.bytes;
}

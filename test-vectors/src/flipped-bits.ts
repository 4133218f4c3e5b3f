/** What becomes of a good record when single bits of it are flipped, or when it is cut short. */
import { rememberingPrimitives } from '@assent/test-support/remembered-signatures';
import { type Report, verifyReceipt } from '@assent/verifier';
import type { GoodRecord } from './records.ts';

const primitives = rememberingPrimitives();

export function verify({ pins }: GoodRecord, receipt: Uint8Array | string): Promise<Report> {
  return verifyReceipt(receipt, { ...pins, primitives });
}

/**
 * Flips every `step`-th bit, one at a time; gives those that changed nothing about the verdict. Entry, proof, cosignatures, disclosures,
 * carried trust root and policy, consumption: all of the text is there.
 */
export async function unnoticedBits(record: GoodRecord, step: number, first = 0): Promise<readonly number[]> {
  const bytes = new TextEncoder().encode(record.receipt);
  const unnoticed: number[] = [];
  for (let bit = first; bit < 8 * bytes.length; bit += step) {
    const flipped = bytes.slice();
    flipped[Math.floor(bit / 8)]! ^= 2 ** (bit % 8);
    const { verdict } = await verify(record, flipped);
    if (verdict === 'authorized' || verdict === record.verdict) unnoticed.push(bit);
  }
  return unnoticed;
}

/** The lengths, at every `step`, at which what is left of a record is not invalid. */
export async function acceptedPrefixes(record: GoodRecord, step: number): Promise<readonly number[]> {
  const bytes = new TextEncoder().encode(record.receipt);
  const accepted: number[] = [];
  for (let length = 0; length < bytes.length; length += step) {
    const { verdict } = await verify(record, bytes.subarray(0, length));
    if (verdict !== 'invalid') accepted.push(length);
  }
  return accepted;
}

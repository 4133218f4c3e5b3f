/**
 * What an audit remembers of approvals that can be consumed and of consumptions, to bring the two together at the end: records of
 * a fixed size, on disk.
 *
 *     fit (16) ‖ approval (8) ‖ index (6) ‖ time (6)       an approval's time is when it expires, a consumption's when it was logged
 *
 * `fit` is a hash over statement, intent and boundary key. Equal ones mean that the consumption is of this approval, for its
 * intent, by one of its boundaries, all at once. It is cut to 16 bytes and salted with 32 that nobody else knows, so that no log
 * can look for collisions beforehand: else a bad consumption could be made to fit.
 */
import { utf8Encode } from '@assent/verifier';
import { nativeSha256 } from './native-primitives.ts';

export const FIT_SIZE = 16;
export const APPROVAL_AT = FIT_SIZE;
export const RECORD_SIZE = FIT_SIZE + 8 + 6 + 6;
export const SALT_SIZE = 32;

const INDEX_AT = APPROVAL_AT + 8;
const TIME_AT = INDEX_AT + 6;

export type ConsumptionRecord = {
  /** The key of the approval's statement. */
  readonly approval: Uint8Array;
  readonly fit: Uint8Array;
  readonly index: number;
  /** Milliseconds. */
  readonly time: number;
};

/** Digests and keyid as `sha256:<hex>`. */
export function fitOf(salt: Uint8Array, approval: string, intent: string, keyid: string): Uint8Array {
  return nativeSha256(Buffer.concat([salt, utf8Encode(`${approval} ${intent} ${keyid}`)])).subarray(0, FIT_SIZE);
}

export function formatRecord({ fit, approval, index, time }: ConsumptionRecord): Uint8Array {
  const record = Buffer.alloc(RECORD_SIZE);
  record.set(fit, 0);
  record.set(approval, APPROVAL_AT);
  record.writeUIntBE(index, INDEX_AT, 6);
  record.writeUIntBE(time, TIME_AT, 6);
  return record;
}

/** @param at where it begins */
export function readRecord(records: Uint8Array, at: number): ConsumptionRecord {
  const record = Buffer.from(records.buffer, records.byteOffset + at, RECORD_SIZE);
  return {
    fit: record.subarray(0, FIT_SIZE),
    approval: record.subarray(APPROVAL_AT, INDEX_AT),
    index: record.readUIntBE(INDEX_AT, 6),
    time: record.readUIntBE(TIME_AT, 6),
  };
}

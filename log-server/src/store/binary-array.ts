/**
 * One-dimensional arrays in PostgreSQL's binary wire form (`array_recv` in src/backend/utils/adt/arrayfuncs.c): number of
 * dimensions, whether there are nulls, the element type's OID, length, lower bound; then each element with its length in
 * front, or −1 for a null. pg sends a Buffer as a binary parameter, and everything else as text: a text array is quoted
 * here and parsed there, element by element.
 */

const BOOL_OID = 16;
const INT8_OID = 20;
const INT4_OID = 23;
const HEADER = 20;

/** `int8[]` of the first 8 bytes of each digest, as `prefix8` reads them: bytes on the wire are big-endian already. */
export function prefixArray(digests: readonly Uint8Array[]): Buffer {
  const array = begin(INT8_OID, digests.length, digests.length * 12);
  let at = HEADER;
  for (const digest of digests) {
    at = array.writeInt32BE(8, at);
    array.set(digest.subarray(0, 8), at);
    at += 8;
  }
  return array;
}

/** `int8[]` of numbers that are safe integers. */
export function int8Array(values: readonly number[]): Buffer {
  const array = begin(INT8_OID, values.length, values.length * 12);
  let at = HEADER;
  for (const value of values) at = array.writeBigInt64BE(BigInt(value), array.writeInt32BE(8, at));
  return array;
}

export function boolArray(values: readonly boolean[]): Buffer {
  const array = begin(BOOL_OID, values.length, values.length * 5);
  let at = HEADER;
  for (const value of values) at = array.writeUInt8(Number(value), array.writeInt32BE(1, at));
  return array;
}

/** `int4[]`, in which null stands for null. Throws RangeError for a number that is none. */
export function int4Array(values: readonly (number | null)[]): Buffer {
  const nulls = values.filter((value) => value === null).length;
  const array = begin(INT4_OID, values.length, values.length * 8 - nulls * 4, nulls > 0);
  let at = HEADER;
  for (const value of values) {
    at = value === null ? array.writeInt32BE(-1, at) : array.writeInt32BE(value, array.writeInt32BE(4, at));
  }
  return array;
}

function begin(oid: number, count: number, bytes: number, hasNulls = false): Buffer {
  const array = Buffer.allocUnsafe(HEADER + bytes);
  array.writeInt32BE(count === 0 ? 0 : 1, 0);
  array.writeInt32BE(hasNulls ? 1 : 0, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  // An array without elements has no dimension, so neither a length nor a bound.
  return count === 0 ? array.subarray(0, 12) : array;
}

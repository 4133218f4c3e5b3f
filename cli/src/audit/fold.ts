import { HASH_SIZE } from '@assent/verifier';
import { writeSha256 } from './native-primitives.ts';

const input = Buffer.alloc(1 + 2 * HASH_SIZE, 1);

/** The root of a perfect tree over 2^height hashes (RFC 6962 §2.1), folded in place of a copy. Throws RangeError for another number. */
export function foldPerfect(hashes: Uint8Array, height: number): Uint8Array {
  if (hashes.length !== HASH_SIZE * 2 ** height) throw new RangeError('hashes: not 2^height of them');
  const row = Uint8Array.from(hashes);
  for (let width = row.length; width > HASH_SIZE; width /= 2) {
    for (let at = 0; at < width; at += 2 * HASH_SIZE) {
      input.set(row.subarray(at, at + 2 * HASH_SIZE), 1);
      writeSha256(input, row, at / 2);
    }
  }
  return row.slice(0, HASH_SIZE);
}

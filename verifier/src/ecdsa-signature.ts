/**
 * ECDSA signatures on P-256: DER `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 §2.2.3, X.690 §8.3 and §10.1) to r ‖ s
 * (IEEE P1363), the one form that WebCrypto takes. It is our parser, therefore, that meets every encoding trick.
 *
 * Exactly one encoding is accepted for a pair (r, s). The pair itself has a twin, (r, n − s): "high S" is valid, as
 * authenticators produce it, so a signature's bytes identify nothing.
 */
import { fail, ok, type Result } from './result.ts';

/** The order n of P-256's base point (SEC 2 §2.4.2), big-endian. */
const ORDER = Uint8Array.from(
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
);

/** @returns r ‖ s, 64 bytes, each in 1…n−1; or `signature_malformed`. */
export function ecdsaDerToP1363(der: Uint8Array): Result<Uint8Array> {
  // Every length is a single byte: two integers of at most 33 bytes stay below 128, where DER's long form begins.
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return malformed('not a DER sequence');
  const rEnd = 4 + (der[3] ?? 0);
  const p1363 = new Uint8Array(64);
  return readInteger(der, 2, rEnd, p1363, 0) && readInteger(der, rEnd, der.length, p1363, 32)
    ? ok(p1363)
    : malformed('r or s is not a DER integer in 1…n−1');
}

/** `02 length content`, from `start` to `end` and nothing else; into 32 bytes of `out`, left-padded. False for what is none of ours. */
function readInteger(der: Uint8Array, start: number, end: number, out: Uint8Array, at: number): boolean {
  const [first, second] = [der[start + 2], der[start + 3]];
  const length = end - start - 2;
  if (der[start] !== 0x02 || der[start + 1] !== length || length === 0 || end > der.length) return false;
  if (first === undefined || first >= 0x80) return false; // negative
  if (first === 0 && (length === 1 || second === undefined || second < 0x80)) return false; // zero, or padded without need
  const from = first === 0 ? start + 3 : start + 2;
  if (end - from > 32) return false;
  for (let i = from; i < end; i++) out[at + 32 - end + i] = der[i]!;
  for (let i = 0; i < 32; i++) {
    const difference = out[at + i]! - ORDER[i]!;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function malformed(detail: string): Result<Uint8Array> {
  return fail('signature_malformed', `ECDSA signature: ${detail}`);
}

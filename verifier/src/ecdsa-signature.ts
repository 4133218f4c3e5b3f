/**
 * ECDSA signatures on P-256: DER `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 §2.2.3, X.690 §8.3 and §10.1) to r ‖ s
 * (IEEE P1363), the one form that WebCrypto takes. It is our parser, therefore, that meets every encoding trick.
 *
 * Exactly one encoding is accepted for a pair (r, s). The pair itself has a twin, (r, n − s): "high S" is valid, as
 * authenticators produce it, so a signature's bytes identify nothing.
 */
import { compareBytes } from './bytes.ts';
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
  const r = readInteger(der.subarray(2, rEnd));
  const s = readInteger(der.subarray(rEnd));
  if (r === undefined || s === undefined) return malformed('r or s is not a DER integer in 1…n−1');
  const p1363 = new Uint8Array(64);
  p1363.set(r, 0);
  p1363.set(s, 32);
  return ok(p1363);
}

/** `02 length content`, with nothing before or after it; 32 bytes, left-padded. */
function readInteger(tlv: Uint8Array): Uint8Array | undefined {
  const content = tlv.subarray(2);
  const [first, second] = content;
  if (tlv[0] !== 0x02 || tlv[1] !== content.length || first === undefined) return undefined;
  if (first >= 0x80) return undefined; // negative
  if (first === 0 && (second === undefined || second < 0x80)) return undefined; // zero, or padded without need
  const magnitude = first === 0 ? content.subarray(1) : content;
  if (magnitude.length > 32) return undefined;
  const integer = new Uint8Array(32);
  integer.set(magnitude, 32 - magnitude.length);
  return compareBytes(integer, ORDER) < 0 ? integer : undefined;
}

function malformed(detail: string): Result<Uint8Array> {
  return fail('signature_malformed', `ECDSA signature: ${detail}`);
}

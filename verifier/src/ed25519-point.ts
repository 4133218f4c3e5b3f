/**
 * Strictness for Ed25519 that implementations leave to one another: RFC 8032 §5.1.3 (decoding) and §5.1.7 (S < L), and
 * the refusal of points of small order.
 *
 * OpenSSL (so Node's WebCrypto), BoringSSL and @noble/curves disagree about keys and R of small order and about
 * non-canonical encodings. With such a key one signature fits many messages, so "who signed what" loses its meaning.
 * We refuse these encodings before any implementation sees them; then all that are behind a WebCrypto, and node:crypto, answer alike.
 *
 * Points of mixed order, with a part of small order, are not refused: telling them takes a scalar multiplication. RFC 8032 §5.1.7
 * lets verifiers multiply by the cofactor or not. OpenSSL, BoringSSL and Go don't; @noble/ed25519 does, and takes a few signatures more,
 * which only the holder of the secret key can make. Three vectors hold the answer of those who don't.
 *
 * A y without a matching x (no point of the curve at all) is left to the verification, which fails: finding out
 * costs a field exponentiation, several times the price of the native verification itself.
 */
import { equalBytes } from './bytes.ts';

/**
 * The y coordinates of the eight points of small order, little-endian, sign bit clear. With both signs, and with the
 * non-canonical p and p + 1 (refused as not below p), these are the 14 encodings.
 */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  littleEndian('0000000000000000000000000000000000000000000000000000000000000000'), // order 4
  littleEndian('0000000000000000000000000000000000000000000000000000000000000001'), // order 1: the neutral element
  littleEndian('7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec'), // order 2: p − 1
  littleEndian('05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826'), // order 8
  littleEndian('7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7'), // order 8: p − the one above
];

/** p = 2^255 − 19 */
const FIELD_PRIME = littleEndian('7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed');

/** L = 2^252 + 27742317777372353535851937790883648493, the order of the base point. */
const GROUP_ORDER = littleEndian('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed');

/** Whether 32 bytes are an encoding that a key or the R of a signature may have. */
export function isStrictPoint(encoded: Uint8Array): boolean {
  if (encoded.length !== 32) return false;
  const y = new Uint8Array(encoded);
  y[31] = y[31]! & 0x7f;
  return isBelow(y, FIELD_PRIME) && !SMALL_ORDER_Y.some((small) => equalBytes(small, y));
}

/** Whether a 64-byte signature R ‖ S has S < L (else S + L would sign the same) and a strict R. */
export function isStrictSignature(signature: Uint8Array): boolean {
  return (
    signature.length === 64 && isBelow(signature.subarray(32), GROUP_ORDER) && isStrictPoint(signature.subarray(0, 32))
  );
}

function isBelow(value: Uint8Array, limit: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    if (value[i] !== limit[i]) return value[i]! < limit[i]!;
  }
  return false;
}

function littleEndian(hex: string): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++) bytes[31 - i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

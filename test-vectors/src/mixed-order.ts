/**
 * Ed25519 signatures in which a point has a part of small order: the one place where verifiers that are all right disagree. RFC 8032
 * §5.1.7 lets them multiply the equation by the cofactor 8, which makes such a part vanish, and lets them leave that out.
 * OpenSSL, BoringSSL and Go leave it out, so every WebCrypto does; @noble/ed25519 multiplies. Whoever verifies as we do refuses
 * what holds only with the cofactor. Only who has the secret key can make any of these, so nothing is forged.
 */
import { createHash } from 'node:crypto';
import { concatBytes, hexDecode } from '@assent/verifier';
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js';
import { seeded } from './keys.ts';

const { Point } = ed25519;
const L = Point.Fn.ORDER;
/** Of order 8. */
const SMALL = Point.fromHex(ED25519_TORSION_SUBGROUP[1]!);
const SECRET = littleEndian(seeded('mixed order')) % L;

export type MixedOrderSignature = { readonly publicKey: Uint8Array; readonly signature: Uint8Array };

/** By a key of mixed order, A = a·B + T; `holds`: without the cofactor too, as one challenge in eight is a multiple of 8. */
export function byMixedKey(message: Uint8Array, holds: boolean): MixedOrderSignature {
  const publicKey = Point.BASE.multiply(SECRET).add(SMALL).toBytes();
  for (let nonce = 1n; ; nonce++) {
    const made = signed(publicKey, Point.BASE.multiply(nonce).toBytes(), nonce, message);
    if ((made.challenge % 8n === 0n) === holds) return made;
  }
}

/** By an ordinary key, with R = r·B + T: it holds with the cofactor alone. */
export function withMixedR(message: Uint8Array): MixedOrderSignature {
  const publicKey = Point.BASE.multiply(SECRET).toBytes();
  return signed(publicKey, Point.BASE.add(SMALL).toBytes(), 1n, message);
}

/** S = r + h·a with h = SHA-512(R ‖ A ‖ M), RFC 8032 §5.1.6. */
function signed(
  publicKey: Uint8Array,
  r: Uint8Array,
  nonce: bigint,
  message: Uint8Array,
): MixedOrderSignature & { readonly challenge: bigint } {
  const hash = createHash('sha512')
    .update(concatBytes(r, publicKey, message))
    .digest();
  const challenge = littleEndian(hash) % L;
  const s = ((nonce + challenge * SECRET) % L).toString(16).padStart(64, '0');
  const scalar = hexDecode(s);
  if (!scalar.ok) throw new TypeError('s: not 32 bytes');
  return { publicKey, signature: concatBytes(r, scalar.value.reverse()), challenge };
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

/**
 * One door for every signature that is not inside a note: its structure first, by our own rules, then the mathematics.
 * Ed25519 (RFC 8032 §5.1.7, strict), ECDSA P-256 with SHA-256 (DER), RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2),
 * ML-DSA-44 (FIPS 204, pure, with an empty context).
 */
import { ecdsaDerToP1363 } from './ecdsa-signature.ts';
import { isStrictSignature } from './ed25519-point.ts';
import { type Primitives, type PublicKey, webCryptoPrimitives } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { onceThere, type Soon } from './soon.ts';

export const ML_DSA_44_SIGNATURE_LENGTH = 2420;

/** Whether such a key signs as a passkey alone (formats.md §3): RSA and ML-DSA-44. */
export function isForPasskeysOnly({ algorithm }: PublicKey): boolean {
  return algorithm === 'rs256' || algorithm === 'ml-dsa-44';
}

/**
 * @param signature Ed25519: 64 bytes. ECDSA: DER. RSA: as long as the modulus. ML-DSA-44: 2420 bytes.
 * @returns `signature_malformed` before any key was used, `signature_invalid`, or `unsupported` by this runtime.
 */
export async function checkSignature(
  key: PublicKey,
  signature: Uint8Array,
  message: Uint8Array,
  primitives: Primitives = webCryptoPrimitives,
): Promise<Result<void>> {
  return checkSignatureSoon(key, signature, message, primitives);
}

/** The same, at once where the primitive answers at once. */
export function checkSignatureSoon(
  key: PublicKey,
  signature: Uint8Array,
  message: Uint8Array,
  primitives: Primitives,
): Soon<Result<void>> {
  const structured = structuredSignature(key, signature);
  if (!structured.ok) return structured;
  return onceThere(primitives.verifySignature(key, structured.value, message), (verified) => judge(key, verified));
}

function judge(key: PublicKey, verified: boolean | 'unsupported'): Result<void> {
  if (verified === 'unsupported') return fail('unsupported', `this runtime cannot verify ${key.algorithm} signatures`);
  return verified ? ok(undefined) : fail('signature_invalid', `not a signature of these bytes by ${key.keyid}`);
}

function structuredSignature(key: PublicKey, signature: Uint8Array): Result<Uint8Array> {
  switch (key.algorithm) {
    case 'ed25519':
      return isStrictSignature(signature)
        ? ok(signature)
        : fail('signature_malformed', 'Ed25519 signature: not 64 bytes with S < L and a strict R');
    case 'es256':
      return ecdsaDerToP1363(signature);
    case 'rs256':
      // RFC 8017 §8.2.2 step 1. Some implementations would take a shorter one and pad it.
      return signature.length === key.raw.length
        ? ok(signature)
        : fail('signature_malformed', 'RSA signature: not as long as the modulus');
    case 'ml-dsa-44':
      return signature.length === ML_DSA_44_SIGNATURE_LENGTH
        ? ok(signature)
        : fail('signature_malformed', `ML-DSA-44 signature: not ${ML_DSA_44_SIGNATURE_LENGTH} bytes`);
  }
}

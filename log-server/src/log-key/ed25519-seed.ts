import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** What stands before the 32 bytes of an Ed25519 private key in PKCS#8 DER (RFC 8410 §7); it is always the same. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

/** The private key itself, 32 bytes (RFC 8032: the seed). The caller zeroes it after use. */
export function exportSeed(privateKey: KeyObject): Buffer {
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  try {
    if (der.length !== PKCS8_PREFIX.length + SEED_BYTES || !der.subarray(0, PKCS8_PREFIX.length).equals(PKCS8_PREFIX)) {
      throw new TypeError('privateKey: not an Ed25519 private key');
    }
    return Buffer.from(der.subarray(PKCS8_PREFIX.length));
  } finally {
    der.fill(0);
  }
}

/** @throws RangeError for another length than 32 */
export function importSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== SEED_BYTES) throw new RangeError('seed: an Ed25519 private key has 32 bytes');
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

/**
 * The raw Ed25519 public key of a private one, 32 bytes: the end of its SPKI (RFC 8410 §4).
 *
 * Not out of a JWK: Node 20 holds the key's lock while it makes one, and stops for ever if just then it collects the garbage
 * of having generated that very key, which takes the lock as well.
 */
export function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return new Uint8Array(spki.subarray(-32));
}

import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { equalBytes, type Primitives, type PublicKey, type Sha256, type VerifySignature } from '@assent/verifier';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';

/**
 * SHA-256 by OpenSSL: 0.5 µs for a tree node, where WebCrypto's asynchronous digest takes 34. As a string and out of
 * Buffer's pool it takes half as long as with memory of its own for each digest, before that is collected.
 */
export const nativeSha256: Sha256 = (data) => Buffer.from(hash('sha256', data, 'binary'), 'latin1');

/** As the verifier hands ECDSA signatures over: r ‖ s. */
const dsaEncoding = 'ieee-p1363';

/** Importing a key costs as much as verifying with it, and the same approvers come again. */
const CACHED_KEYS = 4_096;
const imported = new Map<string, { readonly spki: Uint8Array; readonly key: KeyObject }>();

function importKey(key: PublicKey): KeyObject {
  const cached = imported.get(key.keyid);
  imported.delete(key.keyid);
  const entry =
    cached !== undefined && equalBytes(cached.spki, key.spki)
      ? cached
      : { spki: key.spki, key: createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' }) };
  imported.set(key.keyid, entry);
  if (imported.size > CACHED_KEYS) imported.delete(imported.keys().next().value!);
  return entry.key;
}

/** A point that OpenSSL can't decode verifies nothing. The structure was checked before. */
function decodeKey(key: PublicKey): KeyObject | undefined {
  try {
    return importKey(key);
  } catch {
    return undefined;
  }
}

function digestOf({ algorithm }: PublicKey): string | null {
  return algorithm === 'ed25519' ? null : 'sha256';
}

/** node:crypto has ML-DSA-44 from Node 24 on only. The same code in every Node is worth the millisecond. */
const verifyMlDsa44 = ({ raw }: PublicKey, signature: Uint8Array, message: Uint8Array): boolean =>
  ml_dsa44.verify(signature, message, raw);

/** Verifies on the thread pool: for what is examined on the event loop's own thread, which must stay free meanwhile. */
const nativeVerifySignature: VerifySignature = (key, signature, message) => {
  if (key.algorithm === 'ml-dsa-44') return verifyMlDsa44(key, signature, message);
  const decoded = decodeKey(key);
  if (decoded === undefined) return false;
  return new Promise((resolve, reject) => {
    verify(digestOf(key), message, { key: decoded, dsaEncoding }, signature, (error, valid) => {
      if (error === null) resolve(valid);
      else reject(error);
    });
  });
};

/**
 * The same on the calling thread: for the one signature that everybody waits for, the log's own, which on the thread
 * pool would stand behind those of the next batch. Without a promise, which would keep all that was read of a record beside
 * those of its whole piece.
 */
const verifySignatureAtOnce: VerifySignature = (key, signature, message) => {
  if (key.algorithm === 'ml-dsa-44') return verifyMlDsa44(key, signature, message);
  const decoded = decodeKey(key);
  return decoded !== undefined && verify(digestOf(key), message, { key: decoded, dsaEncoding }, signature);
};

/** The verifier's two primitives by node:crypto and, for ML-DSA-44, @noble/post-quantum. What is well-formed stays for the verifier to judge. */
export const nativePrimitives: Primitives = { sha256: nativeSha256, verifySignature: nativeVerifySignature };

export const promptPrimitives: Primitives = { sha256: nativeSha256, verifySignature: verifySignatureAtOnce };

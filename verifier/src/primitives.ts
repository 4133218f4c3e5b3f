/**
 * The two primitives that may be injected for speed (the server brings node:crypto): a SHA-256 and a signature
 * verification. All that decides whether a key or a signature is well-formed stays in this library, so that the
 * answer is the same under every implementation.
 *
 * Default: the W3C Web Cryptography API (`crypto.subtle`), the same in browsers, Node, Deno and workers.
 */
import { equalBytes } from './bytes.ts';
import { type Sha256, sha256 } from './sha256.ts';
import type { Soon } from './soon.ts';

/** Ed25519 (RFC 8032); ECDSA P-256 with SHA-256; RSASSA-PKCS1-v1_5 with SHA-256; ML-DSA-44 (FIPS 204), pure, empty context. */
export type SignatureAlgorithm = 'ed25519' | 'es256' | 'rs256' | 'ml-dsa-44';

/** A key that `parsePublicKey` accepted. Make one in no other way: its bytes are not checked again. */
export type PublicKey = {
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** `sha256:<hex of SHA-256(spki)>` */
  readonly keyid: string;
  /** ed25519: the point, 32 bytes. es256: 0x04 ‖ x ‖ y, 65 bytes. rs256: the modulus, big-endian, no leading zero. ml-dsa-44: 1312 bytes. */
  readonly raw: Uint8Array;
};

/**
 * Whether `signature` is `key`'s over `message`. The signature's structure has been checked: ed25519 64 bytes with S < L
 * and a canonical R that is not of small order; es256 r ‖ s, 64 bytes (P1363, each in 1…n−1); rs256 as long as the
 * modulus; ml-dsa-44 2420 bytes. 'unsupported' when this runtime lacks the algorithm. Never rejects for bad evidence. One that
 * verifies on the calling thread may answer at once, without a promise.
 */
export type VerifySignature = (
  key: PublicKey,
  signature: Uint8Array,
  message: Uint8Array,
) => Soon<boolean | 'unsupported'>;

export type Primitives = { readonly sha256: Sha256; readonly verifySignature: VerifySignature };

const ALGORITHMS = {
  ed25519: { name: 'Ed25519' },
  es256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rs256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'ml-dsa-44': { name: 'ML-DSA-44' },
} as const;

const CACHED_KEYS = 256;

type ImportedKey = { readonly spki: Uint8Array; readonly imported: Promise<CryptoKey>; ready?: CryptoKey };

/** Least recently used first, as a Map iterates in insertion order. */
const importedKeys = new Map<string, ImportedKey>();

/**
 * Importing costs about as much as verifying, and receipts of one log share their keys. One that is there already comes
 * back as it is, not as a promise: then its verification starts at once, beside the work that the caller goes on with.
 */
function importKey(subtle: SubtleCrypto, key: PublicKey): CryptoKey | Promise<CryptoKey> {
  const cached = importedKeys.get(key.keyid);
  importedKeys.delete(key.keyid);
  // The bytes are compared too: a PublicKey that someone put together by hand must not speak for another one.
  const entry = cached !== undefined && equalBytes(cached.spki, key.spki) ? cached : startImport(subtle, key);
  importedKeys.set(key.keyid, entry);
  for (const oldest of importedKeys.keys()) {
    if (importedKeys.size <= CACHED_KEYS) break;
    importedKeys.delete(oldest);
  }
  return entry.ready ?? entry.imported;
}

function startImport(subtle: SubtleCrypto, key: PublicKey): ImportedKey {
  const imported = subtle.importKey('spki', new Uint8Array(key.spki), ALGORITHMS[key.algorithm], false, ['verify']);
  const entry: ImportedKey = { spki: new Uint8Array(key.spki), imported };
  imported.then(
    (ready) => {
      entry.ready = ready;
    },
    () => undefined, // Whoever awaits it is told.
  );
  return entry;
}

async function verifyWithWebCrypto(
  key: PublicKey,
  signature: Uint8Array,
  message: Uint8Array,
): Promise<boolean | 'unsupported'> {
  // Absent in a page that was not loaded over https or from localhost.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined) return 'unsupported';
  let imported: CryptoKey;
  try {
    const found = importKey(subtle, key);
    imported = found instanceof Promise ? await found : found;
  } catch (error) {
    importedKeys.delete(key.keyid);
    // A runtime that decodes points at import says DataError where others only fail to verify: these answer alike.
    // An RSA or ML-DSA key can't be wrong after our checks, so a runtime that refuses one has some limit of its own.
    const isPoint = key.algorithm === 'ed25519' || key.algorithm === 'es256';
    const badPoint = error instanceof DOMException && error.name === 'DataError' && isPoint;
    return badPoint ? false : 'unsupported';
  }
  try {
    // Copies, because WebCrypto's types (and some runtimes) refuse views of shared memory.
    return await subtle.verify(ALGORITHMS[key.algorithm], imported, new Uint8Array(signature), new Uint8Array(message));
  } catch (error) {
    if (error instanceof DOMException) return 'unsupported';
    throw error;
  }
}

/** The default everywhere: our own SHA-256 (WebCrypto's digest is asynchronous and slow on tree nodes), and WebCrypto. */
export const webCryptoPrimitives: Primitives = { sha256, verifySignature: verifyWithWebCrypto };

/** Whether a signature of 2420 bytes is by the key (1312 bytes) over the message: FIPS 204 Algorithm 3, empty context. */
export type VerifyMlDsa44 = (
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
) => boolean | Promise<boolean>;

/**
 * These primitives with ML-DSA-44 where they lack it, as most runtimes do.
 *
 *     import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
 *     withMlDsa44(webCryptoPrimitives, (key, signature, message) => ml_dsa44.verify(signature, message, key));
 */
export function withMlDsa44(primitives: Primitives, verify: VerifyMlDsa44): Primitives {
  return {
    ...primitives,
    verifySignature: async (key, signature, message) => {
      const verified = await primitives.verifySignature(key, signature, message);
      return verified === 'unsupported' && key.algorithm === 'ml-dsa-44'
        ? verify(key.raw, signature, message)
        : verified;
    },
  };
}

/**
 * The verifier's two primitives by node:crypto, on the calling thread: for workers that do nothing else. WebCrypto would hand each
 * signature to another thread and each hash to a promise, which costs more than the hash.
 */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { equalBytes, type Primitives, type PublicKey, type Sha256, type VerifySignature } from '@assent/verifier';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { ecdsaP1363ToDer } from './ecdsa-der.ts';

const HASH_SIZE = 32;

/** Digests lie side by side in one piece of memory: a small array of its own would be given another one as soon as it is written as hex. */
const PIECE = 256 * HASH_SIZE;
let piece = new Uint8Array(PIECE);
let used = 0;

/** By way of a text: a Buffer of its own would cost more than hashing a kilobyte. */
export function writeSha256(data: Uint8Array, out: Uint8Array, at: number): void {
  const text = hash('sha256', data, 'binary');
  for (let i = 0; i < HASH_SIZE; i++) out[at + i] = text.charCodeAt(i);
}

export const nativeSha256: Sha256 = (data) => {
  if (used === PIECE) {
    piece = new Uint8Array(PIECE);
    used = 0;
  }
  writeSha256(data, piece, used);
  used += HASH_SIZE;
  return new Uint8Array(piece.buffer, used - HASH_SIZE, HASH_SIZE);
};

/** Importing a key costs as much as verifying with it, and the same people approve again and again. */
const CACHED_KEYS = 4096;

/** By keyid, imported first forgotten first; undefined for a point that OpenSSL can't decode, which verifies nothing. */
const imported = new Map<string, { readonly spki: Uint8Array; readonly key: KeyObject | undefined }>();

function importKey({ keyid, spki }: PublicKey): KeyObject | undefined {
  const found = imported.get(keyid);
  // The bytes are compared too: a keyid is only as good as whoever wrote it down.
  if (found !== undefined && (found.spki === spki || equalBytes(found.spki, spki))) return found.key;
  const key = decodeKey(Buffer.from(spki));
  imported.set(keyid, { spki, key });
  if (imported.size > CACHED_KEYS) imported.delete(imported.keys().next().value!);
  return key;
}

function decodeKey(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

const verifySignature: VerifySignature = (key, signature, message) => {
  if (key.algorithm === 'ml-dsa-44') return ml_dsa44.verify(signature, message, key.raw);
  const keyObject = importKey(key);
  if (keyObject === undefined) return false;
  const { algorithm } = key;
  const written = algorithm === 'es256' ? ecdsaP1363ToDer(signature) : signature;
  return verify(algorithm === 'ed25519' ? null : 'sha256', message, keyObject, written);
};

export const nativePrimitives: Primitives = { sha256: nativeSha256, verifySignature };

/** Signatures that wait for each other. */
const MOST_WAITING = 32;

/**
 * Primitives that say of every signature that it verifies, and find out later, many at once: between two pieces of other work each
 * verification takes a tenth longer, and so does that work. Whatever was judged by them counts only if `allVerified` says so in the end.
 */
export class DeferredVerification implements Primitives {
  readonly sha256 = nativeSha256;
  readonly #waiting: (() => boolean)[] = [];
  #allVerified = true;

  readonly verifySignature: VerifySignature = (key, signature, message) => {
    this.#waiting.push(() => verifySignature(key, signature, message) === true);
    if (this.#waiting.length >= MOST_WAITING) this.allVerified();
    return true;
  };

  /** Of all signatures so far. */
  allVerified(): boolean {
    for (const verify of this.#waiting.splice(0)) this.#allVerified &&= verify();
    return this.#allVerified;
  }
}

/**
 * Verifier keys of signed notes, as golang.org/x/mod/sumdb/note and https://c2sp.org/signed-note write them:
 *
 *     example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
 *     name + key id in hex + base64(signature type ‖ public key)
 *
 * Only type 0x01, Ed25519, is a log's key here. The types of witnesses' keys are in cosigner-key.ts.
 */
import { base64Decode, base64Encode } from './base64.ts';
import { concatBytes, hasLoneSurrogate, utf8Encode } from './bytes.ts';
import type { PublicKey } from './primitives.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';
import { ed25519Spki, parsePublicKey } from './spki.ts';

export type NoteVerifier = {
  readonly name: string;
  /** uint32 */
  readonly keyId: number;
  /** The signature type's byte: 1 is Ed25519. */
  readonly algorithm: number;
  readonly publicKey: PublicKey;
};

export const NOTE_ED25519 = 0x01;
const MAX_LENGTH = 10_000;

/** @returns `vkey_malformed`, or `key_unsupported` for a signature type other than Ed25519. */
export function parseVkey(text: string, sha: Sha256 = sha256): Result<NoteVerifier> {
  const parts = splitVkey(text, sha);
  if (!parts.ok) return parts;
  const { name, keyId, algorithm, key } = parts.value;
  if (algorithm !== NOTE_ED25519) return fail('key_unsupported', `vkey: signature type ${algorithm} is not Ed25519`);
  const publicKey = ed25519VkeyKey(key, sha);
  return publicKey.ok ? ok({ name, keyId, algorithm, publicKey: publicKey.value }) : publicKey;
}

/** @param rawEd25519Key 32 bytes. @throws TypeError for a name that no note can hold; RangeError for another length. */
export function formatVkey(name: string, rawEd25519Key: Uint8Array, sha: Sha256 = sha256): string {
  if (rawEd25519Key.length !== 32) throw new RangeError('rawEd25519Key: an Ed25519 public key has 32 bytes');
  return joinVkey(name, NOTE_ED25519, rawEd25519Key, sha);
}

export type VkeyParts = {
  readonly name: string;
  readonly keyId: number;
  readonly algorithm: number;
  /** As its type encodes it. */
  readonly key: Uint8Array;
};

/** Takes a vkey of any signature type apart and checks its key id; the key's own form is the type's matter. `vkey_malformed`. */
export function splitVkey(text: string, sha: Sha256): Result<VkeyParts> {
  if (text.length > MAX_LENGTH) return malformed('too long');
  // Base64 has '+' too, so only the first two separate.
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  const name = text.slice(0, first);
  const id = text.slice(first + 1, second);
  if (first < 0 || second < 0 || !isKeyName(name) || !/^[0-9a-f]{8}$/.test(id)) return malformed('not name+id+key');
  const bytes = base64Decode(text.slice(second + 1));
  if (!bytes.ok) return malformed('the key is not base64');
  const algorithm = bytes.value[0];
  const key = bytes.value.subarray(1);
  if (algorithm === undefined) return malformed('the key is empty');
  const keyId = Number.parseInt(id, 16);
  // The id is not taken on trust: a typing error in name or key shows up here. ECDSA keys (2) and those of RFC 6962 logs (5) have others.
  if (algorithm !== 2 && algorithm !== 5 && keyId !== noteKeyId(name, algorithm, key, sha))
    return malformed('the key id does not fit name and key');
  return ok({ name, keyId, algorithm, key });
}

/** The reverse of {@link splitVkey}. @throws TypeError for a name that no note can hold. */
export function joinVkey(name: string, algorithm: number, key: Uint8Array, sha: Sha256): string {
  if (!isKeyName(name)) throw new TypeError('name: empty, or with white space, "+" or a control character');
  const id = noteKeyId(name, algorithm, key, sha).toString(16).padStart(8, '0');
  return `${name}+${id}+${base64Encode(concatBytes(Uint8Array.of(algorithm), key))}`;
}

/** The key of a vkey whose type says Ed25519, under the same strict rules as any other. `vkey_malformed`. */
export function ed25519VkeyKey(key: Uint8Array, sha: Sha256): Result<PublicKey> {
  if (key.length !== 32) return malformed('an Ed25519 key has 32 bytes');
  const publicKey = parsePublicKey(ed25519Spki(key), sha);
  return publicKey.ok ? publicKey : malformed(publicKey.detail);
}

/** SHA-256(name ‖ newline ‖ type ‖ key)[:4] as uint32. @param type the signature type's byte. @param key as the type encodes it. */
export function noteKeyId(name: string, type: number, key: Uint8Array, sha: Sha256 = sha256): number {
  const hash = sha(concatBytes(utf8Encode(name), Uint8Array.of(0x0a, type), key));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}

/** Not empty, no Unicode white space, no '+', and nothing that a note may not hold anyway. */
export function isKeyName(name: string): boolean {
  return name !== '' && !/[\p{White_Space}+]/u.test(name) && !hasLoneSurrogate(name) && !hasControl(name);
}

function hasControl(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) < 0x20) return true;
  return false;
}

function malformed(detail: string): Failure {
  return fail('vkey_malformed', `vkey: ${detail}`);
}

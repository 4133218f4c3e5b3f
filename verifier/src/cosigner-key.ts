/**
 * The keys of cosigners (witnesses), as vkeys: https://c2sp.org/tlog-cosignature, "Format", and
 * https://c2sp.org/signed-note, "Verifier keys".
 *
 *     witness.glasklar.is+90ad80e6+BLIQbbkGXsl/JeCcGIOSFnUabibY7YtB5IWlY9PRSYU2
 *     name + key id in hex + base64(signature type ‖ public key)
 *
 * Type 0x04 is a timestamped Ed25519 cosignature, type 0x06 one with ML-DSA-44 (FIPS 204). The key id covers the type, so
 * a cosigner's key is never taken for a log's key (0x01), even where both are the same point.
 */
import type { PublicKey } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';
import { ML_DSA_44_KEY_LENGTH, mlDsa44Spki, parsePublicKey } from './spki.ts';
import { ed25519VkeyKey, joinVkey, splitVkey } from './vkey.ts';

export const COSIGNATURE_ED25519 = 0x04;
export const COSIGNATURE_ML_DSA_44 = 0x06;

const ED25519_KEY_LENGTH = 32;

/** From {@link parseCosignerVkey}. Make one in no other way: its key is not checked again. */
export type Cosigner = {
  /** Its identity as text; two cosigners are the same exactly if these are. */
  readonly vkey: string;
  readonly name: string;
  /** uint32 */
  readonly keyId: number;
  /** The public key as its type encodes it. */
  readonly raw: Uint8Array;
  /** The signature type's byte. */
  readonly algorithm: typeof COSIGNATURE_ED25519 | typeof COSIGNATURE_ML_DSA_44;
  readonly publicKey: PublicKey;
};

/** @returns `vkey_malformed`, or `key_unsupported` for a signature type that is no cosignature's: a log's key (0x01) too. */
export function parseCosignerVkey(text: string, sha: Sha256 = sha256): Result<Cosigner> {
  const parts = splitVkey(text, sha);
  if (!parts.ok) return parts;
  const { name, keyId, algorithm, key } = parts.value;
  const raw = new Uint8Array(key);
  if (algorithm !== COSIGNATURE_ED25519 && algorithm !== COSIGNATURE_ML_DSA_44) {
    return fail('key_unsupported', `vkey: signature type ${algorithm} is not a cosignature's (4, 6)`);
  }
  const publicKey = algorithm === COSIGNATURE_ED25519 ? ed25519VkeyKey(raw, sha) : mlDsa44VkeyKey(raw, sha);
  return publicKey.ok ? ok({ vkey: text, name, keyId, raw, algorithm, publicKey: publicKey.value }) : publicKey;
}

function mlDsa44VkeyKey(raw: Uint8Array, sha: Sha256): Result<PublicKey> {
  return raw.length === ML_DSA_44_KEY_LENGTH
    ? parsePublicKey(mlDsa44Spki(raw), sha)
    : fail('vkey_malformed', `vkey: an ML-DSA-44 key has ${ML_DSA_44_KEY_LENGTH} bytes`);
}

/**
 * @param raw the public key: 32 bytes for Ed25519, 1312 for ML-DSA-44.
 * @throws TypeError for a name that no note can hold; RangeError for another length.
 */
export function formatCosignerVkey(
  name: string,
  raw: Uint8Array,
  algorithm: Cosigner['algorithm'] = COSIGNATURE_ED25519,
  sha: Sha256 = sha256,
): string {
  const length = algorithm === COSIGNATURE_ED25519 ? ED25519_KEY_LENGTH : ML_DSA_44_KEY_LENGTH;
  if (raw.length !== length) throw new RangeError(`raw: a public key of this type has ${length} bytes`);
  return joinVkey(name, algorithm, raw, sha);
}

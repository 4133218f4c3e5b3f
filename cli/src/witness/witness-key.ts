/**
 * The key of a witness in a file: its vkey, which holds the name, and below it the private half as PKCS#8 PEM (RFC 8410 §7;
 * RFC 7468 §2 lets such lines stand above it). The name stands there because an Ed25519 cosignature does not cover it, so one
 * key under two names would be two witnesses with one voice.
 *
 *     vkey witness.example.com/w1+jWbPPw…
 *     -----BEGIN PRIVATE KEY-----
 *     …
 */
import { type KeyObject, sign } from 'node:crypto';
import {
  type Cosigner,
  cosignatureMessage,
  equalBytes,
  formatCosignerVkey,
  formatSignatureLine,
  formatTimestampedSignature,
  parseCosignerVkey,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readSecret } from '../files/read-secret.ts';
import { createSigningKey, parsePrivateKey } from '../signing-key.ts';

const VKEY_LINE = /^vkey (\S+)\n/;

export type WitnessKey = {
  readonly cosigner: Cosigner;
  /** The note line. @param noteText of a checkpoint. @param time seconds since the epoch. */
  cosign(noteText: string, time: number): string;
};

/** Writes a new key to `file`, readable by its owner alone, and never over anything that is there. Returns the vkey. */
export async function createWitnessKey(file: string, name: string): Promise<string> {
  const vkeyOf = (raw: Uint8Array): string => {
    try {
      return formatCosignerVkey(name, raw);
    } catch (error) {
      const message = '--witness takes a name without white space and "+", such as witness.example.com/w1';
      throw new CommandFailure('usage', message, { cause: error });
    }
  };
  const { raw } = await createSigningKey(file, (key) => `vkey ${vkeyOf(key.raw)}\n`);
  return vkeyOf(raw);
}

async function loadWitnessKey(file: string): Promise<WitnessKey> {
  const text = await readSecret(file, 'the private key of a witness');
  const vkey = VKEY_LINE.exec(text)?.[1];
  if (vkey === undefined) {
    throw new CommandFailure(
      'file_malformed',
      `${file} does not begin with "vkey": make it with "assent keygen --witness"`,
    );
  }
  const cosigner = parseCosignerVkey(vkey);
  if (!cosigner.ok) throw new CommandFailure('file_malformed', `${file}: ${cosigner.detail} (${cosigner.code})`);
  const { publicKey, native } = await parsePrivateKey(file, text);
  if (!equalBytes(publicKey.raw, cosigner.value.raw)) {
    throw new CommandFailure('file_malformed', `${file} is damaged: its vkey does not belong to its private key`);
  }
  return ed25519WitnessKey(cosigner.value, native);
}

function ed25519WitnessKey(cosigner: Cosigner, native: KeyObject): WitnessKey {
  const { name, keyId } = cosigner;
  return {
    cosigner,
    cosign(noteText, time) {
      // Natively: noble takes 0.4 ms for what OpenSSL does in 0.02.
      const signature = sign(null, cosignatureMessage(noteText, time), native);
      return formatSignatureLine(name, keyId, formatTimestampedSignature(time, signature));
    },
  };
}

/** Of one witness, which may sign in several ways. */
export async function loadWitnessKeys(files: readonly string[]): Promise<readonly WitnessKey[]> {
  const keys: WitnessKey[] = [];
  for (const file of files) {
    const key = await loadWitnessKey(file);
    if (keys.some(({ cosigner }) => cosigner.vkey === key.cosigner.vkey)) {
      throw new CommandFailure('usage', `${file} holds a key that was given already`);
    }
    keys.push(key);
  }
  return keys;
}

/**
 * The key of a witness in a file: its vkey, which holds the name, and below it the private half as PKCS#8 PEM (RFC 8410 §7; RFC
 * 9881 §6; RFC 7468 §2 lets such lines stand above it). The name stands there because an Ed25519 cosignature does not cover it, so
 * one key under two names would be two witnesses with one voice.
 *
 *     vkey witness.example.com/w1+jWbPPw…
 *     -----BEGIN PRIVATE KEY-----
 *     …
 */
import { sign } from 'node:crypto';
import {
  type Checkpoint,
  COSIGNATURE_ED25519,
  COSIGNATURE_ML_DSA_44,
  type Cosigner,
  cosignatureMessage,
  equalBytes,
  formatCosignerVkey,
  formatSignatureLine,
  formatTimestampedSignature,
  mlDsaCosignatureMessage,
  parseCosignerVkey,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readSecret } from '../files/read-secret.ts';
import { parsePrivateKey } from '../private-key-file.ts';
import { ed25519KeyOf, newSigningKey, writeNewSecret } from '../signing-key.ts';

const VKEY_LINE = /^vkey (\S+)\n/;
/** Of a name in what ML-DSA-44 signs, in bytes. */
const MAX_NAME = 255;

export type CheckpointText = Pick<Checkpoint, 'origin' | 'size' | 'root'> & {
  /** The text of the note that says so. */
  readonly text: string;
};

export type WitnessKey = {
  readonly cosigner: Cosigner;
  /**
   * The note line. @param time seconds since the epoch.
   * @throws RangeError for an origin that {@link canCosign} refuses.
   */
  cosign(checkpoint: CheckpointText, time: number): string;
};

/** Whether what a key of this kind signs has room for an origin. */
export function canCosign({ cosigner }: WitnessKey, origin: string): boolean {
  return cosigner.algorithm === COSIGNATURE_ED25519 || Buffer.byteLength(origin) <= MAX_NAME;
}

/** Writes a new key to `file`, readable by its owner alone, and never over anything that is there. Returns the vkey. */
export async function createWitnessKey(file: string, name: string, { mlDsa = false } = {}): Promise<string> {
  const { raw, pem } = mlDsa ? await newMlDsa() : await newEd25519();
  const vkey = formatVkey(name, raw, mlDsa ? COSIGNATURE_ML_DSA_44 : COSIGNATURE_ED25519);
  await writeNewSecret(file, `vkey ${vkey}\n${pem}`);
  return vkey;
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

async function loadWitnessKey(file: string): Promise<WitnessKey> {
  const text = await readSecret(file, 'the private key of a witness');
  const vkey = VKEY_LINE.exec(text)?.[1];
  if (vkey === undefined) {
    const message = `${file} does not begin with "vkey": make it with "assent keygen --witness"`;
    throw new CommandFailure('file_malformed', message);
  }
  const parsed = parseCosignerVkey(vkey);
  if (!parsed.ok) throw new CommandFailure('file_malformed', `${file}: ${parsed.detail} (${parsed.code})`);
  const cosigner = parsed.value;
  if (text.includes('ENCRYPTED')) {
    const message = `${file} is under a passphrase, and a witness starts without anybody to ask: keep the key as it was made, readable by the witness alone`;
    throw new CommandFailure('file_malformed', message);
  }
  const isEd25519 = cosigner.algorithm === COSIGNATURE_ED25519;
  const { raw, signature } = isEd25519 ? await loadEd25519(file, text) : await loadMlDsa(file, text, cosigner.name);
  // Signing with a public key that does not belong to the private one gives that one away.
  if (!equalBytes(raw, cosigner.raw)) {
    throw new CommandFailure('file_malformed', `${file} is damaged: its vkey does not belong to its private key`);
  }
  return {
    cosigner,
    cosign: (checkpoint, time) =>
      formatSignatureLine(cosigner.name, cosigner.keyId, formatTimestampedSignature(time, signature(checkpoint, time))),
  };
}

type Half = {
  readonly raw: Uint8Array;
  readonly signature: (checkpoint: CheckpointText, time: number) => Uint8Array;
};

async function loadEd25519(file: string, text: string): Promise<Half> {
  const { publicKey, native } = await ed25519KeyOf(file, parsePrivateKey(file, text));
  return {
    raw: publicKey.raw,
    // Natively: noble takes 0.4 ms for what OpenSSL does in 0.02.
    signature: (checkpoint, time) => sign(null, cosignatureMessage(checkpoint.text, time), native),
  };
}

async function loadMlDsa(file: string, text: string, name: string): Promise<Half> {
  const { parseMlDsaKey } = await import('./ml-dsa-key.ts');
  const key = parseMlDsaKey(text);
  if (key === undefined) {
    throw new CommandFailure('file_malformed', `${file} holds no seed of an ML-DSA-44 key in PEM form`);
  }
  return {
    raw: key.raw,
    signature: (checkpoint, time) => key.sign(mlDsaCosignatureMessage(name, checkpoint, time)),
  };
}

async function newEd25519(): Promise<{ raw: Uint8Array; pem: string }> {
  const { publicKey, pem } = await newSigningKey();
  return { raw: publicKey.raw, pem };
}

async function newMlDsa(): Promise<{ raw: Uint8Array; pem: string }> {
  const { newMlDsaKey } = await import('./ml-dsa-key.ts');
  return newMlDsaKey();
}

function formatVkey(name: string, raw: Uint8Array, algorithm: Cosigner['algorithm']): string {
  const message = `--witness takes a name without white space and "+", of ${MAX_NAME} bytes at most, such as witness.example.com/w1`;
  if (Buffer.byteLength(name) > MAX_NAME) throw new CommandFailure('usage', message);
  try {
    return formatCosignerVkey(name, raw, algorithm);
  } catch (error) {
    throw new CommandFailure('usage', message, { cause: error });
  }
}

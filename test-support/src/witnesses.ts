/** Witnesses in memory that cosign whatever they are given: for tests that need cosignatures and no network. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  COSIGNATURE_ED25519,
  COSIGNATURE_ML_DSA_44,
  type Cosigner,
  cosignatureMessage,
  formatCosignerVkey,
  formatNote,
  formatSignatureLine,
  formatTimestampedSignature,
  formatTlogProof,
  mlDsaCosignatureMessage,
  parseCheckpoint,
  parseCosignerVkey,
  parseNote,
  parseTlogProof,
} from '@assent/verifier';
import { createMlDsaKey } from './ml-dsa.ts';
import { unwrap } from './results.ts';

export type TestWitnessOptions = {
  /** The key's name. */
  readonly name: string;
  /** For the same key each time: a byte that is repeated 32 times. Default: a new key. */
  readonly seed?: number;
  /** Default: Ed25519, type 0x04. */
  readonly mlDsa?: boolean;
};

export type TestWitness = {
  readonly name: string;
  readonly vkey: string;
  readonly cosigner: Cosigner;
  /**
   * The note line for a checkpoint, which may be a signed note or its text alone.
   *
   * @param time milliseconds, cut to whole seconds. Default: now.
   */
  cosign(checkpoint: string, time?: number): string;
  /** The signed checkpoint with the witness's line appended. */
  append(checkpoint: string, time?: number): string;
};

type WitnessKey = {
  readonly raw: Uint8Array;
  readonly algorithm: Cosigner['algorithm'];
  /** @param text of the checkpoint. */
  sign(text: string, timestamp: number): Uint8Array;
};

export function createTestWitness({ name, seed, mlDsa = false }: TestWitnessOptions): TestWitness {
  const key = mlDsa ? mlDsaKey(name, seed) : ed25519Key(seed);
  const vkey = formatCosignerVkey(name, key.raw, key.algorithm);
  const cosigner = unwrap(parseCosignerVkey(vkey));

  const cosign = (checkpoint: string, time = Date.now()) => {
    const note = parseNote(checkpoint);
    const text = note.ok ? note.value.text : checkpoint;
    const timestamp = Math.floor(time / 1000);
    const signature = key.sign(text, timestamp);
    return formatSignatureLine(name, cosigner.keyId, formatTimestampedSignature(timestamp, signature));
  };
  const append = (checkpoint: string, time?: number) => appendLines(checkpoint, [cosign(checkpoint, time)]);
  return { name, vkey, cosigner, cosign, append };
}

function ed25519Key(seed: number | undefined): WitnessKey {
  const privateKey = seed === undefined ? generateKeyPairSync('ed25519').privateKey : keyFromSeed(seed);
  return {
    raw: new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' })).slice(-32),
    algorithm: COSIGNATURE_ED25519,
    sign: (text, timestamp) => new Uint8Array(sign(null, cosignatureMessage(text, timestamp), privateKey)),
  };
}

function mlDsaKey(name: string, seed: number | undefined): WitnessKey {
  const { raw, sign: signMessage } = createMlDsaKey(seed);
  return {
    raw,
    algorithm: COSIGNATURE_ML_DSA_44,
    sign: (text, timestamp) => signMessage(mlDsaCosignatureMessage(name, unwrap(parseCheckpoint(text)), timestamp)),
  };
}

/** @param checkpoint a signed note. @param lines each with its newline. */
export function appendLines(checkpoint: string, lines: readonly string[]): string {
  const { text, signatures } = unwrap(parseNote(checkpoint));
  return formatNote(text, [...signatures.map(({ line }) => line), ...lines]);
}

/** The receipt with another checkpoint in its proof. @param receipt JSON text. @param change from the old one to the new. */
export function withCheckpoint(receipt: string, change: (checkpoint: string) => string): string {
  const document = JSON.parse(receipt);
  const proof = unwrap(parseTlogProof(document.proof));
  return JSON.stringify({
    ...document,
    proof: formatTlogProof({ ...proof, checkpoint: change(proof.checkpoint) }),
  });
}

function keyFromSeed(seed: number): KeyObject {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

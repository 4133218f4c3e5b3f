/** Witnesses in memory that cosign whatever they are given: for tests that need cosignatures and no network. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  type Cosigner,
  cosignatureMessage,
  formatCosignerVkey,
  formatNote,
  formatSignatureLine,
  formatTimestampedSignature,
  formatTlogProof,
  parseCosignerVkey,
  parseNote,
  parseTlogProof,
} from '@assent/verifier';
import { unwrap } from './results.ts';

export type TestWitnessOptions = {
  /** The key's name. */
  readonly name: string;
  /** For the same key each time: a byte that is repeated 32 times. Default: a new key. */
  readonly seed?: number;
};

export type TestWitness = {
  readonly name: string;
  readonly vkey: string;
  readonly cosigner: Cosigner;
  /**
   * The note line of type 0x04 for a checkpoint, which may be a signed note or its text alone.
   *
   * @param time milliseconds, cut to whole seconds. Default: now.
   */
  cosign(checkpoint: string, time?: number): string;
  /** The signed checkpoint with the witness's line appended. */
  append(checkpoint: string, time?: number): string;
};

export function createTestWitness({ name, seed }: TestWitnessOptions): TestWitness {
  const privateKey = seed === undefined ? generateKeyPairSync('ed25519').privateKey : keyFromSeed(seed);
  const raw = new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' })).slice(-32);
  const vkey = formatCosignerVkey(name, raw);
  const cosigner = unwrap(parseCosignerVkey(vkey));

  const cosign = (checkpoint: string, time = Date.now()) => {
    const note = parseNote(checkpoint);
    const text = note.ok ? note.value.text : checkpoint;
    const timestamp = Math.floor(time / 1000);
    const signature = new Uint8Array(sign(null, cosignatureMessage(text, timestamp), privateKey));
    return formatSignatureLine(name, cosigner.keyId, formatTimestampedSignature(timestamp, signature));
  };
  const append = (checkpoint: string, time?: number) => appendLines(checkpoint, [cosign(checkpoint, time)]);
  return { name, vkey, cosigner, cosign, append };
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

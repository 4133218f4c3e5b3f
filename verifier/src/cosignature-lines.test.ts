/** Which lines under a checkpoint count, whatever else stands there: `verifyCosignatures`. */
import { mlDsaPrimitives, withoutMlDsa } from '@assent/test-support/ml-dsa';
import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { appendLines, createTestWitness, type TestWitness } from '@assent/test-support/witnesses';
import { describe, expect, it } from 'vitest';
import { utf8Encode } from './bytes.ts';
import { type CosignatureEvidence, formatTimestampedSignature, verifyCosignatures } from './cosignature.ts';
import type { Cosigner } from './cosigner-key.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { formatSignatureLine, parseNote } from './signed-note.ts';
import { formatVkey, type NoteVerifier, parseVkey } from './vkey.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const logKey = unwrap(parseVkey(log.vkey));
for (let i = 0; i < 5; i++) log.appendBytes(Uint8Array.of(i));
const checkpoint = log.checkpoint();
const text = unwrap(parseNote(checkpoint)).text;
const witness = createTestWitness({ name: 'witness.example.com/w1', seed: 1 });
const other = createTestWitness({ name: 'witness.example.org/w2', seed: 2 });
const NOON = Date.parse('2026-04-03T12:00:00.000Z');

const verify = (note: string, cosigners: readonly Cosigner[], logKeys: readonly NoteVerifier[] = [logKey]) =>
  verifyCosignatures(unwrap(parseNote(note)), { cosigners, logKeys });

/** `name time` of each that counts, `name code` of each that does not. */
function outcomes({ verified, uncounted }: CosignatureEvidence): readonly string[] {
  return [
    ...verified.map(({ cosigner, time }) => `${cosigner.name} ${(time - NOON) / 1000}`),
    ...uncounted.map(({ cosigner, code }) => `${cosigner.name} ${code}`),
  ];
}

/** The line's bytes after the key id. */
function bytesOf(line: string): Uint8Array {
  return unwrap(parseNote(`${text}\n${line}`)).signatures[0]!.signature;
}

function lineOf({ name, cosigner }: TestWitness, bytes: Uint8Array): string {
  return formatSignatureLine(name, cosigner.keyId, bytes);
}

describe('verifyCosignatures', () => {
  const first = witness.cosign(checkpoint, NOON);
  const second = other.cosign(checkpoint, NOON + 5000);
  const both = [witness.cosigner, other.cosigner];

  it('finds who cosigned, and when', async () => {
    expect(outcomes(await verify(checkpoint, both))).toEqual([]);
    expect(outcomes(await verify(appendLines(checkpoint, [first]), both))).toEqual(['witness.example.com/w1 0']);
    expect(outcomes(await verify(appendLines(checkpoint, [second, first]), both))).toEqual([
      'witness.example.com/w1 0',
      'witness.example.org/w2 5',
    ]);
  });

  it('ignores lines of others', async () => {
    expect(outcomes(await verify(appendLines(checkpoint, [first, second]), [other.cosigner]))).toEqual([
      'witness.example.org/w2 5',
    ]);
    expect(outcomes(await verify(appendLines(checkpoint, [first, second]), []))).toEqual([]);
    const sameName = createTestWitness({ name: witness.name });
    expect(outcomes(await verify(appendLines(checkpoint, [sameName.cosign(checkpoint, NOON)]), both))).toEqual([]);
    const sameId = formatSignatureLine('elsewhere.example', witness.cosigner.keyId, bytesOf(first));
    expect(outcomes(await verify(appendLines(checkpoint, [sameId]), both))).toEqual([]);
  });

  it('counts a cosigner once, with its earliest time', async () => {
    const times = [7000, 3000, 9000, 3000];
    const lines = times.map((time) => witness.cosign(checkpoint, NOON + time));
    expect(outcomes(await verify(appendLines(checkpoint, lines), both))).toEqual(['witness.example.com/w1 3']);
  });

  it('takes a bad line for none, before or after the good one', async () => {
    const forged = lineOf(witness, formatTimestampedSignature(NOON / 1000 - 60, bytesOf(first).subarray(8)));
    const random = lineOf(
      witness,
      Uint8Array.from({ length: 72 }, (_, i) => i),
    );
    const short = lineOf(witness, Uint8Array.of(1));
    for (const bad of [forged, random, short]) {
      for (const lines of [
        [bad, first],
        [first, bad],
        [bad, bad, first, bad],
      ]) {
        expect(outcomes(await verify(appendLines(checkpoint, lines), both))).toEqual(['witness.example.com/w1 0']);
      }
    }
    expect(outcomes(await verify(appendLines(checkpoint, [forged, second]), both))).toEqual([
      'witness.example.org/w2 5',
      'witness.example.com/w1 signature_invalid',
    ]);
    expect(outcomes(await verify(appendLines(checkpoint, [short, forged]), both))).toEqual([
      'witness.example.com/w1 signature_malformed',
    ]);
  });

  it('takes a cosignature of another checkpoint for none', async () => {
    const elsewhere = witness.cosign(log.checkpoint(4), NOON);
    expect(outcomes(await verify(appendLines(checkpoint, [elsewhere]), both))).toEqual([
      'witness.example.com/w1 signature_invalid',
    ]);
  });

  it('never counts timestamp 0', async () => {
    expect(outcomes(await verify(appendLines(checkpoint, [witness.cosign(checkpoint, 0)]), both))).toEqual([
      'witness.example.com/w1 bad_time',
    ]);
  });

  it('reads a hundred signature lines, and verifies copies once', async () => {
    const fakes = Array.from({ length: 97 }, (_, i) => lineOf(witness, new Uint8Array(72).fill(i + 1)));
    expect(outcomes(await verify(appendLines(checkpoint, [...fakes, first, second]), both))).toEqual([
      'witness.example.com/w1 0',
      'witness.example.org/w2 5',
    ]);
    let verifications = 0;
    const primitives: Primitives = {
      ...webCryptoPrimitives,
      verifySignature: (...args) => {
        verifications += 1;
        return webCryptoPrimitives.verifySignature(...args);
      },
    };
    const copies = unwrap(
      parseNote(
        appendLines(
          checkpoint,
          Array.from({ length: 99 }, () => first),
        ),
      ),
    );
    await verifyCosignatures(copies, { cosigners: both, logKeys: [logKey] }, primitives);
    expect(verifications).toBe(1);
  });

  it('counts lines of ML-DSA-44 beside others, which are as absent to a runtime without it', async () => {
    const pq = createTestWitness({ name: 'pq.example', seed: 1, mlDsa: true });
    const note = appendLines(checkpoint, [pq.cosign(checkpoint, NOON), first]);
    const cosigners = { cosigners: [pq.cosigner, ...both], logKeys: [logKey] };
    const parsed = unwrap(parseNote(note));
    expect(outcomes(await verifyCosignatures(parsed, cosigners, mlDsaPrimitives))).toEqual([
      'pq.example 0',
      'witness.example.com/w1 0',
    ]);
    expect(outcomes(await verifyCosignatures(parsed, cosigners, withoutMlDsa))).toEqual([
      'witness.example.com/w1 0',
      'pq.example unsupported',
    ]);
  });

  it('never counts the log itself, under its own name or with its own key', async () => {
    const underItsName = createTestWitness({ name: log.origin });
    const line = underItsName.cosign(checkpoint, NOON);
    expect(outcomes(await verify(appendLines(checkpoint, [line]), [underItsName.cosigner]))).toEqual([
      `${log.origin} own_cosignature`,
    ]);
    const ownKey = unwrap(parseVkey(formatVkey(log.origin, witness.cosigner.raw)));
    expect(outcomes(await verify(appendLines(checkpoint, [first]), both, [logKey, ownKey]))).toEqual([
      'witness.example.com/w1 own_cosignature',
    ]);
    // The key of another log may cosign this one's checkpoints.
    const elsewhere = unwrap(parseVkey(formatVkey('log.example.org/other', witness.cosigner.raw)));
    expect(outcomes(await verify(appendLines(checkpoint, [first]), both, [logKey, elsewhere]))).toEqual([
      'witness.example.com/w1 0',
    ]);
  });

  it('gives the same without the log key: witnesses vouch for the text', async () => {
    expect(outcomes(await verify(`${text}\n${first}`, both, []))).toEqual(['witness.example.com/w1 0']);
  });
});

describe('a flipped bit in a cosignature line', () => {
  const line = utf8Encode(witness.cosign(checkpoint, NOON));
  const kept = other.cosign(checkpoint, NOON + 5000);
  const withFlipped = ['witness.example.org/w2 5'];

  const flips = function* (bytes: Uint8Array) {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = new Uint8Array(bytes);
      flipped[Math.floor(bit / 8)]! ^= 2 ** (bit % 8);
      yield flipped;
    }
  };

  it('takes the line away wherever it is in the text, or makes the note unreadable', async () => {
    const counts = { absent: 0, unreadable: 0 };
    for (const flipped of flips(line)) {
      const before = utf8Encode(checkpoint);
      const bytes = new Uint8Array([...before, ...flipped, ...utf8Encode(kept)]);
      const note = parseNote(bytes);
      if (!note.ok) {
        counts.unreadable += 1;
        continue;
      }
      const { verified } = await verifyCosignatures(note.value, {
        cosigners: [witness.cosigner, other.cosigner],
        logKeys: [logKey],
      });
      expect(verified.map(({ cosigner }) => cosigner.name)).toEqual([other.name]);
      counts.absent += 1;
    }
    expect(counts.absent).toBeGreaterThan(200);
    expect(counts.unreadable).toBeGreaterThan(100);
  });

  it('takes the line away wherever it is in timestamp and signature, and never the note', async () => {
    for (const flipped of flips(bytesOf(witness.cosign(checkpoint, NOON)))) {
      const note = appendLines(checkpoint, [lineOf(witness, flipped), kept]);
      const evidence = await verify(note, [witness.cosigner, other.cosigner]);
      expect(outcomes(evidence).slice(0, 1)).toEqual(withFlipped);
      expect(evidence.uncounted.length).toBe(1);
    }
  });
});

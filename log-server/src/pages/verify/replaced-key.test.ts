import { generateKeyPairSync } from 'node:crypto';
import { createTestLog, type TestLog } from '@assent/test-support';
import { hexEncode, proveConsistency } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { replacedKeyOf } from './replaced-key.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const grow = (log: TestLog, leaf = 0): TestLog => {
  while (log.tree.size < 9) log.appendBytes(Uint8Array.of(leaf, log.tree.size));
  return log;
};
const old = grow(createTestLog({ privateKey }));
const log = grow(createTestLog());
const thief = grow(createTestLog({ privateKey }), 1);
const served = { vkeys: [log.vkey], retired: [{ vkey: old.vkey, until: '2026-04-03T00:00:00Z' }], size: 9 };
const silence = async (): Promise<undefined> => undefined;

/** As the log's server answers. */
async function answer(path: string): Promise<unknown> {
  const from = Number(/^\/api\/v1\/proofs\/consistency\?from=([0-9]+)$/.exec(path)?.[1]);
  if (!(from <= log.tree.size)) return undefined;
  const digest = (hash: Uint8Array): string => `sha256:${hexEncode(hash)}`;
  const proof = (await proveConsistency(from, log.tree.size, log.tree)).map(digest);
  const [from_root, to_root] = [log.tree.root(from), log.tree.root()].map(digest);
  return { from, to: log.tree.size, from_root, to_root, proof, checkpoint: log.checkpoint() };
}

// What counts is the verifier's to say, and tested there: checkRetiredKey.
describe('replacedKeyOf', () => {
  it('is the key that signed what the log of today holds', async () => {
    expect(await replacedKeyOf(old.checkpoint(5), served, answer)).toEqual(served.retired[0]);
  });

  it('is contradicted where the log shows another tree', async () => {
    for (const size of [1, 5, 8, 9]) {
      expect(await replacedKeyOf(thief.checkpoint(size), served, answer)).toBe('contradicted');
    }
  });

  it('is contradicted where the log is too small for it, whatever it answers', async () => {
    const large = grow(createTestLog({ privateKey }));
    large.appendBytes(Uint8Array.of(1));
    for (const ask of [answer, silence])
      expect(await replacedKeyOf(large.checkpoint(), served, ask)).toBe('contradicted');
    // The log has grown since it said how large it is, and shows itself how it did.
    const smaller = { ...served, size: 4 };
    expect(await replacedKeyOf(old.checkpoint(5), smaller, answer)).toEqual(served.retired[0]);
    expect(await replacedKeyOf(thief.checkpoint(5), smaller, answer)).toBe('contradicted');
  });

  it('is open where the log does not answer, or answers what proves nothing', async () => {
    const honest = Object(await answer('/api/v1/proofs/consistency?from=5'));
    const stranger = grow(createTestLog({ origin: log.origin }));
    for (const answered of [
      undefined,
      {},
      { checkpoint: 'x' },
      { ...honest, checkpoint: 'x' },
      { ...honest, checkpoint: stranger.checkpoint() },
      { ...honest, checkpoint: old.checkpoint() },
      { ...honest, proof: honest.proof.slice(1) },
    ]) {
      for (const kept of [old, thief]) {
        expect(await replacedKeyOf(kept.checkpoint(5), served, async () => answered)).toBe('silent');
      }
    }
  });

  it('asks nobody about what such a key did not sign', async () => {
    const unasked = () => Promise.reject(new Error('it asked'));
    expect(await replacedKeyOf(log.checkpoint(5), served, unasked)).toBeUndefined();
    expect(await replacedKeyOf(createTestLog().checkpoint(), served, unasked)).toBeUndefined();
  });
});

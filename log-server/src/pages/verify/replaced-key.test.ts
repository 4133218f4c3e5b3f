import { generateKeyPairSync } from 'node:crypto';
import { createTestLog, type TestLog } from '@assent/test-support';
import { hexEncode, proveConsistency } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { REPLACED_KEY } from '../../words/verify.ts';
import { replacedKeyOf } from './replaced-key.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const grow = (log: TestLog, leaf = 0): TestLog => {
  while (log.tree.size < 9) log.appendBytes(Uint8Array.of(leaf, log.tree.size));
  return log;
};
const old = grow(createTestLog({ privateKey }));
const log = grow(createTestLog());
const thief = grow(createTestLog({ privateKey }), 1);
const served = { vkeys: [log.vkey], retired: [{ vkey: old.vkey, until: '2026-04-03T00:00:00Z' }] };

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

  it('says why it does not count where the log shows another tree, or nothing', async () => {
    const doubt = { doubt: REPLACED_KEY.doubt };
    expect(await replacedKeyOf(thief.checkpoint(5), served, answer)).toEqual(doubt);
    for (const silent of [undefined, {}, { checkpoint: 'x' }]) {
      expect(await replacedKeyOf(old.checkpoint(5), served, async () => silent)).toEqual(doubt);
    }
  });

  it('asks nobody about what such a key did not sign', async () => {
    const unasked = () => Promise.reject(new Error('it asked'));
    expect(await replacedKeyOf(log.checkpoint(5), served, unasked)).toBeUndefined();
    expect(await replacedKeyOf(createTestLog().checkpoint(), served, unasked)).toBeUndefined();
  });
});

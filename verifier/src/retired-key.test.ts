import { generateKeyPairSync } from 'node:crypto';
import { createTestLog, type TestLog } from '@assent/test-support';
import { describe, expect, it } from 'vitest';
import { proveConsistency } from './consistency.ts';
import { checkRetiredKey } from './retired-key.ts';

const ORIGIN = 'log.example.com/approvals';
const KEPT = 9;
const NOW = 21;

const { privateKey } = generateKeyPairSync('ed25519');
/** Leaves are the same up to `forkedAt`. */
function grow(log: TestLog, size: number, forkedAt = size): TestLog {
  while (log.tree.size < size) log.appendBytes(Uint8Array.of(log.tree.size < forkedAt ? 0 : 1, log.tree.size));
  return log;
}
const old = grow(createTestLog({ origin: ORIGIN, privateKey }), NOW);
const log = grow(createTestLog({ origin: ORIGIN }), NOW);
const stranger = grow(createTestLog({ origin: ORIGIN }), NOW);
/** Has the old key, and a tree of his own. */
const thief = grow(createTestLog({ origin: ORIGIN, privateKey }), NOW, 3);
const retired = [{ vkey: stranger.vkey }, { vkey: old.vkey }];
const by = { vkey: old.vkey };

const growthOf =
  (of: TestLog, to = NOW) =>
  async ({ size }: { readonly size: number }) => ({
    checkpoint: of.checkpoint(to),
    proof: size <= to ? await proveConsistency(size, to, of.tree) : [],
  });
const check = (checkpoint: string, ask: Parameters<typeof checkRetiredKey>[2] = growthOf(log)) =>
  checkRetiredKey(checkpoint, { logKeys: [log.vkey], retired }, ask);
const codeOf = async (result: ReturnType<typeof check>) => {
  const { ok, ...rest } = await result;
  return ok ? rest : (rest as { code: string }).code;
};

describe('checkRetiredKey', () => {
  it('names the key for every head of before that the head of now extends, also of its own size and of none', async () => {
    for (let size = 0; size <= NOW; size++) {
      expect(await check(old.checkpoint(size)), `${size}`).toEqual({ ok: true, value: by });
    }
  });

  it('asks nothing about what a key of now signed, or no key at all, or what is no head', async () => {
    const unasked = () => Promise.reject(new Error('it asked'));
    const lines = old.checkpoint(KEPT).split('\n\n')[1]!;
    for (const checkpoint of [
      log.checkpoint(KEPT),
      log.checkpoint(KEPT) + lines,
      createTestLog({ origin: ORIGIN }).checkpoint(),
      createTestLog({ origin: 'log.example.org' }).checkpoint(),
      // Nobody accuses the log for what merely bears the name of its key.
      old.checkpoint(KEPT).replace(`\n${KEPT}\n`, `\n${KEPT + 1}\n`),
      'hello',
    ]) {
      expect(await check(checkpoint, unasked)).toEqual({ ok: true, value: undefined });
    }
  });

  it('lets a key count for nothing that the log of today does not hold: somebody else has it', async () => {
    for (const size of [4, KEPT, NOW]) {
      expect(await codeOf(check(thief.checkpoint(size)))).toBe('consistency_mismatch');
      expect(await codeOf(check(thief.checkpoint(size), growthOf(thief)))).toBe('log_signature_missing');
    }
    // What it signed before the two histories part is in both.
    expect((await check(thief.checkpoint(3))).ok).toBe(true);
  });

  it('wants a head of now by a key of now, as large, and a proof for just these sizes', async () => {
    const kept = old.checkpoint(KEPT);
    expect(await codeOf(check(kept, growthOf(old)))).toBe('log_signature_missing');
    expect(await codeOf(check(kept, growthOf(stranger)))).toBe('log_signature_missing');
    expect(await codeOf(check(kept, async () => undefined))).toBe('index_out_of_range');
    expect(await codeOf(check(kept, growthOf(log, KEPT - 1)))).toBe('index_out_of_range');
    const { checkpoint, proof } = await growthOf(log)({ size: KEPT });
    expect(await codeOf(check(kept, async () => ({ checkpoint: 'hello', proof })))).toBe('note_malformed');
    expect(await codeOf(check(kept, async () => ({ checkpoint: log.checkpoint(NOW - 1), proof })))).toMatch(
      /^consistency_/,
    );
    expect(await codeOf(check(kept, async () => ({ checkpoint, proof: [] })))).toBe('consistency_length');
    for (const i of proof.keys()) {
      const other = proof.map((hash, at) => (at === i ? hash.map((byte) => byte ^ 1) : hash));
      expect(await codeOf(check(kept, async () => ({ checkpoint, proof: other })))).toBe('consistency_mismatch');
    }
    const elsewhere = grow(createTestLog({ origin: 'log.example.org' }), NOW);
    expect(await codeOf(check(kept, growthOf(elsewhere)))).toBe('origin_mismatch');
  });

  it('rejects with what kept it from asking, and for a key that is none', async () => {
    await expect(check(old.checkpoint(KEPT), () => Promise.reject(new Error('offline')))).rejects.toThrow('offline');
    const keys = { logKeys: ['nonsense'], retired };
    await expect(checkRetiredKey(old.checkpoint(KEPT), keys, growthOf(log))).rejects.toThrow(TypeError);
  });
});

import { createTestLog, type TestLog } from '@assent/test-support';
import { formatCheckpoint, proveConsistency } from '@assent/verifier';
import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
import { describe, expect, it } from 'vitest';
import { type AskedLog, compareVisit } from './compare-visit.ts';
import { parseSeen, type SeenHead } from './seen-head.ts';

const AT = Date.UTC(2026, 3, 3);

/** A log of so many entries, which `salt` makes other ones from the third on. */
function logOf(size: number, log: TestLog = createTestLog(), salt = 0): TestLog {
  while (log.tree.size < size) log.appendBytes(Uint8Array.of(log.tree.size, log.tree.size < 2 ? 0 : salt));
  return log;
}

/** As its server answers. */
function asked(log: TestLog, more: Partial<AskedLog> = {}): AskedLog {
  return {
    served: async () => ({ origin: log.origin, vkeys: [log.vkey], retired: [], size: log.tree.size }),
    checkpoint: async () => log.checkpoint(),
    consistency: async (from) =>
      from > log.tree.size
        ? 'smaller'
        : {
            checkpoint: log.checkpoint(),
            fromRoot: log.tree.root(from),
            proof: await proveConsistency(from, log.tree.size, log.tree),
          },
    ...more,
  };
}

async function firstVisit(log: TestLog): Promise<SeenHead> {
  const visit = await compareVisit(undefined, asked(log), AT);
  if (visit.kind !== 'first' || !('now' in visit)) throw new Error(visit.kind);
  return visit.now;
}

/** Another log under the same name and key: a second history. */
function branchOf(log: TestLog, size: number): TestLog {
  const branch = logOf(size, createTestLog(), 1);
  const signed = (of: number) =>
    log.signNote(formatCheckpoint({ origin: log.origin, size: of, root: branch.tree.root(of) }));
  return { ...branch, vkey: log.vkey, checkpoint: (of = branch.tree.size) => signed(of) };
}

describe('compareVisit', () => {
  it('remembers what it saw first, with the key that signed it', async () => {
    const log = logOf(3);
    expect(await firstVisit(log)).toEqual({
      origin: log.origin,
      vkeys: [log.vkey],
      checkpoint: log.checkpoint(),
      size: 3,
      at: AT,
    });
  });

  it('sees every growth, and none', async () => {
    for (let from = 0; from < 12; from++) {
      const log = logOf(from);
      const seen = await firstVisit(log);
      expect(await compareVisit(seen, asked(log), AT)).toMatchObject({ kind: 'same', now: { size: from } });
      logOf(12, log);
      expect(await compareVisit(seen, asked(log), AT), `${from}`).toMatchObject({ kind: 'grown', now: { size: 12 } });
    }
  });

  it('catches a second history at every size, with a proof that others can check', async () => {
    for (let from = 3; from <= 9; from++) {
      const log = logOf(from);
      const seen = await firstVisit(log);
      const visit = await compareVisit(seen, asked(branchOf(log, 9)), AT);
      if (visit.kind !== 'fork') throw new Error(visit.kind);
      const verified = await verifyMisbehaviour(visit.evidence, { logKeys: [log.vkey] });
      expect(verified.ok && verified.value.older.size, `${from}`).toBe(from);
      const other = createTestLog();
      expect((await verifyMisbehaviour(visit.evidence, { logKeys: [other.vkey] })).ok).toBe(false);
    }
  });

  it('accuses nobody without a proof', async () => {
    const log = logOf(5);
    const seen = await firstVisit(log);
    const bare = branchOf(log, 9);
    // A log that hides its own root, and one whose answer is cut short.
    const hiding = asked(bare, {
      consistency: async () => ({ checkpoint: bare.checkpoint(), fromRoot: log.tree.root(5), proof: [] }),
    });
    expect(await compareVisit(seen, hiding, AT)).toMatchObject({ kind: 'unproven', newer: bare.checkpoint() });
    logOf(9, log);
    const short = asked(log, {
      consistency: async () => ({
        checkpoint: log.checkpoint(),
        fromRoot: log.tree.root(5),
        proof: [log.tree.root(4)],
      }),
    });
    expect((await compareVisit(seen, short, AT)).kind).toBe('unproven');
  });

  it('tells of a log that became smaller, and believes that of none whose head is not signed', async () => {
    const log = logOf(5);
    const seen = await firstVisit(log);
    const before = { ...logOf(3), origin: log.origin, vkey: log.vkey, checkpoint: () => log.checkpoint(3) };
    expect(await compareVisit(seen, asked(before), AT)).toMatchObject({ kind: 'shrunk', size: 3 });
    expect((await compareVisit(seen, asked(logOf(3)), AT)).kind).toBe('other-key');
  });

  it('takes over a new key only where it signs beside a known one', async () => {
    const log = logOf(4);
    const seen = await firstVisit(log);
    const next = createTestLog();
    const text = (size: number) => formatCheckpoint({ origin: log.origin, size, root: log.tree.root(size) });
    const both = () => {
      const [, line] = next.signNote(text(log.tree.size)).split('\n\n');
      return log.signNote(text(log.tree.size)) + line;
    };
    const served = async () => ({ origin: log.origin, vkeys: [next.vkey], retired: [], size: log.tree.size });
    const growth = async (from: number, checkpoint: string) => ({
      checkpoint,
      fromRoot: log.tree.root(from),
      proof: await proveConsistency(from, log.tree.size, log.tree),
    });

    logOf(6, log);
    const alone = asked(log, { served, consistency: (from) => growth(from, next.signNote(text(6))) });
    expect((await compareVisit(seen, alone, AT)).kind).toBe('other-key');
    const rotating = asked(log, { served, consistency: (from) => growth(from, both()) });
    const rotated = await compareVisit(seen, rotating, AT);
    expect(rotated).toMatchObject({ kind: 'grown', now: { vkeys: [log.vkey, next.vkey] } });
    if (!('now' in rotated)) throw new Error(rotated.kind);
    expect((await compareVisit(rotated.now, alone, AT)).kind).toBe('same');

    // What the visitor pinned says more than what the browser remembers, and than what the log says of itself.
    const retired = [{ vkey: log.vkey, until: '2026-04-02T00:00:00.000Z' }];
    const replaced = { ...alone, served: async () => ({ ...(await served()), retired }) };
    expect(await compareVisit(seen, replaced, AT)).toEqual({
      kind: 'other-key',
      isPinned: false,
      replaced: '2026-04-02T00:00:00.000Z',
    });
    expect(await compareVisit(seen, alone, AT, [next.vkey])).toMatchObject({
      kind: 'grown',
      now: { vkeys: [next.vkey] },
    });
    expect(await compareVisit(rotated.now, replaced, AT, [log.vkey])).toMatchObject({
      kind: 'other-key',
      isPinned: true,
    });
    expect((await compareVisit(seen, rotating, AT, [log.vkey])).kind).toBe('grown');
  });

  it('takes nothing for a first sight that no pinned key signed; pins of other logs say nothing here', async () => {
    const log = logOf(2);
    const other = createTestLog();
    const elsewhere = createTestLog({ origin: 'other.example/log' });
    expect(await compareVisit(undefined, asked(log), AT, [other.vkey])).toMatchObject({
      kind: 'other-key',
      isPinned: true,
    });
    expect((await compareVisit(undefined, asked(log), AT, [elsewhere.vkey])).kind).toBe('first');
    expect((await compareVisit(undefined, asked(log), AT, [log.vkey, other.vkey])).kind).toBe('first');
    const seen = await firstVisit(logOf(4, log));
    const shorter = asked(log, { consistency: async () => 'smaller', checkpoint: async () => log.checkpoint(1) });
    expect((await compareVisit(seen, shorter, AT, [other.vkey])).kind).toBe('other-key');
    expect((await compareVisit(seen, shorter, AT, [log.vkey])).kind).toBe('shrunk');
  });

  it('does not take another log for this one, nor silence for an answer', async () => {
    const log = logOf(2);
    const seen = await firstVisit(log);
    const other = createTestLog({ origin: 'other.example/log' });
    expect(await compareVisit(seen, asked(other), AT)).toEqual({ kind: 'other-log', origin: 'other.example/log' });
    const silent = async () => undefined;
    for (const more of [{ served: silent }, { consistency: silent }] as const) {
      expect((await compareVisit(seen, asked(log, more), AT)).kind).toBe('unreachable');
    }
    expect((await compareVisit(undefined, asked(log, { checkpoint: silent }), AT)).kind).toBe('unreachable');
    expect((await compareVisit(undefined, asked(log, { checkpoint: async () => 'x' }), AT)).kind).toBe('broken');
    const forged = log.checkpoint().replace('\n2\n', '\n3\n');
    expect((await compareVisit(undefined, asked(log, { checkpoint: async () => forged }), AT)).kind).toBe('broken');
    expect((await compareVisit({ ...seen, checkpoint: forged }, asked(log), AT)).kind).toBe('broken');
  });
});

describe('parseSeen', () => {
  it('reads back what was kept, and nothing else', async () => {
    const seen = await firstVisit(logOf(2));
    expect(parseSeen(JSON.stringify(seen))).toEqual(seen);
    for (const change of [
      { origin: 1 },
      { origin: 'other' },
      { vkeys: [] },
      { vkeys: ['x'] },
      { vkeys: seen.vkeys[0] },
      { checkpoint: undefined },
      { size: -1 },
      { size: 1.5 },
      { at: 'now' },
    ]) {
      expect(parseSeen(JSON.stringify({ ...seen, ...change })), JSON.stringify(change)).toBe(undefined);
    }
    for (const text of ['', '{', 'null', '[]', '"x"']) expect(parseSeen(text), text).toBe(undefined);
  });
});

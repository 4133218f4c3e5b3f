import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EntryReads, type StoredEntry } from './entry-reads.ts';

describe('reads of single entries', () => {
  /** What each query asked for, in their order, and what ends it. */
  let queries: { readonly count: number; readonly answer: () => void; readonly refuse: () => void }[];
  let reads: EntryReads;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    queries = [];
    const query = ({ values: [indexes] }: { values: [Buffer] }): Promise<unknown> =>
      new Promise((resolve, reject) => {
        // An array of the wire: its length, and from byte 20 on each element behind its own length.
        const rows = Array.from({ length: indexes.readInt32BE(12) }, (_, i) => [
          Number(indexes.readBigInt64BE(24 + i * 12)),
          null,
          null,
          null,
        ]);
        const answer = () => resolve({ rows });
        queries.push({ count: rows.length, answer, refuse: () => reject(new Error('gone')) });
      });
    reads = new EntryReads({ query } as unknown as Pick<pg.Pool, 'query'>);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  let next = 0;
  const ask = (count: number): Promise<StoredEntry>[] =>
    Array.from({ length: count }, () => reads.read(next++, { leaves: false }));
  /** More turns of the event loop than anything here waits for. */
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const counts = () => queries.map(({ count }) => count);

  it('share a query if they come in one turn of the event loop or in the next one', async () => {
    const first = ask(2);
    await new Promise((resolve) => setImmediate(resolve));
    const second = ask(3);
    await turns();
    expect(counts()).toEqual([5]);
    queries[0]!.answer();
    expect(await Promise.all([...first, ...second])).toHaveLength(5);
  });

  it('gather while a query is under way, until they are worth another one', async () => {
    void ask(1);
    await turns();
    void ask(31);
    await turns();
    expect(counts()).toEqual([1]);
    void ask(1);
    await turns();
    expect(counts()).toEqual([1, 32]);
    // Two are under way, and no third one, however many wait.
    void ask(100);
    await turns();
    expect(counts()).toEqual([1, 32]);
    queries[0]!.answer();
    await turns();
    expect(counts()).toEqual([1, 32, 64]);
    queries[1]!.answer();
    await turns();
    expect(counts()).toEqual([1, 32, 64, 36]);
  });

  it('gather for no longer than a query that waits for a disk', async () => {
    void ask(1);
    await turns();
    void ask(1);
    await turns();
    vi.advanceTimersByTime(9);
    await turns();
    expect(counts()).toEqual([1]);
    vi.advanceTimersByTime(1);
    await turns();
    expect(counts()).toEqual([1, 1]);
  });

  it('go on with those that wait when a query fails', async () => {
    const failing = Promise.allSettled(ask(2));
    await turns();
    const waiting = ask(1);
    queries[0]!.refuse();
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await turns();
    expect(counts()).toEqual([2, 1]);
    queries[1]!.answer();
    expect(await waiting[0]).toEqual({ block: undefined, leaves: undefined });
    expect(vi.getTimerCount()).toBe(0);
  });
});

/**
 * Three processes on one database. Seen red: the first test without TRANSACTION_BOUND (the others wait until the stopped
 * one goes on, which it never does here), the last one with `Publisher.refresh` answering from memory.
 */
import {
  httpRequest,
  type PostgresProxy,
  problemCode,
  type ServerProcess,
  startPostgresProxy,
  type Verdict,
  waitUntil,
} from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { type FaultTest, faultTest } from './fault-test.ts';

const APPEND = /^\s*WITH previous AS/;

type Trio = {
  readonly stopped: ServerProcess;
  readonly others: readonly ServerProcess[];
  readonly proxy: PostgresProxy;
};

/** One process that reaches the database through a proxy, and two that don't. */
function trio(body: (test: FaultTest, trio: Trio) => Promise<void>): () => Promise<void> {
  return faultTest({ database: 'shared', rounds: 1 }, async (test) => {
    const proxy = await startPostgresProxy(test.databaseUrl!);
    try {
      const stopped = await test.home.start({ DATABASE_URL: proxy.url });
      const others = [await test.home.start(), await test.home.start()];
      await test.append([stopped, ...others], 60);
      await body(test, { stopped, others, proxy });
      for (const server of [stopped, ...others]) {
        await test.append([server], 10);
        const { size, acknowledged, recovered } = await test.audit(server);
        expect([size, recovered]).toEqual([acknowledged, acknowledged]);
      }
    } finally {
      proxy.release();
      await proxy.close();
    }
  });
}

describe('a process that stops in the middle of its append', () => {
  it.each<[string, Verdict]>([
    ['with the head locked and its transaction open', 'stall before the end'],
    ['before the database has got its statement', 'stall before'],
  ])('%s: two others race on, and it comes back without harm', async (_, verdict) => {
    await trio(async ({ load, ledger, append }, { stopped, others, proxy }) => {
      let stalls = 0;
      proxy.decide((text) => (APPEND.test(text) && stalls++ === 0 ? verdict : 'pass'));
      const waiting = load(() => [stopped], { records: 20, connections: 4 });
      await waitUntil('it stands still', () => proxy.stalled === 1);
      // Both append and publish at the same time, a fifth of it the same records.
      const racing = load(() => others, { records: 200, connections: 16, duplicates: 0.2 });
      await racing.finish();
      // The head is free after 8 s, and an append waits for 10 s: on a busy machine each that was under way may be told once
      // that it took too long. Each of the 16 callers may have two.
      expect(racing.outcomes.get('not_durable') ?? 0).toBeLessThanOrEqual(2 * 16);
      expect(ledger.acknowledged.size).toBeGreaterThanOrEqual(260);
      proxy.release();
      await waiting.finish();
      await append([stopped, ...others], 60);
    })();
  });
});

describe('a process that lost the database for a while', () => {
  it('answers nothing from memory, and comes back with what the others did meanwhile', async () => {
    await trio(async ({ home, append, ledger }, { stopped, others, proxy }) => {
      proxy.setReachable(false);
      const checkpoint = () => httpRequest({ url: `${stopped.url}/checkpoint` });
      const refused = async (): Promise<void> => {
        const answer = await checkpoint();
        expect([answer.status, problemCode(answer)]).toEqual([503, 'unavailable']);
      };
      await refused();
      // Two full tiles and more, so that every part of the tree that it remembers is old.
      await append(others, 600);
      await refused();
      const { status } = await httpRequest({ url: `${stopped.url}/readyz` });
      expect(status).toBe(503);
      const before = ledger.newestSize;
      expect(before).toBe(660);
      proxy.setReachable(true);
      await waitUntil('it is back', async () => (await checkpoint()).status === 200);
      const size = ledger.seeCheckpoint((await checkpoint()).body.toString('utf8'), stopped.url);
      expect(size).toBeGreaterThanOrEqual(before);
      const oldest = await httpRequest({ url: `${stopped.url}/api/v1/receipts/659` });
      expect(oldest.status).toBe(200);
      expect(home.logs()).not.toContain('read-only');
    })();
  });
});

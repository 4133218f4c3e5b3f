import { createApproval, createServiceKey } from '@assent/test-support';
import { verifyReceipt } from '@assent/verifier';
import pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/connect.ts';
import { WriteSession } from '../src/database/write-session.ts';
import type { OpenLog } from '../src/open-parts.ts';
import { type AppendResult, appendBatch } from '../src/store/append-batch.ts';
import { changeLog } from '../src/store/change-log.ts';
import { insertIdleHead, newestHead } from '../src/store/heads.ts';
import { createLogHome, createSigner, ORIGIN, type TestLogHome } from './support/test-log.ts';

const EVERYTHING = { services: ['*'] };
const serviceKey = createServiceKey();
const submission = (): { kind: 'approval'; content: unknown } => ({
  kind: 'approval',
  content: createApproval({ origin: ORIGIN, serviceKey }).envelope,
});

type Server = OpenLog & { database: Database };
const SUCCESSOR = 'log.example.com/next';

const close = ({ database }: Server) =>
  changeLog(database, ({ closed }) =>
    closed === undefined ? { kind: 'close', successor: SUCCESSOR, reason: 'moved' } : undefined,
  );

/** Holds every statement of every write session back until it is let go, and tells when the first one stands. */
function stallWrites(): { readonly stalled: Promise<void>; letGo(): void } {
  const original = WriteSession.prototype.run;
  let standing: () => void = () => undefined;
  let release: () => void = () => undefined;
  const stalled = new Promise<void>((resolve) => {
    standing = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  WriteSession.prototype.run = function run(this: WriteSession, statement) {
    return original.call(this, async (client) => {
      standing();
      await released;
      return statement(client);
    }) as never;
  };
  return {
    stalled,
    letGo: () => {
      WriteSession.prototype.run = original;
      release();
    },
  };
}

describe('a closed log', () => {
  let home: TestLogHome;
  let letGo: (() => void) | undefined;
  beforeEach(async () => {
    home = await createLogHome();
  });
  afterEach(async () => {
    letGo?.();
    letGo = undefined;
    await home.remove();
  });

  it('refuses appends with the successor, tells repeats what it has, and can be read as before', async () => {
    const server = await home.open();
    const { log } = server;
    const record = submission();
    const { receipt } = await log.append(record, EVERYTHING);
    expect(await close(server)).toEqual({ outcome: 'changed', seq: 2 });
    expect(await close(server)).toEqual({ outcome: 'unchanged' });
    for (let i = 0; i < 2; i++) {
      await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({
        code: 'closed',
        message: expect.stringContaining(SUCCESSOR),
        extras: { successor: SUCCESSOR },
      });
    }
    expect(await log.append(record, EVERYTHING)).toMatchObject({ created: false, index: 0 });
    const { seq, size, checkpoint } = await log.head();
    expect({ seq, size }).toEqual({ seq: 2, size: 1 });
    expect(log.identityAt(seq).closed).toEqual({ at: expect.any(Number), successor: SUCCESSOR, reason: 'moved' });
    expect(log.stopReason).toBeUndefined();
    for (const text of [receipt, await log.receipt('0')]) {
      expect((await verifyReceipt(text, { logKeys: [log.vkey] })).verdict).toBe('authentic');
    }
    await server.close();

    const again = await home.open();
    expect((await again.log.head()).checkpoint).toBe(checkpoint);
    await expect(again.log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'closed' });
    expect((await again.log.entry(0)).length).toBeGreaterThan(0);
  });

  it('meets an append that was on its way: the append loses, at every server', async () => {
    const [first, second] = [await home.open(), await home.open()];
    await first.log.append(submission(), EVERYTHING);
    await second.log.append(submission(), EVERYTHING);
    const stall = stallWrites();
    letGo = stall.letGo;
    const late = [first, second].map(({ log }) => log.append(submission(), EVERYTHING));
    const outcomes = Promise.allSettled(late);
    await stall.stalled;
    expect(await close(second)).toMatchObject({ outcome: 'changed' });
    stall.letGo();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'closed' } });
    }
    expect((await first.log.head()).size).toBe(2);
    expect((await second.log.head()).checkpoint).toBe((await first.log.head()).checkpoint);
  });

  it('meets an append that was committed first: the append is in the final tree', async () => {
    const server = await home.open();
    await server.log.append(submission(), EVERYTHING);
    const client = new pg.Client({ connectionString: home.testDatabase.url });
    await client.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO heads SELECT seq + 1, size, root, ts + 1 FROM heads ORDER BY seq DESC LIMIT 1');
    const closing = close(server);
    const waits = async (): Promise<boolean> => {
      const sql = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
      return ((await server.database.pool.query(sql)).rowCount ?? 0) > 0;
    };
    while (!(await waits()));
    await client.query('COMMIT');
    await client.end();
    expect(await closing).toEqual({ outcome: 'changed', seq: 3 });
  });

  it('cannot be extended even by a process that knows nothing of its end', async () => {
    const server = await home.open();
    await server.log.append(submission(), EVERYTHING);
    const extend = async (): Promise<AppendResult> => {
      const client = await server.database.pool.connect();
      const previous = (await newestHead(server.database.kysely))!;
      const [bytes, leafHash, statement, identity] = [1, 2, 3, 4].map((fill) => new Uint8Array(32).fill(fill));
      const entry = { bytes: bytes!, leafHash: leafHash!, statement: statement!, identity: identity!, apiKey: null };
      const next = { ...previous, seq: previous.seq + 1, timestamp: previous.timestamp + 1 };
      try {
        await client.query('BEGIN');
        return await appendBatch(client, { previous, next, entries: [entry], fullTiles: [] });
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    };
    expect(await extend()).toEqual({ outcome: 'appended' });
    await close(server);
    expect(await extend()).toEqual({ outcome: 'superseded' });
  });

  it('keeps its final head, however old that gets', async () => {
    let now = Date.now();
    const server = await home.open({ now: () => now, idleMs: 60_000 });
    await close(server);
    const { seq, checkpoint } = await server.log.head();
    now += 120_000;
    expect(await server.idleHeads.renew()).toBe(false);
    const final = (await newestHead(server.database.kysely))!;
    expect(await insertIdleHead(server.database.kysely, final, now)).toBe(false);
    expect(await server.log.head()).toMatchObject({ seq, checkpoint });
  });

  it('takes no appends under load: each is in the final tree with a receipt, or was refused', async () => {
    const servers = [await home.open(), await home.open()];
    let done = 0;
    let isClosed = false;
    const results = servers.flatMap(({ log }) =>
      Array.from({ length: 60 }, async (_, i) => {
        // One after another in ten lines, so that closing comes in the middle; the last ones come after it.
        while (done < Math.floor(i / 10) * 20 - 10 || (i >= 50 && !isClosed))
          await new Promise((resolve) => setImmediate(resolve));
        const outcome = await log.append(submission(), EVERYTHING).catch((error: unknown) => error);
        done++;
        return outcome;
      }),
    );
    const closing = (async () => {
      while (done < 40) await new Promise((resolve) => setImmediate(resolve));
      return close(servers[0]!).finally(() => {
        isClosed = true;
      });
    })();
    const outcomes = await Promise.all(results);
    expect(await closing).toMatchObject({ outcome: 'changed' });
    const { size } = await servers[1]!.log.head();
    const appended = outcomes.filter((outcome) => !(outcome instanceof Error));
    expect(appended).toHaveLength(size);
    expect(size).toBeGreaterThanOrEqual(40);
    expect(size).toBeLessThan(120);
    for (const outcome of outcomes) {
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'closed' });
    }
  });

  it('leaves a line in the log of every server that runs beside the command, and one only', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const [first, second] = [await home.open(), await home.open({ logger })];
    await close(first);
    await Promise.all(Array.from({ length: 5 }, () => second.log.head()));
    await expect(second.log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'closed' });
    const said = lines.filter(({ msg }) => String(msg).includes('closed'));
    expect(said).toMatchObject([{ level: 40, head: 1, successor: SUCCESSOR, reason: 'moved' }]);
  });

  it('may end during a rotation, with the lines of both keys', async () => {
    const next = createSigner();
    const server = await home.open({ nextSigner: next });
    await server.log.append(submission(), EVERYTHING);
    await changeLog(server.database, () => ({ kind: 'rotate-start', publicKey: next.publicKey }));
    await close(server);
    const { seq, checkpoint } = await server.log.head();
    expect(checkpoint.match(/^— /gm)).toHaveLength(2);
    expect(server.log.identityAt(seq).vkeys).toHaveLength(2);
  });
});

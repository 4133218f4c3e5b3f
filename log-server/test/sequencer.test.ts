import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createApproval, createServiceKey } from '@assent/test-support';
import { utf8Encode, verifyReceipt } from '@assent/verifier';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WriteSession } from '../src/database/write-session.ts';
import type { PendingRecord } from '../src/sequencer/sequencer.ts';
import { withClient } from './faults/fault-test.ts';
import { createLogHome, ORIGIN, type TestLogHome } from './support/test-log.ts';

const EVERYTHING = { services: ['*'] };
const serviceKey = createServiceKey();
const submission = (overrides = {}): { kind: 'approval'; content: unknown } => ({
  kind: 'approval',
  content: createApproval({ origin: ORIGIN, serviceKey, overrides }).envelope,
});

type Fault = 'none' | 'before' | 'after' | 'refused';

/** Makes the next statements of every write session fail, before they reach Postgres or after they were committed. */
function planFaults(faults: Fault[]): () => void {
  const original = WriteSession.prototype.run;
  WriteSession.prototype.run = function run(this: WriteSession, statement) {
    const fault = faults.shift();
    return original.call(this, async (client) => {
      if (fault === 'before') throw new Error('planned: the connection is lost before the statement');
      if (fault === 'refused') throw Object.assign(new Error('planned: Postgres refuses'), { severity: 'ERROR' });
      const value = await statement(client);
      if (fault === 'after') throw new Error('planned: the connection is lost after the commit');
      return value;
    }) as never;
  };
  return () => {
    WriteSession.prototype.run = original;
  };
}

describe('the sequencer and the publisher', () => {
  let home: TestLogHome;
  let restore: (() => void) | undefined;
  beforeEach(async () => {
    home = await createLogHome();
  });
  afterEach(async () => {
    restore?.();
    restore = undefined;
    await home.remove();
  });

  /** The third entry, head and all, as if it had never been. */
  const loseThird = (): Promise<void> =>
    withClient(home.testDatabase.url, async (client) => {
      await client.query('DELETE FROM heads WHERE seq = 3');
      await client.query('DELETE FROM blocks WHERE first = 2');
      await client.query('DELETE FROM records WHERE idx = 2');
    });

  it.each<[string, Fault[]]>([
    ['lost before the statement', ['before']],
    ['lost after the commit, so that its outcome is unknown', ['after']],
    ['lost again and again', ['after', 'after', 'before', 'after']],
  ])('stores a record once when the connection is %s', async (_, faults) => {
    const { log } = await home.open();
    await log.append(submission(), EVERYTHING);
    restore = planFaults([...faults]);
    const { created, index, receipt } = await log.append(submission(), EVERYTHING);
    expect({ created, index }).toEqual({ created: true, index: 1 });
    expect((await verifyReceipt(receipt, { logKeys: [log.vkey] })).verdict).toBe('authentic');
    expect((await log.head()).size).toBe(2);
  });

  it('answers each record of a batch once, when one has its answer and the statement for the others fails', async () => {
    const { log } = await home.open();
    const [standing, ...others] = Array.from({ length: 3 }, () => submission());
    await log.append(standing, EVERYTHING);
    restore = planFaults(['none', 'refused']);
    const bodies = [...others, standing].map((each) => Buffer.from(JSON.stringify(each)));
    const results = await log.appendBodies(bodies, EVERYTHING);
    expect(results).toMatchObject([{ code: 'not_durable' }, { code: 'not_durable' }, { created: false, index: 0 }]);
    const again = await log.appendBodies(bodies, EVERYTHING);
    expect(again).toMatchObject([{ created: true }, { created: true }, { created: false, index: 0 }]);
    expect((await log.head()).size).toBe(3);
  });

  it('keeps what two processes append at once, each record once, whoever wins each race', async () => {
    const processes = [await home.open(), await home.open()];
    const shared = Array.from({ length: 20 }, () => submission());
    const own = processes.map(() => Array.from({ length: 60 }, () => submission()));
    const outcomes = await Promise.all(
      processes.flatMap(({ log }, i) => [...own[i]!, ...shared].map((record) => log.append(record, EVERYTHING))),
    );
    const { size } = await processes[0]!.log.head();
    expect(size).toBe(140);
    expect((await processes[1]!.log.head()).size).toBe(140);
    expect(outcomes.filter(({ created }) => created)).toHaveLength(140);
    expect(new Set(outcomes.map(({ index }) => index)).size).toBe(140);
    for (const { receipt } of outcomes) {
      expect((await verifyReceipt(receipt, { logKeys: [processes[0]!.log.vkey] })).verdict).toBe('authentic');
    }
  });

  it('signs the same bytes in every process, and none hands out an older head than another did', async () => {
    const [first, second] = [await home.open(), await home.open()];
    for (let i = 0; i < 5; i++) {
      await first.log.append(submission(), EVERYTHING);
      const { checkpoint } = await first.log.head();
      expect((await second.log.head()).checkpoint).toBe(checkpoint);
    }
  });

  it('serves a receipt for what another process appended', async () => {
    const [first, second] = [await home.open(), await home.open()];
    const { index } = await first.log.append(submission(), EVERYTHING);
    const receipt = await second.log.receipt(`${index}`);
    expect((await verifyReceipt(receipt, { logKeys: [first.log.vkey] })).verdict).toBe('authentic');
  });

  it('logs a statement once even when two with one identity arrive together', async () => {
    const { log } = await home.open();
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => log.append(submission({ id: 'req_same' }), EVERYTHING)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'identity_conflict' });
    }
    expect((await log.head()).size).toBe(1);
  });

  it('tells a record that waits for the next batch what became of it there, and not what became of this one', async () => {
    const { log, sequencer } = await home.open();
    restore = planFaults(['refused']);
    const statement = randomBytes(32);
    const record = (): PendingRecord => ({
      statement,
      identity: randomBytes(32),
      bytes: 100,
      apiKey: null,
      format: (loggedAt) => utf8Encode(`an entry of ${loggedAt}`),
    });
    const [first, second] = await Promise.allSettled([sequencer.append(record()), sequencer.append(record())]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'not_durable' } });
    expect(second).toMatchObject({ status: 'fulfilled', value: { index: 0 } });
    expect((await log.head()).size).toBe(1);
  });

  it('never lets time go back, and refuses appends once its clock is over 60 s behind', async () => {
    let now = Date.now();
    const { log } = await home.open({ now: () => now });
    await log.append(submission(), EVERYTHING);
    const before = (await log.head()).timestamp;
    now -= 59_000;
    await log.append(submission(), EVERYTHING);
    expect((await log.head()).timestamp).toBe(before + 1);
    now -= 5_000;
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'clock' });
    expect((await log.head()).size).toBe(2);
  });

  it('recomputes the tree at start, and does not open on one that was changed', async () => {
    const first = await home.open();
    for (let i = 0; i < 3; i++) await first.log.append(submission(), EVERYTHING);
    await first.close();
    const client = new pg.Client({ connectionString: home.testDatabase.url });
    await client.connect();
    await client.query(
      'UPDATE blocks SET leaf_hashes = set_byte(leaf_hashes, 0, 255 - get_byte(leaf_hashes, 0)) WHERE first = 1',
    );
    await client.end();
    await expect(home.open()).rejects.toThrow('the stored entries give the root');
  });

  it('answers damage of a stored entry with stored_data_damaged', async () => {
    const { log } = await home.open();
    await log.append(submission(), EVERYTHING);
    const client = new pg.Client({ connectionString: home.testDatabase.url });
    await client.connect();
    await client.query('UPDATE blocks SET data = set_byte(data, 100, 255 - get_byte(data, 100)) WHERE first = 0');
    await client.end();
    await expect(log.entry(0)).rejects.toMatchObject({ code: 'stored_data_damaged' });
    await expect(log.receipt('0')).rejects.toMatchObject({ code: 'stored_data_damaged' });
  });

  it('signs nothing when the database lost what was signed, and says what to do', async () => {
    const first = await home.open();
    for (let i = 0; i < 3; i++) await first.log.append(submission(), EVERYTHING);
    await first.close();
    await loseThird();
    const { log } = await home.open();
    expect(log.stopReason).toContain('has signed a head of size 3, but the database ends at size 2');
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'read_only' });
    await expect(log.head()).rejects.toMatchObject({ code: 'read_only' });
  });

  it('stops when a commit is gone that it was told of, though it was never signed', async () => {
    const opened = await home.open();
    const { log, publisher } = opened;
    for (let i = 0; i < 2; i++) await log.append(submission(), EVERYTHING);
    // Whoever does not wait is told that it is stored; its head is not signed yet.
    const hold = vi.spyOn(publisher, 'offer').mockImplementation(() => undefined);
    const body = Buffer.from(JSON.stringify(submission()));
    expect(await log.appendBody(body, EVERYTHING, 'none')).toMatchObject({ created: true, index: 2, state: 'stored' });
    hold.mockRestore();
    await loseThird();
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'read_only' });
    expect(log.stopReason).toContain('no longer has head 3 (size 3), which it had stored, and ends at size 2');
    expect(publisher.current!.head.size).toBe(2);
  });

  it('does so after a lost connection as well, when nothing else of the tree is remembered', async () => {
    const { log, publisher } = await home.open();
    for (let i = 0; i < 2; i++) await log.append(submission(), EVERYTHING);
    const hold = vi.spyOn(publisher, 'offer').mockImplementation(() => undefined);
    await log.appendBody(Buffer.from(JSON.stringify(submission())), EVERYTHING, 'none');
    restore = planFaults(['refused']);
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'not_durable' });
    restore();
    hold.mockRestore();
    await loseThird();
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'read_only' });
    expect(log.stopReason).toContain('no longer has head 3');
  });

  it('signs nothing without its guard, nor with that of another log', async () => {
    const first = await home.open();
    await first.log.append(submission(), EVERYTHING);
    await first.close();
    const elsewhere = mkdtempSync(`${home.dataDir}/elsewhere-`);
    expect((await home.open({ dataDir: elsewhere })).log.stopReason).toContain('no fork guard');
    const other = await createLogHome();
    await (await other.open()).close();
    expect((await home.open({ dataDir: other.dataDir })).log.stopReason).toContain('belongs to another log');
    await other.remove();
  });

  it('answers what it took in before it closes, and refuses what comes later', async () => {
    const { log, close } = await home.open();
    const appends = Array.from({ length: 30 }, () => log.append(submission(), EVERYTHING));
    await new Promise((resolve) => setImmediate(resolve));
    const closing = close();
    const results = await Promise.allSettled(appends);
    await closing;
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'shutting_down' });
    }
    const { log: reopened } = await home.open();
    expect((await reopened.head()).size).toBe(results.filter(({ status }) => status === 'fulfilled').length);
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

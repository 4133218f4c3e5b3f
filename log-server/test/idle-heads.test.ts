import { waitUntil } from '@assent/test-support/fault/index';
import { parseEntry } from '@assent/verifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/connect.ts';
import { guardDirectory } from '../src/open-parts.ts';
import { Guard } from '../src/publisher/guard.ts';
import { IDLE_MS, IdleHeads } from '../src/publisher/idle-heads.ts';
import type { Head } from '../src/store/append-batch.ts';
import { insertIdleHead } from '../src/store/heads.ts';
import { appendMany } from './support/append-many.ts';
import { createLogHome, silent, type TestLogHome } from './support/test-log.ts';

let home: TestLogHome;
let time: number;
const now = (): number => time;

beforeEach(async () => {
  home = await createLogHome();
  time = Date.parse('2026-11-01T00:00:00.000Z');
});
afterEach(() => home.remove());

const headsOf = ({ kysely }: Database): Promise<{ seq: number; size: number; ts: number }[]> =>
  kysely.selectFrom('heads').select(['seq', 'size', 'ts']).orderBy('seq').execute();

describe('the head of an idle log', () => {
  it('gets a successor with its tree and a newer time after ten minutes, not before', async () => {
    const { log, idleHeads, database } = await home.open({ now });
    await appendMany(log, 3, { together: false });
    const before = await log.head();
    time = before.timestamp + IDLE_MS - 1;
    expect(await idleHeads.renew()).toBe(false);
    expect(await log.head()).toEqual(before);

    time++;
    expect(await idleHeads.renew()).toBe(true);
    const after = await log.head();
    expect(after).toEqual({ ...before, seq: before.seq + 1, timestamp: time });
    expect((await new Guard(guardDirectory(home.dataDir)).read())?.state.head).toMatchObject({
      seq: after.seq,
      size: 3,
      timestamp: time,
    });
    expect(await idleHeads.renew()).toBe(false);
    expect((await headsOf(database)).filter(({ size }) => size === 3)).toHaveLength(2);

    // Appending goes on from there, at a time that is not before the head's.
    time -= 1_000;
    await appendMany(log, 2, { together: false });
    const entry = parseEntry(await log.entry(3));
    expect(entry).toMatchObject({ ok: true, value: { loggedAt: after.timestamp + 1 } });
    expect(await log.head()).toMatchObject({ size: 5, seq: after.seq + 2 });
  });

  it('and so does the head of an empty one, which a restart takes up', async () => {
    const first = await home.open({ now });
    time += IDLE_MS;
    expect(await first.idleHeads.renew()).toBe(true);
    const head = await first.log.head();
    expect(head).toMatchObject({ seq: 1, size: 0, timestamp: time });
    await first.close();
    const second = await home.open({ now });
    expect(await second.log.head()).toEqual(head);
    await appendMany(second.log, 1, { together: false });
    expect(await second.log.head()).toMatchObject({ seq: 2, size: 1 });
  });

  it('gets one successor, however many processes serve the log, and all of them sign it', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => home.open({ now })));
    await appendMany(servers[0]!.log, 1, { together: false });
    for (let round = 1; round <= 5; round++) {
      time += IDLE_MS + 1;
      const made = await Promise.all(servers.map(({ idleHeads }) => idleHeads.renew()));
      expect(made.filter(Boolean)).toHaveLength(1);
      const signed = servers.map(({ publisher }) => publisher.current?.head);
      for (const head of signed) expect(head).toMatchObject({ seq: round + 1, size: 1, timestamp: time });
    }
    expect(await headsOf(servers[0]!.database)).toHaveLength(7);
  });

  it('stays when another process has appended, of which this one has not heard', async () => {
    const quiet = await home.open({ now });
    const busy = await home.open({ now });
    time += IDLE_MS;
    await appendMany(busy.log, 1, { together: false });
    expect(quiet.publisher.current?.head.size).toBe(0);
    expect(await quiet.idleHeads.renew()).toBe(false);
    expect(await headsOf(quiet.database)).toHaveLength(2);
  });

  it('is handed out as soon as another process could have', async () => {
    const one = await home.open({ now });
    const other = await home.open({ now });
    const before = await one.log.head();
    time += IDLE_MS;
    await other.idleHeads.renew();
    // The same size: nobody may be satisfied with the head that this process holds.
    expect(one.publisher.current?.head.seq).toBe(before.seq);
    expect((await one.log.head()).timestamp).toBe(time);
  });

  it('stays as it is when the log is read-only, when it is the last, and when the clock went back', async () => {
    const { log, idleHeads, publisher, database } = await home.open({ now });
    await appendMany(log, 1, { together: false });
    const { timestamp } = await log.head();
    time = timestamp - 3 * IDLE_MS;
    expect(await idleHeads.renew()).toBe(false);

    time = timestamp + 3 * IDLE_MS;
    const final = new IdleHeads({
      kysely: database.kysely,
      publisher,
      logger: silent,
      now,
      isFinal: ({ size }) => size === 1,
    });
    expect(await final.renew()).toBe(false);

    publisher.stop('for this test');
    expect(await idleHeads.renew()).toBe(false);
    expect(await headsOf(database)).toHaveLength(2);
  });

  // Seen red: without the two lines of isClockDoubtful() that look at the leap, and without the witnesses' word.
  it('does not take over a time to which the clock leapt, until the clock has kept it for as long again', async () => {
    let elapsed = 0;
    const goOn = (ms: number): void => {
      elapsed += ms;
      time += ms;
    };
    const { log, idleHeads } = await home.open({ now, elapsed: () => elapsed });
    await appendMany(log, 1, { together: false });
    const { timestamp } = await log.head();
    goOn(IDLE_MS / 2);
    const year = 365 * 86_400_000;
    time += year;
    expect(await idleHeads.renew()).toBe(false);
    goOn(IDLE_MS / 2);
    expect(await idleHeads.renew()).toBe(false);
    // Set right again: as if nothing had been, and appends go on at the true time.
    time -= year;
    goOn(1_000);
    expect(await idleHeads.renew()).toBe(true);
    expect((await log.head()).timestamp).toBe(time);
    expect(time).toBeLessThan(timestamp + 2 * IDLE_MS);
    await appendMany(log, 1, { together: false });

    // A machine that slept has a clock that leapt and is right.
    time += year;
    expect(await idleHeads.renew()).toBe(false);
    goOn(IDLE_MS - 1);
    expect(await idleHeads.renew()).toBe(false);
    goOn(1);
    expect(await idleHeads.renew()).toBe(true);
    expect((await log.head()).timestamp).toBe(time);
  });

  it('stays as it is while witnesses say that the clock is wrong', async () => {
    const { publisher, database } = await home.open({ now });
    let problem: string | undefined = 'it is an hour ahead';
    const options = { kysely: database.kysely, publisher, logger: silent, now, elapsed: now };
    const idle = new IdleHeads({ ...options, clockProblem: () => problem });
    time += 2 * IDLE_MS;
    expect(await idle.renew()).toBe(false);
    problem = undefined;
    expect(await idle.renew()).toBe(true);
  });

  it('is made only on top of the head that it repeats', async () => {
    const { log, database } = await home.open({ now });
    await appendMany(log, 1, { together: false });
    const [empty, newest] = (await database.kysely.selectFrom('heads').selectAll().orderBy('seq').execute()).map(
      ({ ts, ...head }): Head => ({ ...head, timestamp: ts }),
    );
    const later = newest!.timestamp + 1;
    expect(await insertIdleHead(database.kysely, empty!, later)).toBe(false);
    expect(await insertIdleHead(database.kysely, { ...newest!, root: new Uint8Array(32) }, later)).toBe(false);
    expect(await insertIdleHead(database.kysely, { ...newest!, seq: 7 }, later)).toBe(false);
    expect(await insertIdleHead(database.kysely, newest!, newest!.timestamp)).toBe(false);
    expect(await headsOf(database)).toHaveLength(2);
    expect(await insertIdleHead(database.kysely, newest!, later)).toBe(true);
  });

  it('is renewed by itself, until the server is closed', async () => {
    const { log, database, close } = await home.open({ idleMs: 30 });
    await waitUntil('three heads have come', async () => (await headsOf(database)).length >= 4);
    await appendMany(log, 5, { together: true });
    const head = await log.head();
    expect(head.size).toBe(5);
    await close();
    const later = await home.open();
    const heads = await headsOf(later.database);
    const times = heads.map(({ ts }) => ts);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(heads.map(({ seq }) => seq)).toEqual(heads.map((_, i) => i));
  });
});

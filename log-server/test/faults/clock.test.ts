/** Seen red: with the sequencer taking the clock's time as it is, and without its limit of 60 seconds. */
import { parseEntry } from '@assent/verifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditedLog } from '../support/audited-log.ts';
import { createLogHome, type TestLogHome } from '../support/test-log.ts';

const HOUR = 3_600_000;

let home: TestLogHome;
let audited: AuditedLog;
let time: number;
const now = (): number => time;

beforeEach(async () => {
  home = await createLogHome();
  audited = new AuditedLog(home.vkey);
  time = Date.parse('2026-11-01T12:00:00.000Z');
});
afterEach(() => home.remove());

const loggedAt = async ({ log }: { log: { entry(index: number): Promise<Uint8Array> } }, index: number) => {
  const entry = parseEntry(await log.entry(index));
  if (!entry.ok) throw new TypeError(entry.detail);
  return entry.value.loggedAt;
};

describe('a clock that is set back an hour', () => {
  it('lets no time decrease: appends are refused beyond a minute, by a restarted server too, and reads go on', async () => {
    const log = await home.open({ now });
    for (let i = 0; i < 3; i++) await audited.append(log, 1);
    const before = await log.log.head();
    time -= HOUR;
    const restarted = await home.open({ now });
    for (const server of [log, restarted]) {
      await expect(audited.append(server, 1)).rejects.toMatchObject({ code: 'clock', extras: { retryAfter: 60 } });
      expect(await server.log.head()).toMatchObject({ size: 3, timestamp: before.timestamp });
      expect(await server.idleHeads.renew()).toBe(false);
      await server.log.receipt('2');
    }
    // Just within the limit of formats.md §4 it appends, at times after those that there are.
    for (const server of [log, restarted]) {
      time = (await server.log.head()).timestamp - 60_000;
      await audited.append(server, 1);
    }
    expect(await loggedAt(log, 3)).toBeGreaterThan(before.timestamp);
    const { timestamp } = await log.log.head();
    time = timestamp - 60_001;
    await expect(audited.append(log, 1)).rejects.toMatchObject({ code: 'clock' });
    time = timestamp + HOUR;
    await audited.append(restarted, 1);
    expect((await restarted.log.head()).timestamp).toBe(time);
    for (const server of [log, restarted]) {
      expect(await audited.audit(server)).toMatchObject({ size: 6, acknowledged: 6, recovered: 6 });
    }
  });
});

describe('a clock that is set ahead an hour', () => {
  it('is taken for the time; once it is set right, appends are refused until that time is near', async () => {
    const log = await home.open({ now });
    await audited.append(log, 1);
    time += HOUR;
    await audited.append(log, 1);
    expect(await loggedAt(log, 1)).toBe(time);
    const ahead = (await log.log.head()).timestamp;
    time -= HOUR - 5_000;
    await expect(audited.append(log, 1)).rejects.toMatchObject({ code: 'clock' });
    time = ahead - 59_000;
    await audited.append(log, 1);
    expect(await loggedAt(log, 2)).toBeGreaterThan(ahead);
    expect(await audited.audit(log)).toMatchObject({ size: 3, acknowledged: 3, recovered: 3 });
  });
});

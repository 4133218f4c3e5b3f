/** Seen red: with checkBundle() returning nothing, comparing with the hash beside the entry only, or not looking at tiles. */
import { PlainTree, waitUntil } from '@assent/test-support/fault/index';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readinessChecks } from '../src/health-checks.ts';
import { healthRoutes } from '../src/http/health.ts';
import { eraseEntry } from '../src/store/erase-entry.ts';
import { insertWithheld } from '../src/store/withheld.ts';
import { withClient } from './faults/fault-test.ts';
import { appendTogether, rawApproval } from './support/append-together.ts';
import { AuditedLog, type OpenedLog } from './support/audited-log.ts';
import { createLogHome, silent, type TestLogHome } from './support/test-log.ts';

const SCRUB = { rate: 100_000, restMs: 1 };

let home: TestLogHome;
let log: OpenedLog;
let lines: string[];

beforeEach(async () => {
  home = await createLogHome();
  lines = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  log = await home.open({ scrub: SCRUB, logger });
});
afterEach(() => home.remove());

const change = (statement: string): Promise<void> =>
  withClient(home.testDatabase.url, async (client) => {
    expect((await client.query(statement)).rowCount).toBe(1);
  });
/** One bit, and the same again sets it right. */
const flip = (table: string, column: string, at: string, where: string): Promise<void> =>
  change(`update ${table} set ${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1) where ${where}`);
const passes = async (count: number): Promise<void> => {
  const from = log.scrubber!.state.entries;
  const { size } = await log.log.head();
  await waitUntil('everything was re-hashed', () => log.scrubber!.state.entries >= from + (count + 1) * size);
};
const ready = async (): Promise<{ status: number; text: string }> => {
  const databases = { append: log.database, read: log.database };
  const checks = readinessChecks({ opened: log, databases, dataDir: home.dataDir, logger: silent });
  const answer = await healthRoutes(checks).request('/readyz');
  return { status: answer.status, text: await answer.text() };
};
/** A database or a disk that is busy may not answer in time at first. */
const becomesReady = (text: string): Promise<void> =>
  expect.poll(ready, { timeout: 30_000 }).toEqual({ status: 200, text });

describe('the scrub', () => {
  it('finds a flipped bit in an entry that nobody asks for, raises the alarm, and nothing is signed over it', async () => {
    const audited = new AuditedLog(home.vkey);
    for (let i = 0; i < 3; i++) await audited.append(log, 1);
    await appendTogether(
      log.sequencer,
      Array.from({ length: 300 }, () => rawApproval()),
    );
    await passes(1);
    expect(log.scrubber!.state.damaged).toEqual([]);
    await becomesReady('ready\n');
    const entries = [...(await log.log.entries(0, 303))];

    await flip('blocks', 'data', 'octet_length(data) / 2', 'first = 1');
    await waitUntil('it is found', () => log.scrubber!.state.damaged.length > 0);
    expect(log.scrubber!.state.damaged).toEqual([1]);
    expect(lines.filter((line) => line.includes('"index":1')).join()).toContain('is not what was signed');
    expect(await log.metrics.text()).toMatch(/^assent_scrub_damaged_entries 1$/m);
    await becomesReady('ready\nwarning storage: stored entries are damaged: 1\n');
    await expect(log.log.entry(1)).rejects.toMatchObject({ code: 'stored_data_damaged' });
    expect(await log.log.entry(0)).toEqual(entries[0]);

    // What is signed from now on has the leaf that was signed before, and not that of the bytes that are there.
    await appendTogether(log.sequencer, [rawApproval()]);
    const { size, root } = await log.log.head();
    expect(size).toBe(304);
    const tree = new PlainTree([...entries, await log.log.entry(303)].map((entry) => Buffer.from(entry)));
    expect(Buffer.from(root)).toEqual(tree.root());

    // One line for one damage; and when it is restored, all is well.
    await passes(2);
    expect(lines.filter((line) => line.includes('is not what was signed'))).toHaveLength(1);
    await flip('blocks', 'data', 'octet_length(data) / 2', 'first = 1');
    await waitUntil('it is whole again', () => log.scrubber!.state.damaged.length === 0);
    await audited.append(log, 1);
    expect(await audited.audit(log)).toMatchObject({ acknowledged: 4, recovered: 4 });
  });

  it.each([
    [
      'the hash beside an entry of a full bundle',
      () => flip('blocks', 'leaf_hashes', '7', 'first = 16'),
      /leaf hashes/,
    ],
    [
      'the hash beside one of the newest entries',
      () => flip('blocks', 'leaf_hashes', '7', 'first = 288'),
      /leaf hashes/,
    ],
    ['a tile', () => flip('tiles', 'hashes', '100', 'level = 0 and n = 0'), /tile 0\/0/],
  ])('stops the log over a flipped bit in %s, as later heads would be computed from it', async (_, damage, words) => {
    await appendTogether(
      log.sequencer,
      Array.from({ length: 300 }, () => rawApproval()),
    );
    const before = await log.log.head();
    await damage();
    await waitUntil('the log is read-only', () => log.log.stopReason !== undefined);
    expect(log.log.stopReason).toMatch(words);
    expect(log.publisher.current!.head.seq).toBe(before.seq);
    await expect(log.log.head()).rejects.toMatchObject({ code: 'read_only' });
  });

  it('takes an entry that was erased after a court order for none', async () => {
    await appendTogether(
      log.sequencer,
      Array.from({ length: 3 }, () => rawApproval()),
    );
    const { kysely } = log.database;
    await insertWithheld(kysely, { index: 1, reason: 'for this test', at: 1 });
    await eraseEntry(kysely, 1);
    await passes(2);
    expect(log.scrubber!.state.damaged).toEqual([]);
    expect(log.log.stopReason).toBeUndefined();
  });
});

import type { Database } from '@assent/log-server';
import { createApproval, createServiceKey } from '@assent/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeys } from '../src/api-keys.ts';
import { createApp } from '../src/http/app.ts';
import type { Log } from '../src/log.ts';
import { type Outcome, runProgram } from './support/run-program.ts';
import { createLogHome, ORIGIN, silent, type TestLogHome } from './support/test-log.ts';

// The commands are the built program's: `npm test` builds it first.
let home: TestLogHome;
let log: Log;
let database: Database;
let app: ReturnType<typeof createApp>;
const serviceKey = createServiceKey();
const approvals = Array.from({ length: 5 }, () => createApproval({ origin: ORIGIN, serviceKey }));

const withhold = (...args: string[]): Promise<Outcome> =>
  runProgram(['withhold', ...args, '--data-dir', home.dataDir], { DATABASE_URL: home.testDatabase.url });

/** A server of its own, as each of several would be: what it believes of the list is as old as it is. */
async function openApp(): Promise<void> {
  const opened = await home.open();
  log = opened.log;
  database = opened.database;
  app = createApp({ log, apiKeys: new ApiKeys(opened.database), health: {}, logger: silent });
}

const get = async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await app.request(path);
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, body: json ? JSON.parse(await response.text()) : {} };
};

beforeAll(async () => {
  home = await createLogHome();
  await openApp();
  const rights = { services: ['*'] };
  for (const { envelope } of approvals) await log.append({ kind: 'approval', content: envelope }, rights);
});

afterAll(() => home.remove());

describe('assent-log withhold', () => {
  it.each([
    ['no reason', ['1'], '--reason must say why'],
    ['a blank reason', ['1', '--reason', '  '], '--reason must say why'],
    ['no index', ['one', '--reason', 'x'], 'index of an entry'],
    ['a reason to undo', ['1', '--undo', '--reason', 'x'], 'without --reason'],
  ])('ends with code 2 for %s', async (_, args, words) => {
    expect(await withhold(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(words) });
  });

  it('refuses an entry that is not there, and an erasure without --yes', async () => {
    expect(await withhold('5', '--reason', 'x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('5 entries'),
    });
    expect(await withhold('1', '--reason', 'x', '--erase')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--yes'),
    });
    expect((await withhold('list')).stdout).toBe('INDEX  WITHHELD  BYTES  REASON\n');
  });

  it('stops every way to the bytes, and nothing else; undoing brings them back', async () => {
    expect(await withhold('2', '--reason', 'Court order 1 O 1/27')).toMatchObject({ code: 0, stdout: '' });
    expect(JSON.parse((await withhold('list', '--json')).stdout)).toMatchObject({
      type: 'assent/withheld/v1',
      entries: [{ index: 2, reason: 'Court order 1 O 1/27', erased: false }],
    });
    expect((await withhold('list')).stdout).toMatch(
      /^INDEX {2}WITHHELD +BYTES {2}REASON\n2 {6}20\S+Z {2}kept {3}Court order 1 O 1\/27\n$/,
    );
    await openApp();
    const { digest, statement } = approvals[2]!;
    for (const path of [
      '/api/v1/entries/2',
      '/api/v1/receipts/2',
      `/api/v1/receipts/${digest}`,
      `/api/v1/receipts/${statement.service}/${statement.id}`,
      '/tile/entries/000.p/5',
    ]) {
      const { status, body } = await get(path);
      expect({ path, status, body }).toMatchObject({ path, status: 451, body: { code: 'withheld', index: 2 } });
      expect(JSON.stringify(body)).not.toContain('Court');
    }
    // Not even to say that what a cache has is still good.
    const fresh = await app.request('/tile/entries/000.p/5', { headers: { 'if-none-match': '*' } });
    expect(fresh.status).toBe(451);
    expect((await get('/tile/entries/000.p/5')).body.detail).toContain('/api/v1/entries/{index}');
    for (const path of ['/api/v1/entries/1', '/api/v1/receipts/3', '/tile/0/000.p/5', '/tile/entries/000.p/2']) {
      expect({ path, status: (await get(path)).status }).toEqual({ path, status: 200 });
    }
    expect((await log.readableEntries(0, 5)).map((entry) => entry === undefined)).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
    // The same approval again: its receipt would hold the bytes.
    await expect(
      log.append({ kind: 'approval', content: approvals[2]!.envelope }, { services: ['*'] }),
    ).rejects.toMatchObject({ code: 'withheld' });

    expect((await withhold('--undo', '2')).code).toBe(0);
    expect(await withhold('--undo', '2')).toMatchObject({ code: 1, stderr: expect.stringContaining('not withheld') });
    await expect.poll(async () => (await get('/api/v1/entries/2')).status, { timeout: 30_000 }).toBe(200);
  });

  it('erases the bytes for good, and serves the neighbours out of the same block', async () => {
    const content = () => createApproval({ origin: ORIGIN, serviceKey }).envelope;
    const append = () => log.append({ kind: 'approval', content: content() }, { services: ['*'] });
    await Promise.all(Array.from({ length: 12 }, append));
    const blocks = await database.kysely.selectFrom('blocks').select(['first', 'count']).execute();
    const block = blocks.find(({ count }) => count > 1);
    expect(block).toBeDefined();
    const [index, neighbour] = [String(block!.first), block!.first + 1];

    const erased = await withhold(index, '--reason', 'x', '--erase', '--yes');
    expect(erased).toMatchObject({ code: 0, stderr: expect.stringContaining('are destroyed') });
    expect((await withhold(index, '--reason', 'x', '--erase', '--yes')).stderr).toContain('erased already');
    expect(await withhold('--undo', index)).toMatchObject({ code: 1, stderr: expect.stringContaining('erased') });
    await openApp();
    expect((await get(`/api/v1/entries/${index}`)).status).toBe(451);
    expect((await get(`/api/v1/entries/${neighbour}`)).status).toBe(200);
  });
});

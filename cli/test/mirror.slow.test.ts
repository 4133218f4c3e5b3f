import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createServiceKey } from '@assent/test-support';
import { createSmallDisk, type SmallDisk, whyNoSmallDisk } from '@assent/test-support/fault/small-disk';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { unwrap } from '@assent/test-support/results';
import { parseVkey, TILE_WIDTH } from '@assent/verifier';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openMirror } from '../../log-server/src/maintenance/mirror-source.ts';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';
import { type RunningLog, startLog } from './running-log.ts';

const contentsOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => statSync(path.join(folder, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(path.join(folder, name)).toString('base64')]),
  );

describe('assent mirror, of a log that runs', () => {
  let log: RunningLog;
  let vkey: string;
  const serviceKey = createServiceKey();

  beforeAll(async () => {
    log = await startLog();
    const about = (await (await fetch(`${log.url}/api/v1/log`)).json()) as { vkeys: string[] };
    vkey = about.vkeys[0]!;
  });

  afterAll(() => log?.stop());

  async function append(count: number): Promise<void> {
    const entries = Array.from({ length: count }, () => ({
      kind: 'approval',
      content: createApproval({ origin: log.origin, serviceKey }).envelope,
      visibility: 'open',
    }));
    const response = await fetch(`${log.url}/api/v1/entries/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${log.apiKey}` },
      body: JSON.stringify({ entries }),
    });
    const { results } = (await response.json()) as { results: { status: number }[] };
    expect(results.every(({ status }) => status === 201)).toBe(true);
  }

  const mirror = (folder: string) => runAssent(['mirror', log.url, folder, '--log-key', vkey, '--json']);
  const exportTo = (folder: string) => log.operate('export', '--to', folder, '--checkpoint', `${log.url}/checkpoint`);

  it('makes the files that the log itself exports, from size to size, and those of a withheld entry', async () => {
    const [copy, exported] = [path.join(temporaryFolder(), 'copy'), path.join(temporaryFolder(), 'export')];
    for (const count of [200, 56, 1, 700]) {
      await append(count);
      expect((await mirror(copy)).exitCode).toBe(0);
      await exportTo(exported);
      expect(contentsOf(copy)).toEqual(contentsOf(exported));
    }
    const { raw } = unwrap(parseVkey(vkey)).publicKey;
    const source = await openMirror(copy, { origin: log.origin, publicKeys: [raw] });
    const entries = await source.entries(0, 957);
    expect([entries.filter((entry) => entry !== undefined).length, source.checkpoints[0]?.size]).toEqual([957, 957]);

    await log.operate('withhold', '300', '--reason', 'a test');
    // Longer than a server may believe its list of them.
    await expect.poll(async () => (await fetch(`${log.url}/api/v1/entries/300`)).status, { timeout: 20_000 }).toBe(451);
    const [second, third] = [path.join(temporaryFolder(), 'copy'), path.join(temporaryFolder(), 'export')];
    expect(jsonOf(await mirror(second))).toMatchObject({ withheld: [300] });
    await exportTo(third);
    expect(contentsOf(second)).toEqual(contentsOf(third));
    expect(existsSync(path.join(second, 'tile/entries/001'))).toBe(false);
    const lacking = await openMirror(second, { origin: log.origin, publicKeys: [raw] });
    expect((await lacking.entries(TILE_WIDTH, 2 * TILE_WIDTH)).filter((entry) => entry !== undefined)).toHaveLength(
      255,
    );
  });

  it('is what a monitor reads as well, which tells the age of its head', async () => {
    const state = path.join(temporaryFolder(), 'monitor.json');
    const look = (...more: readonly string[]) =>
      runAssent(['monitor', log.url, '--log-key', vkey, '--state', state, '--once', '--service', '*', ...more]);
    const run = await look();
    expect(run.exitCode).toBe(0);
    const codes = run.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { code: string }).code);
    expect(codes.filter((code) => code === 'match')).toHaveLength(956);
    expect(codes.filter((code) => code === 'withheld')).toHaveLength(1);
    const [fresh] = [JSON.parse(readFileSync(state, 'utf8')) as { fresh_at: number }];
    expect(Date.now() - fresh.fresh_at).toBeLessThan(600_000);
  });
});

const noDisk = whyNoSmallDisk();

describe.skipIf(noDisk !== undefined)(
  `on a disk that is full, or read-only${noDisk === undefined ? '' : ` (3 cases skipped: ${noDisk})`}`,
  () => {
    let log: LyingLog;
    let disk: SmallDisk;

    beforeAll(async () => {
      log = await startLyingLog({ size: 600 });
      disk = createSmallDisk(4);
    });

    afterEach(() => disk.makeRoom());

    afterAll(async () => {
      disk?.remove();
      await log?.close();
    });

    it('a mirror says so, publishes nothing, and goes on when there is room', async () => {
      const folder = path.join(disk.folder, 'copy');
      const mirror = () => runAssent(['mirror', log.url, folder, '--log-key', log.vkey, '--json']);
      disk.fillUpTo(0.1);
      const full = await mirror();
      expect([full.exitCode, jsonOf(full)]).toMatchObject([
        2,
        { code: 'file_unwritable', message: expect.stringContaining('the disk is full') },
      ]);
      expect(existsSync(path.join(folder, 'checkpoint'))).toBe(false);
      disk.makeRoom();
      expect(jsonOf(await mirror())).toMatchObject({ size: 600 });
      log.grow(300);
      disk.fillUpTo(0);
      expect((await mirror()).exitCode).toBe(2);
      expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe(log.log.checkpoint(600));
      disk.makeRoom();
      expect(jsonOf(await mirror())).toMatchObject({ size: 900, from: 600 });
    });

    it('a mirror says that it may not write', async () => {
      const folder = path.join(disk.folder, 'copy');
      const remount = (mode: string) => spawnSync('mount', ['-o', `remount,${mode}`, disk.folder]).status;
      log.grow(10);
      expect(remount('ro')).toBe(0);
      const run = await runAssent(['mirror', log.url, folder, '--log-key', log.vkey]);
      expect(remount('rw')).toBe(0);
      expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('the file system is read-only')]);
    });

    it('a monitor says so, keeps its state, and tells what it had not told', async () => {
      const state = path.join(disk.folder, 'monitor.json');
      const look = () =>
        runAssent(['monitor', log.url, '--log-key', log.vkey, '--state', state, '--once', '--requester', 'agent:*']);
      expect((await look()).exitCode).toBe(0);
      const before = readFileSync(state, 'utf8');
      log.grow(50);
      disk.fillUpTo(0);
      const full = await look();
      expect([full.exitCode, full.stdout, full.stderr]).toEqual([2, '', expect.stringContaining('the disk is full')]);
      expect(readFileSync(state, 'utf8')).toBe(before);
      disk.makeRoom();
      const told = await look();
      expect(told.exitCode).toBe(0);
      expect(told.stdout.trim().split('\n').length).toBeGreaterThan(30);
      writeFileSync(path.join(disk.folder, 'still-writable'), '');
    });
  },
);

/**
 * What comes between, for the commands that keep state, where their own tests don't have it: Ctrl-C twice, a second process, the state of a
 * newer version, a read-only disk, a pipe that nobody reads.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createSmallDisk, whyNoSmallDisk } from '@assent/test-support/fault/small-disk';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { createWitnessHome } from '@assent/test-support/witness-program';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runAssent, startAssent, temporaryFolder } from './run-assent.ts';

let log: LyingLog;

beforeAll(async () => {
  log = await startLyingLog({ size: 600 });
});

afterEach(() => {
  log.lie = undefined;
  log.lieOn = /^/;
});

afterAll(() => log.close());

const STALLED = /^tile\/entries\/002/;

/** Starts it, and resolves when the log was asked for something that it never answers. */
async function stall(args: readonly string[]) {
  log.requests.length = 0;
  log.lie = 'never-ends';
  log.lieOn = STALLED;
  const started = startAssent(args);
  await waitUntil('the log was asked', () => log.requests.some((asked) => STALLED.test(asked)));
  return started;
}

const monitorArgs = (state: string): string[] => ['monitor', log.url, '--log-key', log.vkey, '--state', state];
const mirrorArgs = (folder: string): string[] => ['mirror', log.url, folder, '--log-key', log.vkey];
const newState = () => path.join(temporaryFolder(), 'monitor.json');
const newCopy = () => path.join(temporaryFolder(), 'copy');

describe('Ctrl-C twice', () => {
  async function stopTwice(args: readonly string[]): Promise<void> {
    const { child, ended, said } = await stall(args);
    child.kill('SIGINT');
    await waitUntil('it said so', () => said().includes('once more to stop at once'));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  }

  it('ends a monitor, whose state is whole', async () => {
    const state = newState();
    await stopTwice(monitorArgs(state));
    log.lie = undefined;
    expect((await runAssent([...monitorArgs(state), '--once'])).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ next: 600 });
  });

  it('ends a mirror, whose copy has no head until it is whole', async () => {
    const folder = newCopy();
    await stopTwice(mirrorArgs(folder));
    expect(existsSync(path.join(folder, 'checkpoint'))).toBe(false);
    log.lie = undefined;
    expect((await runAssent(mirrorArgs(folder))).exitCode).toBe(0);
    expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe(log.log.checkpoint());
  });

  it('ends a witness, which starts again with what it remembers', async () => {
    const home = createWitnessHome('witness.test/twice');
    home.listLogs([log]);
    try {
      const witness = await home.start();
      for (let i = 0; i < 2; i++) witness.signal('SIGINT');
      // As asked by the first one, or at once by the second.
      expect([0, 130]).toContain(await witness.ended);
      expect((await home.start()).said()).toContain('listens on');
    } finally {
      await home.remove();
    }
  });
});

describe('a second process', () => {
  it('does not get the state of a monitor, or the copy of a mirror, that is in use', async () => {
    for (const args of [monitorArgs(newState()), mirrorArgs(newCopy())]) {
      const { child, ended } = await stall(args);
      const second = await runAssent(args);
      expect([second.exitCode, second.stderr]).toEqual([
        2,
        expect.stringContaining('in use by another assent process'),
      ]);
      child.kill('SIGTERM');
      expect(await ended).toBe(130);
    }
  });
});

describe('a state of a newer version', () => {
  it('is refused by a monitor, and left as it is', async () => {
    const state = newState();
    const text = '{"type":"assent/monitor-state/v2","next":7}';
    writeFileSync(state, text);
    const run = await runAssent([...monitorArgs(state), '--once']);
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([2, '', expect.stringContaining('newer version of assent')]);
    expect(readFileSync(state, 'utf8')).toBe(text);
  });
});

describe('a pipe that nobody reads', () => {
  it('is no failure of a mirror, which copies all the same, nor of a monitor', async () => {
    const folder = newCopy();
    for (const args of [
      [...mirrorArgs(folder), '--json'],
      [...monitorArgs(newState()), '--once', '--service', '*'],
    ]) {
      const { child, ended, said } = startAssent(args);
      child.stdout!.destroy();
      expect([args[0], await ended]).toEqual([args[0], 0]);
      expect(said()).not.toContain('EPIPE');
    }
    expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe(log.log.checkpoint());
  });
});

const noDisk = whyNoSmallDisk();

describe.skipIf(noDisk !== undefined)(
  `a disk that is read-only${noDisk === undefined ? '' : ` (skipped: ${noDisk})`}`,
  () => {
    it('is said by audit and monitor, and what they had stays', async () => {
      const disk = createSmallDisk(4);
      const remount = (mode: string) => spawnSync('mount', ['-o', `remount,${mode}`, disk.folder]).status;
      try {
        const state = path.join(disk.folder, 'monitor.json');
        const audit = ['audit', log.url, '--log-key', log.vkey, '--threads', '1', '--json', '--state'];
        const runs = () => [
          runAssent([...monitorArgs(state), '--once']),
          runAssent([...audit, path.join(disk.folder, 'audit')]),
        ];
        for (const run of await Promise.all(runs())) expect(run.exitCode).toBe(0);
        const before = readFileSync(state, 'utf8');
        log.grow(5);
        expect(remount('ro')).toBe(0);
        const [monitor, audited] = await Promise.all(runs());
        expect([monitor!.exitCode, monitor!.stderr]).toEqual([
          2,
          expect.stringContaining('the file system is read-only'),
        ]);
        expect([audited!.exitCode, jsonOf(audited!)]).toMatchObject([
          2,
          { code: 'file_unwritable', message: expect.stringContaining('the file system is read-only') },
        ]);
        expect(readFileSync(state, 'utf8')).toBe(before);
      } finally {
        remount('rw');
        disk.remove();
      }
    });
  },
);

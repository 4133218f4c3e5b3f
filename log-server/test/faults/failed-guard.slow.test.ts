/**
 * Every write of the fork guard, failed before and after it persisted; the whole log is audited after each. And the disk
 * that fails an fsync: whatever the page cache says, nothing is signed any more. Seen red: with `incurable()` of
 * publisher.ts without EIO, and without GuardNotSynced (the log goes on).
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guardDirectory } from '../../src/open-parts.ts';
import { Guard } from '../../src/publisher/guard.ts';
import { AuditedLog } from '../support/audited-log.ts';
import { sourcesOf } from '../support/sources.ts';
import { createLogHome, type TestLogHome } from '../support/test-log.ts';

type Call = 'mkdir' | 'symlink' | 'fsync' | 'unlink';
type Fault = { readonly call: Call; readonly phase: 'before' | 'after'; readonly code: string; left: number };

const disk = vi.hoisted(() => ({
  fault: undefined as Fault | undefined,
  folder: '',
  /** The error to throw now, if this call is the one that fails. */
  strike(call: Call, path: string, phase: 'before' | 'after'): Error | undefined {
    const { fault } = disk;
    if (fault === undefined || fault.left === 0 || fault.call !== call || fault.phase !== phase) return undefined;
    if (!path.startsWith(disk.folder)) return undefined;
    fault.left--;
    return Object.assign(new Error(`${fault.code}: ${call} was made to fail`), { code: fault.code });
  },
}));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const failing = async (call: Call, path: string, run: () => Promise<void>): Promise<void> => {
    const before = disk.strike(call, path, 'before');
    if (before !== undefined) throw before;
    await run();
    const after = disk.strike(call, path, 'after');
    if (after !== undefined) throw after;
  };
  return {
    ...real,
    symlink: (target: string, path: string) => failing('symlink', path, () => real.symlink(target, path)),
    unlink: (path: string) => failing('unlink', path, () => real.unlink(path)),
  };
});

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const fsync = (fd: number, callback: (error: Error | null) => void): void => {
    const path = readlinkSync(`/proc/self/fd/${fd}`);
    const before = disk.strike('fsync', path, 'before');
    if (before !== undefined) callback(before);
    else real.fsync(fd, (error) => callback(error ?? disk.strike('fsync', path, 'after') ?? null));
  };
  const mkdirSync = (path: string, options: object): void => {
    const before = disk.strike('mkdir', path, 'before');
    if (before !== undefined) throw before;
    real.mkdirSync(path, options);
    const after = disk.strike('mkdir', path, 'after');
    if (after !== undefined) throw after;
  };
  return { ...real, fsync, mkdirSync };
});

let home: TestLogHome;
let audited: AuditedLog;

beforeEach(async () => {
  home = await createLogHome();
  audited = new AuditedLog(home.vkey);
  disk.folder = guardDirectory(home.dataDir);
});
afterEach(async () => {
  disk.fault = undefined;
  await home.remove();
});

/** So many moves before the fault that the guard clears old generations away during it; the other calls come with each move. */
const movesBefore = (call: Call): number => (call === 'unlink' ? 58 : 3);
const MOVES = 12;

async function expectWhole(): Promise<void> {
  const fresh = await home.open();
  expect(fresh.log.stopReason).toBeUndefined();
  await audited.append(fresh, 3);
  // An entry may be stored whose receipt nobody got.
  const { acknowledged, recovered } = await audited.audit(fresh);
  expect(recovered).toBe(acknowledged);
}

const CALLS = ['symlink', 'fsync', 'unlink'] as const satisfies Call[];
const PHASES = ['before', 'after'] as const;

describe.each(['symlink', 'unlink'] as const)('a failing %s of the fork guard', (call) => {
  it.each(PHASES)('%s it persisted, for a while (ENOSPC): the log goes on by itself', async (phase) => {
    const log = await home.open();
    for (let i = 0; i < movesBefore(call); i++) await audited.append(log, 1);
    const fault: Fault = { call, phase, code: 'ENOSPC', left: 2 };
    disk.fault = fault;
    for (let i = 0; i < MOVES; i++) await audited.append(log, 1);
    expect(fault.left).toBe(0);
    expect(log.log.stopReason).toBeUndefined();
    const size = movesBefore(call) + MOVES;
    expect(await audited.audit(log)).toMatchObject({ size, acknowledged: size, recovered: size });
    await expectWhole();
  });
});

describe.each(CALLS)('a failing %s of the fork guard', (call) => {
  // A sync that failed is one, whatever the reason: what it was to write is lost, and the next call does not say so.
  const errors = call === 'fsync' ? ['EIO', 'ENOSPC', 'EDQUOT'] : ['EIO'];
  it.each(errors.flatMap((code) => PHASES.map((phase) => [phase, code] as const)))(
    '%s it persisted, for good (%s): nothing is signed any more',
    async (phase, code) => {
      const log = await home.open();
      for (let i = 0; i < movesBefore(call); i++) await audited.append(log, 1);
      const signed = log.publisher.current!.head;
      disk.fault = { call, phase, code, left: 1 };
      let last = signed;
      await expect(async () => {
        for (let i = 0; i < MOVES; i++) {
          last = log.publisher.current!.head;
          await audited.append(log, 1);
        }
      }).rejects.toMatchObject({ code: 'read_only' });
      // The disk is well again, or says so: what it holds is not known all the same.
      disk.fault = undefined;
      expect(log.log.stopReason).toContain("fork guard's disk failed");
      await expect(audited.append(log, 1)).rejects.toMatchObject({ code: 'read_only' });
      await expect(log.log.head()).rejects.toMatchObject({ code: 'read_only' });
      expect(log.publisher.current!.head).toEqual(last);
      await log.close();
      const { state } = (await new Guard(disk.folder).read())!;
      expect(state.head.seq).toBeGreaterThanOrEqual(last.seq);
      await expectWhole();
    },
  );
});

describe.each(['mkdir', 'fsync', 'symlink'] as const)('a failing %s while the guard of a new log is made', (call) => {
  it.each(PHASES)('%s it persisted: the log does not open, and does the next time', async (phase) => {
    // The folder above the guard's is synced too.
    disk.folder = home.dataDir;
    const fault: Fault = { call, phase, code: 'EIO', left: 1 };
    disk.fault = fault;
    await expect(home.open()).rejects.toThrow('EIO');
    expect(fault.left).toBe(0);
    const log = await home.open();
    await audited.append(log, 3);
    expect(await audited.audit(log)).toMatchObject({ size: 3, acknowledged: 3, recovered: 3 });
    await expectWhole();
  });
});

describe('the table above', () => {
  it('has every call by which sequencer and publisher change a file', () => {
    const reading = ['closeSync', 'existsSync', 'openSync', 'readdirSync', 'readlinkSync', 'statSync'];
    // What makes the guard's folder is also others'.
    const makeFolder = readFileSync(new URL('../../src/make-folder.ts', import.meta.url), 'utf8');
    const texts = [...sourcesOf('sequencer', 'publisher').values(), makeFolder];
    const called = texts.flatMap((text) =>
      [...text.matchAll(/import \{([^}]*)\} from 'node:fs(?:\/promises)?'/g)].flatMap(([, names]) =>
        names!.split(',').map((name) => name.trim()),
      ),
    );
    expect(called.filter((name) => !reading.includes(name)).sort()).toEqual([
      'fsync',
      'mkdirSync',
      'symlink',
      'unlink',
    ]);
    // Nor do they by another way.
    for (const text of texts) {
      expect(text).not.toMatch(
        /import\(|require\(|from '(node:)?(child_process|worker_threads|sqlite)|\* as .* from 'node:fs/,
      );
    }
  });
});

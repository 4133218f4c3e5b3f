import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTestWitness } from '@assent/test-support';
import { type Lie, type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { unwrap } from '@assent/test-support/results';
import { formatBundle, leafHash, parseJson, parseLogPolicy } from '@assent/verifier';
import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CommandFailure } from '../src/failure.ts';
import { lock } from '../src/files/lock.ts';
import { openLogSource } from '../src/log-source/log-source.ts';
import { MirrorFolder } from '../src/mirror/mirror-folder.ts';
import { type Mirrored, mirrorLog } from '../src/mirror/mirror-log.ts';
import type { Pinned } from '../src/pinned.ts';
import { primitives } from '../src/primitives.ts';
import { jsonOf, PROGRAM, type Run, runAssent, temporaryFolder } from './run-assent.ts';

let log: LyingLog;
/** A copy of the log at its first size. */
let copied: string;

const SIZE = 600;

const LIES_CAUGHT: readonly (readonly [Lie, number, RegExp])[] = [
  ['changed-entry', 1, /entry (0|256|512) is not the one that the log signed/],
  ['truncated-bundle', 1, /tile\/entries\/00.*: the bundle ends within an entry \(bundle_malformed\)/],
  ['swapped-tile', 1, /tile\/0\/00[01]: it is not of the tree that the log signed/],
  ['wrong-partial-tile', 1, /its tiles do not give the root that it signed at size 600/],
  ['other-log', 1, /its checkpoint is not to be believed: the tree head is of another log.*log.example.org\/stranger/],
  ['endless-body', 3, /answered with more than 1000000 bytes/],
  ['gzip-bomb', 3, /answered with more than 1000000 bytes/],
  ['redirect-loop', 3, /redirects are not followed/],
  ['never-ends', 3, /did not finish its answer within 1 s/],
];

beforeAll(async () => {
  log = await startLyingLog({ size: SIZE });
  const cwd = temporaryFolder();
  copied = path.join(cwd, 'copy');
  // Named as people name it: a path that is relative once never ended.
  const run = await runAssent(['mirror', log.url, 'copy', '--log-key', log.vkey], { cwd });
  expect(run).toMatchObject({ exitCode: 0 });
});

afterEach(() => {
  log.requests.length = 0;
});

afterAll(() => log.close());

function mirror(folder: string, ...more: readonly string[]): Promise<Run> {
  const [location = log.url, ...flags] = more.length > 0 && !more[0]!.startsWith('-') ? more : [log.url, ...more];
  return runAssent(['mirror', location, folder, '--log-key', log.vkey, '--attempts', '1', ...flags]);
}

/** The same without a program: what it reports, or the failure's kind and words. */
async function mirrorHere(
  folder: string,
  location = log.url,
  checkAll = false,
  pinned: Pinned = { logKeys: [log.vkey] },
): Promise<Mirrored | 'unchanged' | string> {
  const { signal } = new AbortController();
  const source = await openLogSource(location, { timeoutMs: 10_000, concurrency: 4, signal, attempts: 1 });
  let target: MirrorFolder | undefined;
  try {
    target = await MirrorFolder.open(folder, signal, 4);
    return await mirrorLog({
      source,
      folder: target,
      given: pinned,
      pinned: async () => pinned,
      checkAll,
      concurrency: 4,
      primitives,
      signal,
      misbehaviourFile: `${folder}.misbehaviour.json`,
      onProgress: () => undefined,
    });
  } catch (error) {
    if (error instanceof CommandFailure) return `${error.kind}: ${error.message}`;
    throw error;
  } finally {
    await target?.close();
    await source.close();
  }
}

const files = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .sort();

/** A copy of the copy, to be spoiled. */
function copyOfCopy(): string {
  const folder = path.join(temporaryFolder(), 'copy');
  cpSync(copied, folder, { recursive: true });
  return folder;
}

describe('assent mirror', () => {
  it('copies a log as it is', () => {
    expect(files(copied)).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/88',
    ]);
    const read = (name: string) => readFileSync(path.join(copied, name));
    expect(read('checkpoint').toString()).toBe(log.log.checkpoint(SIZE));
    expect(read('tile/entries/002.p/88').equals(formatBundle(log.entries.slice(512, SIZE)))).toBe(true);
    expect(read('tile/0/001').equals(Buffer.concat(log.entries.slice(256, 512).map((e) => leafHash(e))))).toBe(true);
  });

  it('asks one question if nothing is new, and says so', async () => {
    const run = await mirror(copied, '--json');
    expect(log.requests).toEqual(['checkpoint']);
    expect([run.exitCode, jsonOf(run)]).toEqual([
      0,
      { type: 'assent/mirror/v1', log: `${log.url}/`, folder: copied, changed: false },
    ]);
  });

  const liars = new Map<Lie, Promise<{ run: Run; folder: string }>>();

  /** All at once, as each of them is mostly a program that starts. */
  function mirrorOfLiar(lie: Lie): Promise<{ run: Run; folder: string }> {
    for (const [other] of liars.size === 0 ? LIES_CAUGHT : []) {
      const folder = path.join(temporaryFolder(), 'copy');
      liars.set(
        other,
        mirror(folder, log.urlOf(other), '--timeout', other === 'never-ends' ? '1' : '60').then((run) => ({
          run,
          folder,
        })),
      );
    }
    return liars.get(lie)!;
  }

  it('takes over new cosignatures of the same head with that one question', async () => {
    const folder = copyOfCopy();
    log.cosign = (checkpoint) => createTestWitness({ name: 'witness.test/w' }).append(checkpoint);
    const mirrored = await mirrorHere(folder);
    log.cosign = (checkpoint) => checkpoint;
    expect([mirrored, log.requests]).toMatchObject([{ size: SIZE, files: 1 }, ['checkpoint']]);
    expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toContain('witness.test/w');
  });

  it.each(LIES_CAUGHT)('catches %s with %s, and copies no head', async (lie, exitCode, words) => {
    const { run, folder } = await mirrorOfLiar(lie);
    expect([run.exitCode, run.stderr]).toEqual([exitCode, expect.stringMatching(words)]);
    expect(existsSync(path.join(folder, 'checkpoint'))).toBe(false);
  });

  it('does not go back to an old head, and keeps what it has', async () => {
    const run = await mirror(copied, log.urlOf('old-head'));
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('shows a head of size 300')]);
    expect(readFileSync(path.join(copied, 'checkpoint'), 'utf8')).toBe(log.log.checkpoint(SIZE));
    expect(existsSync(`${copied}.misbehaviour.json`)).toBe(false);
  });

  it('takes no address for its folder', async () => {
    const cwd = temporaryFolder();
    const run = await runAssent(['mirror', log.url, log.url], { cwd });
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('the log comes first')]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('mends what it finds damaged, and does not take a folder that is something else', async () => {
    const folder = copyOfCopy();
    writeFileSync(path.join(folder, 'tile/0/001'), 'damaged');
    rmSync(path.join(folder, 'tile/entries/000'));
    expect(await mirrorHere(folder)).toBe('unchanged');
    expect(await mirrorHere(folder, log.url, true)).toMatchObject({ size: SIZE, files: 2 });
    for (const name of files(copied)) {
      expect(readFileSync(path.join(folder, name)).equals(readFileSync(path.join(copied, name)))).toBe(true);
    }
    const other = temporaryFolder();
    writeFileSync(path.join(other, 'holiday.jpg'), '');
    expect(await mirrorHere(other)).toMatch(/^file_exists: .*holiday.jpg/);
  });

  it('lets one process at a time into a folder', async () => {
    const held = await lock(path.join(copied, 'checkpoint'));
    const run = await mirror(copied, '--json');
    await held.release();
    expect([run.exitCode, jsonOf(run).code]).toEqual([2, 'in_use']);
  });

  it('says where it cannot write, and publishes nothing', async () => {
    const folder = path.join(temporaryFolder(), 'copy');
    // As root may write everywhere, a folder stands in the way.
    mkdirSync(path.join(folder, 'tile/0/.001.new'), { recursive: true });
    expect(await mirrorHere(folder)).toMatch(/^file_unwritable: cannot write .*tile\/0\/001/);
    expect(existsSync(path.join(folder, 'checkpoint'))).toBe(false);
  });

  it('copies a copy, for whoever has the key', async () => {
    const folder = path.join(temporaryFolder(), 'copy');
    expect(await mirrorHere(folder, copied)).toMatchObject({ size: SIZE });
    expect(files(folder)).toEqual(files(copied));
    const run = await runAssent(['mirror', copied, folder]);
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('does not say whose copy it is')]);
  });
});

describe('assent mirror that is stopped', () => {
  /** Copies until it hangs on the last bundle. */
  async function untilItHangs(folder: string): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
    log.lie = 'never-ends';
    log.lieOn = /^tile\/entries\/002/;
    const child = spawn(process.execPath, [PROGRAM, 'mirror', log.url, folder, '--log-key', log.vkey], {
      stdio: 'ignore',
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const isThere = (name: string) => expect(existsSync(path.join(folder, name))).toBe(true);
    await vi.waitFor(() => ['tile/0/000', 'tile/0/001'].forEach(isThere), { timeout: 30_000, interval: 20 });
    return { child, ended };
  }

  afterEach(() => {
    log.lie = undefined;
    log.lieOn = /^/;
  });

  it('goes on after kill -9 where it was', async () => {
    const folder = path.join(temporaryFolder(), 'copy');
    const { child, ended } = await untilItHangs(folder);
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(path.join(folder, 'checkpoint'))).toBe(false);
    log.lie = undefined;
    log.requests.length = 0;
    expect((await mirror(folder)).exitCode).toBe(0);
    expect(files(folder)).toEqual(files(copied));
    expect([...log.requests].sort()).toEqual([
      'checkpoint',
      'tile/0/002.p/88',
      'tile/1/000.p/2',
      'tile/entries/002.p/88',
    ]);
  });

  it('ends with 130 on Ctrl-C', async () => {
    const { child, ended } = await untilItHangs(path.join(temporaryFolder(), 'copy'));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });
});

describe('assent mirror of a log that goes on', () => {
  it('adds what is new, and waits for the witnesses that are asked for', async () => {
    const folder = copyOfCopy();
    const witness = createTestWitness({ name: 'witness.test/w' });
    const policy = path.join(temporaryFolder(), 'log.policy');
    writeFileSync(policy, `log ${log.vkey}\nwitness w ${witness.vkey}\nquorum w\n`);
    log.grow(200);
    const run = await mirror(folder, '--log-policy', policy, '--json');
    expect([run.exitCode, jsonOf(run).code]).toEqual([2, 'quorum_not_reached']);
    expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe(log.log.checkpoint(SIZE));

    log.cosign = (checkpoint) => witness.append(checkpoint);
    log.requests.length = 0;
    const again = await mirror(folder, '--log-policy', policy, '--json');
    log.cosign = (checkpoint) => checkpoint;
    expect(jsonOf(again)).toMatchObject({ size: SIZE + 200, from: SIZE, withheld: [] });
    expect([...log.requests].sort()).toEqual([
      'checkpoint',
      'tile/0/002',
      'tile/0/003.p/32',
      'tile/1/000.p/3',
      'tile/entries/002',
      'tile/entries/003.p/32',
    ]);
    expect(files(folder).filter((name) => name.includes('.p/'))).toEqual([
      'tile/0/003.p/32',
      'tile/1/000.p/2',
      'tile/1/000.p/3',
      'tile/entries/003.p/32',
    ]);
  });

  it('takes of a busy log the newest head that is cosigned, if it says which', async () => {
    const folder = copyOfCopy();
    const witness = createTestWitness({ name: 'witness.test/w' });
    const logPolicy = unwrap(parseLogPolicy(`log ${log.vkey}\nwitness w ${witness.vkey}\nquorum w\n`));
    const copyCosigned = () => mirrorHere(folder, log.url, false, { logKeys: [log.vkey], logPolicy });
    expect(await copyCosigned()).toMatch(/^quorum_not_reached: too few witnesses/);
    log.witnessed = witness.append(log.log.checkpoint(SIZE + 50));
    expect(await copyCosigned()).toMatchObject({ size: SIZE + 50, from: SIZE });
    expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe(log.witnessed);
    expect(await copyCosigned()).toBe('unchanged');
    log.witnessed = undefined;
    expect(await copyCosigned()).toMatch(/^quorum_not_reached/);
  });

  it('leaves out what is withheld, and says what', async () => {
    const folder = copyOfCopy();
    log.withheld.add(600);
    const mirrored = await mirrorHere(folder);
    log.withheld.clear();
    expect(mirrored).toMatchObject({ withheld: [600] });
    const names = files(folder);
    expect(names).not.toContain('tile/entries/002');
    expect(names.filter((name) => name.startsWith('api/'))).toHaveLength(255);
    expect(names).not.toContain('api/v1/entries/600');
    expect(unwrap(parseJson(readFileSync(path.join(folder, 'withheld.json'))))).toEqual({
      type: 'assent/withheld/v1',
      entries: [600],
    });
    // Whoever copies the copy leaves out the same.
    const second = path.join(temporaryFolder(), 'copy');
    expect(await mirrorHere(second, folder)).toMatchObject({ withheld: [600] });
    expect(files(second).filter((name) => !name.includes('.p/'))).toEqual(
      names.filter((name) => !name.includes('.p/')),
    );
  });

  it('refuses another history, and writes down the proof', async () => {
    const folder = copyOfCopy();
    log.fork(500, 900);
    const run = await mirror(folder, '--json');
    expect([run.exitCode, jsonOf(run).code]).toEqual([1, 'forked']);
    const proof = readFileSync(`${folder}.misbehaviour.json`);
    const verified = unwrap(await verifyMisbehaviour(proof, { logKeys: [log.vkey] }));
    expect([verified.older.size, verified.newer.size]).toEqual([SIZE, 900]);
    expect(readFileSync(path.join(folder, 'checkpoint')).equals(readFileSync(path.join(copied, 'checkpoint')))).toBe(
      true,
    );

    // Also one that is shorter than the copy, of which the copy itself has the tree.
    const shorter = copyOfCopy();
    log.size = 550;
    expect(await mirrorHere(shorter)).toMatch(/^forked: .*The proof is in/s);
    const older = unwrap(
      await verifyMisbehaviour(readFileSync(`${shorter}.misbehaviour.json`), { logKeys: [log.vkey] }),
    );
    expect([older.older.size, older.newer.size]).toEqual([550, SIZE]);
    expect(await mirrorHere(shorter)).toMatch(/^forked: .*There is a proof already/s);
  });

  it('says that nobody is there', async () => {
    await log.refuse();
    const run = await mirror(copied);
    await log.listen();
    expect([run.exitCode, run.stderr]).toEqual([3, expect.stringContaining('connection refused')]);
  });
});

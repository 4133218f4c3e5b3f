import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApproval, createServiceKey } from '@assent/test-support';
import {
  formatTilePath,
  formatVkey,
  parseBundle,
  parseCheckpoint,
  parseNote,
  parseVkey,
  proveConsistency,
  TileHashReader,
  treeRoot,
  verifyNote,
} from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../src/log.ts';
import { type Outcome, runProgram } from './support/run-program.ts';
import { createLogHome, ORIGIN, type TestLogHome } from './support/test-log.ts';

// The command is the built program's: `npm test` builds it first.
let home: TestLogHome;
let log: Log;
let folder: string;
let checkpointFile: string;
const serviceKey = createServiceKey();

const append = (count: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      log.append(
        { kind: 'approval', content: createApproval({ origin: ORIGIN, serviceKey }).envelope },
        { services: ['*'] },
      ),
    ),
  );

const exportTo = (to: string, ...args: string[]): Promise<Outcome> =>
  runProgram(['export', '--to', to, '--data-dir', home.dataDir, ...args], { DATABASE_URL: home.testDatabase.url });

/** As a running server would have answered. */
async function saveCheckpoint(): Promise<void> {
  writeFileSync(checkpointFile, (await log.head()).checkpoint);
}

/** Verifies the copy with the verifier that everybody has, from the files alone. */
async function openCopy(at: string) {
  const note = parseNote(readFileSync(path.join(at, 'checkpoint')));
  const vkey = parseVkey(formatVkey(ORIGIN, home.signer.publicKey));
  if (!note.ok || !vkey.ok) throw new Error('malformed');
  expect((await verifyNote(note.value, [vkey.value])).ok).toBe(true);
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok) throw new Error('malformed');
  const { size, root } = checkpoint.value;
  const reader = new TileHashReader(size, {
    readTile: async (tile) => new Uint8Array(readFileSync(path.join(at, formatTilePath(tile)))),
  });
  expect(Buffer.from(await treeRoot(size, reader)).toString('hex')).toBe(Buffer.from(root).toString('hex'));
  return { size, root, reader };
}

beforeAll(async () => {
  home = await createLogHome();
  ({ log } = await home.open());
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'assent-export-')), 'copy');
  checkpointFile = path.join(home.dataDir, 'checkpoint');
  await append(5);
  await saveCheckpoint();
});

afterAll(async () => {
  await home.remove();
  rmSync(path.dirname(folder), { recursive: true, force: true });
});

describe('assent-log export', () => {
  it('writes a copy that verifies from its files alone, and adds to it later', async () => {
    const first = await exportTo(folder, '--checkpoint', checkpointFile, '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ type: 'assent/export/v1', size: 5, from: 0, withheld: [] });
    expect(await openCopy(folder)).toMatchObject({ size: 5 });
    const bundle = parseBundle(readFileSync(path.join(folder, 'tile/entries/000.p/5')), 5);
    const texts = (entries: readonly Uint8Array[]) => entries.map((entry) => Buffer.from(entry).toString('utf8'));
    expect(bundle.ok && texts(bundle.value)).toEqual(texts(await log.entries(0, 5)));

    await append(300);
    await saveCheckpoint();
    expect((await exportTo(folder, '--checkpoint', checkpointFile)).stdout).toContain('305 entries (300 new)');
    const { reader } = await openCopy(folder);
    expect(await proveConsistency(5, 305, reader)).not.toHaveLength(0);
    expect(existsSync(path.join(folder, 'tile/entries/000'))).toBe(true);
    // Partial tiles of a tile that is full now are of no more use.
    expect(existsSync(path.join(folder, 'tile/0/000.p'))).toBe(false);

    // Nothing new: only what has this size in its name, and the checkpoint.
    const again = await exportTo(folder, '--checkpoint', checkpointFile, '--check-all', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ size: 305, from: 305, files: 3 });
    expect(readdirSync(folder).sort()).toEqual(['checkpoint', 'tile']);
  });

  it('leaves a bundle with a withheld entry out, and publishes its other entries one by one', async () => {
    const withhold = (...args: string[]) =>
      runProgram(['withhold', '300', ...args, '--data-dir', home.dataDir], { DATABASE_URL: home.testDatabase.url });
    await withhold('--reason', 'an order');
    expect((await exportTo(folder, '--checkpoint', checkpointFile)).stdout).toContain('withheld: 300');
    expect(existsSync(path.join(folder, 'tile/entries/001.p'))).toBe(false);
    const entries = readdirSync(path.join(folder, 'api/v1/entries'))
      .map(Number)
      .sort((a, b) => a - b);
    expect(entries).toEqual(Array.from({ length: 49 }, (_, i) => 256 + i).filter((index) => index !== 300));
    expect(JSON.parse(readFileSync(path.join(folder, 'withheld.json'), 'utf8'))).toEqual({
      type: 'assent/withheld/v1',
      entries: [300],
    });
    await openCopy(folder);

    await withhold('--undo');
    await exportTo(folder, '--checkpoint', checkpointFile);
    expect(existsSync(path.join(folder, 'tile/entries/001.p/49'))).toBe(true);
    expect(existsSync(path.join(folder, 'withheld.json'))).toBe(false);
  });

  it('never publishes a checkpoint whose files are wrong, and says which', async () => {
    const tile = path.join(folder, 'tile/0/000');
    const bytes = readFileSync(tile);
    const damaged = Buffer.from(bytes);
    damaged[100]! ^= 1;
    writeFileSync(tile, damaged);
    const before = readFileSync(path.join(folder, 'checkpoint'), 'utf8');
    await append(1);
    await saveCheckpoint();
    const refused = await exportTo(folder, '--checkpoint', checkpointFile);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('tile/1/000.p/1') });
    expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe(before);
    writeFileSync(tile, bytes);
    expect((await exportTo(folder, '--checkpoint', checkpointFile)).code).toBe(0);
    expect(await openCopy(folder)).toMatchObject({ size: 306 });
  });

  it.each<[string, () => Promise<Outcome>, number, string]>([
    [
      'a folder that holds something else',
      () => exportTo(home.dataDir, '--checkpoint', checkpointFile),
      1,
      'holds something else',
    ],
    ['a checkpoint that is not there', () => exportTo(folder, '--checkpoint', `${checkpointFile}.no`), 3, 'ENOENT'],
    [
      'a server that does not answer',
      () => exportTo(folder, '--checkpoint', 'http://127.0.0.1:1/checkpoint'),
      3,
      'does not answer',
    ],
    ['the key of another log', () => exportTo(folder), 1, "is not this log's key"],
    ['no folder', () => runProgram(['export']), 2, '--to'],
    ['a size and a checkpoint', () => exportTo(folder, '--size', '5', '--checkpoint', checkpointFile), 2, '--size'],
  ])('refuses %s', async (_, run, code, words) => {
    expect(await run()).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) });
  });

  // Linux lets nobody make a folder there, and Node's own recursive mkdir never returns.
  it.runIf(existsSync('/proc/self'))('refuses a folder that cannot be made', async () => {
    const stderr = expect.stringContaining('The folder /proc/assent-copy cannot be made there');
    expect(await exportTo('/proc/assent-copy', '--checkpoint', checkpointFile)).toMatchObject({ code: 1, stderr });
  });

  it('refuses to go back, and the copy of another log', async () => {
    const copy = (await log.head()).checkpoint;
    await append(1);
    await saveCheckpoint();
    expect((await exportTo(folder, '--checkpoint', checkpointFile)).code).toBe(0);
    writeFileSync(checkpointFile, copy);
    const back = await exportTo(folder, '--checkpoint', checkpointFile);
    expect(back).toMatchObject({ code: 1, stderr: expect.stringContaining('never goes back') });

    const other = await createLogHome();
    const opened = await other.open();
    writeFileSync(path.join(other.dataDir, 'checkpoint'), (await opened.log.head()).checkpoint);
    const mixed = await runProgram(
      ['export', '--to', folder, '--data-dir', other.dataDir, '--checkpoint', path.join(other.dataDir, 'checkpoint')],
      { DATABASE_URL: other.testDatabase.url },
    );
    expect(mixed).toMatchObject({ code: 1, stderr: expect.stringContaining('is no checkpoint of') });
    await other.remove();
  });
});

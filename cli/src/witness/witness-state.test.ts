import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestLog, growTo, type TestLog } from '@assent/test-support';
import { createTestWitness } from '@assent/test-support/witnesses';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { Journal, type JournalDisk, journalDisk } from './journal.ts';
import { type Cosigned, originHash, WitnessState } from './witness-state.ts';

const root = mkdtempSync(path.join(tmpdir(), 'assent-witness-state-test-'));
afterAll(() => rmSync(root, { recursive: true }));

const witnesses = [createTestWitness({ name: 'witness.test/w', seed: 1 }).vkey];
const log = growTo(createTestLog({ origin: 'log.test/one' }), 50);
let folder: string;
let made = 0;

beforeEach(async () => {
  folder = path.join(root, String(made++));
  await WitnessState.create(folder, witnesses);
});

function cosigned(size: number, time = 1_700_000_000, of: TestLog = log): Cosigned {
  return { origin: of.origin, size, root: of.tree.root(size), time, checkpoint: of.checkpoint(size) };
}

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof CommandFailure ? error.kind : String(error)),
  );

/** A disk whose writes fail as long as it is full; it counts them, and can hold one back. */
function testDisk(): { disk: JournalDisk; writes: () => number; fill(full: boolean): void; hold(): () => void } {
  let writes = 0;
  let isFull = false;
  let held = Promise.resolve();
  return {
    writes: () => writes,
    fill(full) {
      isFull = full;
    },
    hold() {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    disk: {
      ...journalDisk,
      async open(file) {
        const real = await journalDisk.open(file);
        return {
          stat: () => real.stat(),
          datasync: () => real.datasync(),
          truncate: (length) => real.truncate(length),
          close: () => real.close(),
          async write(bytes, offset, length, position) {
            writes++;
            await held;
            if (isFull) throw Object.assign(new Error(), { code: 'ENOSPC' });
            return real.write(bytes, offset, length, position);
          },
        };
      },
    },
  };
}

describe('the state of a witness', () => {
  it('holds the newest of each log after it was opened anew', async () => {
    const other = growTo(createTestLog({ origin: 'log.test/other' }), 3);
    const state = await WitnessState.open(folder, { witnesses });
    expect(await state.replace(undefined, cosigned(4))).toBe(true);
    expect(await state.replace(cosigned(4), cosigned(9))).toBe(true);
    expect(await state.replace(undefined, cosigned(3, 1_700_000_001, other))).toBe(true);
    await state.close();

    const again = await WitnessState.open(folder, { witnesses });
    expect(again.newestOf(log.origin)).toEqual(cosigned(9));
    expect(again.newestOfHash(originHash(other.origin))).toEqual(cosigned(3, 1_700_000_001, other));
    expect(again.newestOfHash(originHash('log.test/none'))).toBeUndefined();
    expect([again.logs, again.lastTime]).toEqual([2, 1_700_000_001]);
    await again.close();
  });

  it('is written anew when it is opened: what was read may be in memory alone, after a sync that failed', async () => {
    const state = await WitnessState.open(folder, { witnesses });
    await state.replace(undefined, cosigned(4));
    await state.close();
    let written = '';
    const replaceWhole: JournalDisk['replaceWhole'] = async (file, content, mode) => {
      written = String(content);
      return journalDisk.replaceWhole(file, content, mode);
    };
    await (await WitnessState.open(folder, { witnesses, disk: { ...journalDisk, replaceWhole } })).close();
    expect(written).toContain(JSON.stringify(cosigned(4).checkpoint));
    expect(readFileSync(path.join(folder, 'journal'), 'utf8')).toBe(written);
  });

  it('opens on a disk without room for a second file, unless a key has to be written down', async () => {
    const full = {
      ...journalDisk,
      replaceWhole: () => Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' })),
    };
    const state = await WitnessState.open(folder, { witnesses, disk: full });
    expect(await state.replace(undefined, cosigned(4))).toBe(true);
    await state.close();
    const other = createTestWitness({ name: 'witness.test/w', seed: 2 }).vkey;
    const withAnother = { witnesses: [...witnesses, other], disk: full };
    expect(await failureOf(WitnessState.open(folder, withAnother))).toBe('file_unwritable');
  });

  it('is readable by its owner alone, and never made twice', async () => {
    expect(statSync(path.join(folder, 'journal')).mode & 0o777).toBe(0o600);
    expect(await failureOf(WitnessState.create(folder, witnesses))).toBe('file_exists');
  });

  it('is not made where there is none', async () => {
    expect(await failureOf(WitnessState.open(path.join(root, 'nowhere'), { witnesses }))).toBe('file_unwritable');
    rmSync(path.join(folder, 'journal'));
    expect(await failureOf(WitnessState.open(folder, { witnesses }))).toBe('file_unreadable');
  });

  it('is one process alone to change, and anybody to read', async () => {
    const state = await WitnessState.open(folder, { witnesses });
    await state.replace(undefined, cosigned(4));
    expect(await failureOf(WitnessState.open(folder, { witnesses }))).toBe('in_use');
    expect((await WitnessState.read(folder)).newest).toEqual([cosigned(4)]);
    await state.close();
    expect(await failureOf(WitnessState.open(folder, { witnesses }).then((again) => again.close()))).toBe('none');
  });

  it("is not another witness's, and takes a further key of its own", async () => {
    const stranger = createTestWitness({ name: 'witness.test/w', seed: 2 }).vkey;
    expect(await failureOf(WitnessState.open(folder, { witnesses: [stranger] }))).toBe('file_malformed');
    const both = await WitnessState.open(folder, { witnesses: [...witnesses, stranger] });
    await both.replace(undefined, cosigned(4));
    await both.close();
    expect((await WitnessState.read(folder)).witnesses).toEqual([...witnesses, stranger]);
    const alone = await WitnessState.open(folder, { witnesses: [stranger] });
    expect(alone.newestOf(log.origin)?.size).toBe(4);
    await alone.close();
  });

  it('refuses one of a newer version, and what is none', async () => {
    const file = path.join(folder, 'journal');
    rmSync(file);
    await Journal.create(file, { type: 'assent/witness-state/v2', witnesses });
    expect(await failureOf(WitnessState.open(folder, { witnesses }))).toBe('state_newer');
    rmSync(file);
    await Journal.create(file, { type: 'assent/monitor-state/v1', witnesses });
    expect(await failureOf(WitnessState.open(folder, { witnesses }))).toBe('file_malformed');
    writeFileSync(file, 'a file of something else');
    expect(await failureOf(WitnessState.open(folder, { witnesses }))).toBe('file_malformed');
  });

  it.each([
    ['smaller', [cosigned(9), cosigned(4)]],
    ['of one size with another root', [cosigned(9), { ...cosigned(9), checkpoint: forkOf(9) }]],
    ['earlier', [cosigned(9, 1_700_000_001), cosigned(10, 1_700_000_000)]],
    ['no checkpoint', [{ time: 1_700_000_000, checkpoint: 'nothing\n' }]],
    ['without a time', [{ checkpoint: log.checkpoint(3) }]],
  ])('refuses one with a record that is %s', async (_, records) => {
    const { journal } = await Journal.open(path.join(folder, 'journal'), 'assent/witness-state/v1');
    await journal.append(records.map((record) => ({ ...record, root: undefined })));
    await journal.close();
    expect(await failureOf(WitnessState.open(folder, { witnesses }))).toBe('file_malformed');
  });

  it('stores what comes together in one write', async () => {
    const { disk, writes } = testDisk();
    const state = await WitnessState.open(folder, { witnesses, disk });
    const logs = Array.from({ length: 50 }, (_, i) => growTo(createTestLog({ origin: `log.test/${i}` }), 1));
    await Promise.all(logs.map((each) => state.replace(undefined, cosigned(1, 1_700_000_000, each))));
    expect(writes()).toBe(2);
    await state.close();
    expect((await WitnessState.read(folder)).newest).toHaveLength(50);
  });

  it('compares with what is still on its way to the disk, and tells of it once it is there', async () => {
    const { disk, hold } = testDisk();
    const state = await WitnessState.open(folder, { witnesses, disk });
    const release = hold();
    const first = state.replace(undefined, cosigned(4));
    const second = state.replace(undefined, cosigned(5));
    const third = state.replace(cosigned(4), cosigned(6));
    let told = false;
    void second.then(() => {
      told = true;
    });
    expect(state.newestOf(log.origin)).toBeUndefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(false);
    release();
    expect(await Promise.all([first, second, third])).toEqual([true, false, true]);
    expect(state.newestOf(log.origin)?.size).toBe(6);
    await state.close();
  });

  it('forgets what could not be stored, with all that built on it, and goes on', async () => {
    const { disk, hold, fill } = testDisk();
    const state = await WitnessState.open(folder, { witnesses, disk });
    await state.replace(undefined, cosigned(4));
    const release = hold();
    fill(true);
    const failed = [
      state.replace(cosigned(4), cosigned(7)),
      state.replace(cosigned(7), cosigned(9)),
      state.replace(cosigned(4), cosigned(8)),
    ].map(failureOf);
    release();
    expect(await Promise.all(failed)).toEqual(['file_unwritable', 'file_unwritable', 'file_unwritable']);
    expect([state.newestOf(log.origin), state.broken]).toEqual([cosigned(4), undefined]);
    expect((await WitnessState.read(folder)).newest).toEqual([cosigned(4)]);
    fill(false);
    expect(await state.replace(cosigned(7), cosigned(9))).toBe(false);
    expect(await state.replace(cosigned(4), cosigned(8))).toBe(true);
    await state.close();
    expect((await WitnessState.read(folder)).newest).toEqual([cosigned(8)]);
  });

  it('refuses to go back in time', async () => {
    const state = await WitnessState.open(folder, { witnesses });
    await state.replace(undefined, cosigned(4, 1_700_000_001));
    await expect(state.replace(cosigned(4), cosigned(5, 1_700_000_000))).rejects.toThrow(RangeError);
    await state.close();
  });

  it('writes its file anew when most of it is old, and goes on', async () => {
    const state = await WitnessState.open(folder, { witnesses, rewriteAtLeast: 4000 });
    const sizes: number[] = [];
    let last: Cosigned | undefined;
    for (let size = 1; size <= 50; size++) {
      const next = cosigned(size);
      await state.replace(last, next);
      last = next;
      sizes.push(readFileSync(path.join(folder, 'journal')).length);
    }
    await state.close();
    expect(Math.max(...sizes)).toBeLessThan(5000);
    expect(sizes.filter((size, i) => size < (sizes[i - 1] ?? 0)).length).toBeGreaterThan(2);
    const again = await WitnessState.read(folder);
    expect(again).toEqual({ witnesses, newest: [cosigned(50)] });
  });

  it('does without the new file where there is no room for one', async () => {
    const replaceWhole = () => Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' }));
    const disk = { ...journalDisk, replaceWhole };
    const state = await WitnessState.open(folder, { witnesses, rewriteAtLeast: 1000, disk });
    for (let size = 1; size <= 20; size++) {
      expect(await state.replace(size === 1 ? undefined : cosigned(size - 1), cosigned(size))).toBe(true);
    }
    await state.close();
    expect((await WitnessState.read(folder)).newest).toEqual([cosigned(20)]);
  });
});

function forkOf(size: number): string {
  const { tree, checkpoint } = growTo(createTestLog({ origin: log.origin }), size);
  return checkpoint(tree.size);
}

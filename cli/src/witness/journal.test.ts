import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { Journal, type JournalDisk, type JournalFile, journalDisk, parseJournal } from './journal.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-journal-test-'));
const file = path.join(folder, 'journal');
const TYPE = 'assent/test-state/v1';
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  rmSync(file, { force: true });
  await Journal.create(file, { type: TYPE });
});

const opened: Journal[] = [];
async function openJournal(disk?: JournalDisk): Promise<Journal> {
  const { journal } = await Journal.open(file, TYPE, disk);
  opened.push(journal);
  return journal;
}
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close();
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof CommandFailure ? error.kind : String(error)),
  );

async function recordsOf(): Promise<unknown> {
  return (await Journal.read(file, TYPE)).records;
}

async function write(...batches: object[][]): Promise<void> {
  const journal = await openJournal();
  for (const batch of batches) await journal.append(batch);
}

/** A disk on which one call fails, whatever it did before that. */
function failing(
  call: keyof JournalFile,
  code: string,
  before: (bytes: Uint8Array) => Uint8Array = () => new Uint8Array(),
): {
  disk: JournalDisk;
  heal(): void;
} {
  let fails = true;
  const disk: JournalDisk = {
    ...journalDisk,
    async open(target) {
      const real = await journalDisk.open(target);
      const failure = (): Error => Object.assign(new Error(code), { code });
      return {
        stat: () => real.stat(),
        close: () => real.close(),
        async write(bytes, offset, length, position) {
          if (call !== 'write' || !fails) return real.write(bytes, offset, length, position);
          const part = before(bytes.subarray(offset, offset + length));
          await real.write(part, 0, part.length, position);
          throw failure();
        },
        async datasync() {
          if (call === 'datasync' && fails) throw failure();
          await real.datasync();
        },
        async truncate(length) {
          if (call === 'truncate' && fails) throw failure();
          await real.truncate(length);
        },
      };
    },
  };
  return {
    disk,
    heal() {
      fails = false;
    },
  };
}

describe('a journal', () => {
  it('gives back what was appended, in its order', async () => {
    await write([{ a: 1 }, { b: '\u2014 zwei\n' }], [{ c: 3 }]);
    await write([{ d: 4 }]);
    const { header, records } = await Journal.read(file, TYPE);
    expect(header).toEqual({ type: TYPE });
    expect(records).toEqual([{ a: 1 }, { b: '\u2014 zwei\n' }, { c: 3 }, { d: 4 }]);
  });

  it('never replaces one', async () => {
    await write([{ a: 1 }]);
    expect(await codeOf(Journal.create(file, { type: TYPE }))).toBe('file_exists');
    expect(await recordsOf()).toEqual([{ a: 1 }]);
  });

  it('has synced what it wrote before it says so', async () => {
    const done: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const disk: JournalDisk = {
      ...journalDisk,
      async open(target) {
        const real = await journalDisk.open(target);
        return {
          stat: () => real.stat(),
          truncate: (length) => real.truncate(length),
          close: () => real.close(),
          async write(bytes, offset, length, position) {
            done.push('write');
            return real.write(bytes, offset, length, position);
          },
          async datasync() {
            await held;
            await real.datasync();
            done.push('sync');
          },
        };
      },
    };
    const journal = await openJournal(disk);
    const appended = journal.append([{ a: 1 }]).then(() => done.push('told'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).not.toContain('told');
    release();
    await appended;
    expect(done).toEqual(['write', 'sync', 'told']);
  });

  it('can be written anew, and goes on from there', async () => {
    await write([{ a: 1 }, { a: 2 }], [{ a: 3 }]);
    const journal = await openJournal();
    const many = Array.from({ length: 2500 }, (_, i) => ({ n: i }));
    await journal.rewrite({ type: TYPE }, many);
    expect(journal.size).toBe(readFileSync(file).length);
    await journal.append([{ last: true }]);
    expect(await recordsOf()).toEqual([...many, { last: true }]);
  });

  it('drops the last line wherever a crash cut it off, and nothing else', async () => {
    await write([{ a: 1 }], [{ a: 2 }]);
    const whole = readFileSync(file);
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let length = lastLine; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      await write([{ a: 3 }]);
      expect(await recordsOf(), `cut at ${length}`).toEqual([{ a: 1 }, { a: 3 }]);
    }
  });

  it('drops a last line of which sectors never came to the disk', async () => {
    await write([{ a: 1 }], [{ long: 'x'.repeat(3000) }]);
    const whole = readFileSync(file);
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let sector = Math.floor(lastLine / 512); sector * 512 < whole.length; sector++) {
      const torn = Buffer.from(whole);
      torn.fill(0, Math.max(lastLine, sector * 512), Math.min(whole.length, (sector + 1) * 512));
      writeFileSync(file, torn);
      expect(await recordsOf(), `sector ${sector}`).toEqual([{ a: 1 }]);
    }
  });

  it('refuses a file with any bit changed', async () => {
    await write([{ a: 1 }], [{ b: 'two \u2014' }]);
    const whole = readFileSync(file);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = damaged[bit >> 3]! ^ (1 << (bit & 7));
      expect(() => parseJournal(damaged, file, TYPE), `bit ${bit}`).toThrow(/is damaged|newer version/);
    }
  });

  it('refuses a file with a line lost, doubled or moved', async () => {
    await write([{ a: 1 }], [{ a: 2 }], [{ a: 3 }]);
    const [header, one, two, three] = readFileSync(file, 'utf8').split('\n');
    for (const lines of [
      [one, two, three],
      [header, two, three],
      [header, one, one, two],
      [header, two, one, three],
      [],
    ]) {
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
      expect(await codeOf(Journal.open(file, TYPE)), String(lines.length)).toBe('file_malformed');
    }
  });

  it.each([
    ['nothing of it was written', 0],
    ['a part of it was written', 20],
    ['all of it was written', Number.POSITIVE_INFINITY],
  ])('holds nothing of a batch that does not fit on the disk, and goes on when there is room: %s', async (_, taken) => {
    await write([{ a: 1 }]);
    const { disk, heal } = failing('write', 'ENOSPC', (bytes) => bytes.subarray(0, taken));
    const journal = await openJournal(disk);
    const before = readFileSync(file);
    await expect(journal.append([{ a: 2 }])).rejects.toThrow('the disk is full');
    expect(readFileSync(file)).toEqual(before);
    expect(journal.broken).toBeUndefined();
    heal();
    await journal.append([{ a: 3 }]);
    expect(await recordsOf()).toEqual([{ a: 1 }, { a: 3 }]);
  });

  it('writes nothing more after a sync that failed', async () => {
    const { disk, heal } = failing('datasync', 'EIO');
    const journal = await openJournal(disk);
    expect(await codeOf(journal.append([{ a: 1 }]))).toBe('file_unwritable');
    heal();
    expect(journal.broken?.message).toContain('EIO');
    const left = readFileSync(file);
    expect(await codeOf(journal.append([{ a: 2 }]))).toBe('file_unwritable');
    expect(await codeOf(journal.rewrite({ type: TYPE }, []))).toBe('file_unwritable');
    expect(readFileSync(file)).toEqual(left);
  });

  it('writes nothing more where a part of a batch cannot be taken back', async () => {
    const { disk: full } = failing('write', 'ENOSPC', (bytes) => bytes.subarray(0, 9));
    const { disk: stuck } = failing('truncate', 'EIO');
    const disk: JournalDisk = {
      ...journalDisk,
      open: async (target) => ({ ...(await full.open(target)), truncate: (await stuck.open(target)).truncate }),
    };
    const journal = await openJournal(disk);
    expect(await codeOf(journal.append([{ a: 1 }]))).toBe('file_unwritable');
    expect(journal.broken?.message).toContain('EIO');
    expect(await recordsOf()).toEqual([]);
  });

  it('writes nothing more when somebody else has', async () => {
    const journal = await openJournal();
    const other = await openJournal();
    await other.append([{ b: 1 }]);
    expect(await codeOf(journal.append([{ a: 1 }]))).toBe('in_use');
    expect(journal.broken?.kind).toBe('in_use');
    await other.rewrite({ type: TYPE }, []);
    await other.append([{ b: 2 }]);
    expect(await recordsOf()).toEqual([{ b: 2 }]);

    const third = await openJournal();
    await other.rewrite({ type: TYPE }, [{ b: 2 }]);
    expect(await codeOf(third.append([{ c: 1 }]))).toBe('in_use');
  });

  it('keeps the old file when there is no room for a new one', async () => {
    await write([{ a: 1 }]);
    const disk = { ...journalDisk, replaceWhole: () => Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' })) };
    const journal = await openJournal(disk);
    expect(await codeOf(journal.rewrite({ type: TYPE }, []))).toBe('file_unwritable');
    await journal.append([{ a: 2 }]);
    expect(await recordsOf()).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('writes nothing more when the name of the new file may be lost', async () => {
    const disk = { ...journalDisk, syncFolder: () => Promise.reject(Object.assign(new Error(), { code: 'EIO' })) };
    const journal = await openJournal(disk);
    expect(await codeOf(journal.rewrite({ type: TYPE }, [{ a: 1 }]))).toBe('file_unwritable');
    expect(await codeOf(journal.append([{ a: 2 }]))).toBe('file_unwritable');
  });
});

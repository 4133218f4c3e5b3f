import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RecordFile } from './record-file.ts';
import { recordGroups } from './record-groups.ts';

async function newFile(records: readonly Uint8Array[], recordSize: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-records-'));
  const file = (await RecordFile.open(path.join(folder, 'records'), recordSize, 0, 4 * recordSize))!;
  for (const record of records) await file.append(record);
  return { folder, file };
}

const record = (key: number, rest: number) => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(key, 0);
  bytes.writeUInt32LE(rest, 8);
  return new Uint8Array(bytes);
};

describe('RecordFile', () => {
  it('reads back what was appended, at any length and place', async () => {
    const records = Array.from({ length: 23 }, (_, i) => record(i, i));
    const { file } = await newFile(records, 12);
    expect(file.records).toBe(23);
    const parts: Uint8Array[] = [];
    for await (const part of file.parts(40)) parts.push(Uint8Array.from(part));
    expect(parts.every((part) => part.length % 12 === 0)).toBe(true);
    expect(Buffer.concat(parts)).toEqual(Buffer.concat(records));
    expect(await file.at(22)).toEqual(records[22]);
    await expect(file.at(23)).rejects.toThrow(RangeError);
    await file.close();
  });

  it('goes on from the length that is asked for, and says where there is less', async () => {
    const { file } = await newFile([record(1, 1), record(2, 2), record(3, 3)], 12);
    await file.sync();
    await file.close();
    expect(await RecordFile.open(file.path, 12, 4)).toBeUndefined();
    const again = (await RecordFile.open(file.path, 12, 1))!;
    await again.append(record(9, 9));
    expect(await again.at(0)).toEqual(record(1, 1));
    expect(await again.at(1)).toEqual(record(9, 9));
    await again.close();
  });

  it('names what can’t be written', async () => {
    const failure = await RecordFile.open('/nowhere/records', 8, 0).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'file_unwritable' });
  });
});

describe('recordGroups', () => {
  const records = Array.from({ length: 3000 }, (_, i) => record(i % 700, i));

  it.each([1_000_000, 20_000, 4_000])('brings equal keys into one group, with %i bytes at a time', async (budget) => {
    const { file, folder } = await newFile(records, 12);
    const groupOfKey = new Map<number, number>();
    const seen: number[] = [];
    let number = 0;
    for await (const group of recordGroups([{ file, keyAt: 0 }], folder, 12_345, budget)) {
      number++;
      expect(group.isCut).toBe(false);
      const [bytes] = group.records;
      expect(bytes!.length).toBeLessThanOrEqual(budget);
      for (let at = 0; at < bytes!.length; at += 12) {
        const view = Buffer.from(bytes!.buffer, at, 12);
        const key = view.readUInt32LE(0);
        seen.push(view.readUInt32LE(8));
        expect(groupOfKey.get(key) ?? number).toBe(number);
        groupOfKey.set(key, number);
      }
    }
    expect(number > 1).toBe(budget < 36_000);
    expect(seen.sort((a, b) => a - b)).toEqual(records.map((_, i) => i));
    // Temporary files are gone.
    expect(readdirSync(folder)).toEqual(['records']);
    await file.close();
  });

  it('brings records of two files together', async () => {
    const { file: a, folder } = await newFile(records, 12);
    const { file: b } = await newFile([record(5, 1), record(699, 2), record(5000, 3)], 12);
    const partners = new Map<number, number>();
    for await (const {
      records: [left, right],
    } of recordGroups(
      [
        { file: a, keyAt: 0 },
        { file: b, keyAt: 0 },
      ],
      folder,
      7,
      8_000,
    )) {
      for (let at = 0; at < right!.length; at += 12) {
        const key = Buffer.from(right!.buffer, at, 12).readUInt32LE(0);
        let count = 0;
        for (let other = 0; other < left!.length; other += 12) {
          if (Buffer.from(left!.buffer, other, 12).readUInt32LE(0) === key) count++;
        }
        partners.set(key, count);
      }
    }
    expect([...partners].sort((x, y) => x[0] - y[0])).toEqual([
      [5, 5],
      [699, 4],
      [5000, 0],
    ]);
    await a.close();
    await b.close();
  });

  it('says when a log repeats one key beyond what fits', async () => {
    const { file, folder } = await newFile(
      Array.from({ length: 2000 }, (_, i) => record(1, i)),
      12,
    );
    const cut: boolean[] = [];
    for await (const { isCut } of recordGroups([{ file, keyAt: 0 }], folder, 3, 6_000)) cut.push(isCut);
    expect(cut).toContain(true);
    await file.close();
  });
});

/**
 * Brings records with equal keys together, however many there are: all at once where they fit into memory, else in groups that do,
 * by way of temporary files.
 *
 * Which group a key belongs to depends on a seed that nobody else knows. A log could otherwise see to it that all keys fall into one.
 */
import { rm } from 'node:fs/promises';
import { RecordFile } from './record-file.ts';

/** Of records in memory, in bytes. */
const BUDGET = 16 * 1024 * 1024;
const MOST_GROUPS = 256;

export type RecordGroup = {
  /** For each file its records of this group. */
  readonly records: readonly Uint8Array[];
  /** Whether there were more than fit: as good as all keys of the group are then equal. */
  readonly isCut: boolean;
};

/** The key: 8 bytes at this place of a record. */
type Keyed = { readonly file: RecordFile; readonly keyAt: number };

/** Groups of the records of one or several files. @param budget for tests */
export async function* recordGroups(
  files: readonly Keyed[],
  folder: string,
  seed: number,
  budget = BUDGET,
): AsyncGenerator<RecordGroup> {
  const total = files.reduce((sum, { file }) => sum + file.records * file.recordSize, 0);
  const count = Math.min(MOST_GROUPS, Math.ceil((2 * total) / budget));
  if (total <= budget) {
    yield { records: await Promise.all(files.map(({ file }) => readAll(file, budget))), isCut: false };
    return;
  }
  const groups = await split(files, folder, seed, count);
  try {
    for (const group of groups) {
      const isCut = group.some((file) => file.records * file.recordSize > budget);
      yield { records: await Promise.all(group.map((file) => readAll(file, budget))), isCut };
    }
  } finally {
    for (const file of groups.flat()) {
      await file.close();
      await rm(file.path, { force: true });
    }
  }
}

async function split(files: readonly Keyed[], folder: string, seed: number, count: number): Promise<RecordFile[][]> {
  const groups: RecordFile[][] = [];
  for (let group = 0; group < count; group++) {
    const made = files.map(({ file }, i) =>
      RecordFile.open(`${folder}/group-${group}-${i}.tmp`, file.recordSize, 0, SMALL_BUFFER),
    );
    groups.push((await Promise.all(made)).map((file) => file!));
  }
  for (const [i, { file, keyAt }] of files.entries()) {
    for await (const part of file.parts()) {
      for (let at = 0; at < part.length; at += file.recordSize) {
        await groups[groupOf(part, at + keyAt, seed, count)]![i]!.append(part.subarray(at, at + file.recordSize));
      }
    }
  }
  return groups;
}

/** So that as many files as there are groups take no more memory than one. */
const SMALL_BUFFER = 64 * 1024;

function groupOf(bytes: Uint8Array, at: number, seed: number, count: number): number {
  let mixed = seed;
  for (let i = 0; i < 8; i++) mixed = Math.imul(mixed ^ bytes[at + i]!, 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return ((mixed ^ (mixed >>> 13)) >>> 0) % count;
}

/** As much as fits, in memory that is aligned for 8-byte numbers. */
async function readAll(file: RecordFile, budget: number): Promise<Uint8Array> {
  const most = Math.floor(budget / file.recordSize) * file.recordSize;
  const all = new Uint8Array(Math.min(most, file.records * file.recordSize));
  let at = 0;
  for await (const part of file.parts()) {
    const taken = part.subarray(0, all.length - at);
    all.set(taken, at);
    at += taken.length;
    if (at === all.length) break;
  }
  return all;
}

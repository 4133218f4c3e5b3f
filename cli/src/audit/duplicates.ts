/**
 * Which entries share a name with an earlier one. Keys are compared first, all of them; entries whose keys are equal are read again,
 * and their names decide.
 */
import { codeOf, type EntryNames, KEY_SIZE } from './entry-names.ts';
import type { Finding } from './findings.ts';
import type { RecordFile } from './record-file.ts';
import { recordGroups } from './record-groups.ts';

/** Entries that are read again. A log that has more of these has findings enough. */
const MOST_READ = 20_000;
const MOST_KEYS = 100_000;

export type NamesReader = (index: number) => Promise<EntryNames>;

export type DuplicatesFound = {
  readonly findings: readonly Finding[];
  /** There were more suspects than were looked at. */
  readonly isCut: boolean;
};

/** @param keys one for each entry, by index */
export async function findDuplicates(
  kind: keyof EntryNames,
  keys: RecordFile,
  folder: string,
  seed: number,
  namesAt: NamesReader,
): Promise<DuplicatesFound> {
  const repeated = new Set<bigint>();
  let isCut = false;
  for await (const group of recordGroups([{ file: keys, keyAt: 0 }], folder, seed)) {
    isCut ||= group.isCut;
    collectRepeated(group.records[0]!, repeated);
    if (repeated.size > MOST_KEYS) {
      isCut = true;
      break;
    }
  }
  if (repeated.size === 0) return { findings: [], isCut };
  const suspects = await indexesOf(keys, repeated);
  const read = suspects.slice(0, MOST_READ);
  return { findings: await compareNames(kind, read, namesAt), isCut: isCut || read.length < suspects.length };
}

function collectRepeated(bytes: Uint8Array, into: Set<bigint>): void {
  const sorted = new BigUint64Array(bytes.buffer, 0, bytes.length / KEY_SIZE).sort();
  // Halves are compared, as each reading of a whole one makes a bigint.
  const halves = new Uint32Array(sorted.buffer, 0, sorted.length * 2);
  for (let i = 2; i < halves.length; i += 2) {
    const isSame = halves[i] === halves[i - 2] && halves[i + 1] === halves[i - 1];
    if (isSame && (halves[i] !== 0 || halves[i + 1] !== 0)) {
      into.add(sorted[i / 2]!);
      if (into.size > MOST_KEYS) return;
    }
  }
}

/** All entries with one of these keys. */
export async function indexesOf(
  keys: RecordFile,
  wanted: ReadonlySet<bigint>,
  most = MOST_READ + 1,
): Promise<readonly number[]> {
  const filter = new Uint8Array(65_536);
  const halves = new Uint32Array(BigUint64Array.from(wanted).buffer);
  for (let i = 0; i < halves.length; i += 2) filter[halves[i]! & 0xffff] = 1;
  const found: number[] = [];
  let first = 0;
  for await (const part of keys.parts()) {
    // Parts begin at the start of their own memory.
    const whole = new BigUint64Array(part.buffer, 0, part.length / KEY_SIZE);
    const halved = new Uint32Array(part.buffer, 0, part.length / 4);
    for (let i = 0; i < halved.length; i += 2) {
      if (filter[halved[i]! & 0xffff] === 0 || !wanted.has(whole[i / 2]!)) continue;
      found.push(first + i / 2);
      if (found.length >= most) return found;
    }
    first += part.length / KEY_SIZE;
  }
  return found;
}

async function compareNames(
  kind: keyof EntryNames,
  indexes: readonly number[],
  namesAt: NamesReader,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const firsts = new Map<string, { readonly index: number; readonly statement: string | undefined }>();
  for (const index of indexes) {
    const names = await namesAt(index);
    const name = names[kind];
    if (name === undefined) continue;
    const first = firsts.get(name);
    if (first === undefined) {
      firsts.set(name, { index, statement: names.statement });
      continue;
    }
    // The same statement again has the same identity again, which says nothing more.
    if (kind === 'identity' && names.statement === first.statement) continue;
    findings.push({
      code: codeOf(kind, name),
      index,
      other: first.index,
      detail: `it shares ${name} with entry ${first.index}`,
    });
  }
  return findings;
}

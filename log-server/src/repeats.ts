import { equalBytes, parseEntry } from '@assent/verifier';
import type { Examined } from './admission/examine.ts';
import { formatExamined } from './admission/format-examined.ts';
import { Problem } from './problems.ts';
import type { SignedTree } from './signed-tree.ts';

/** A record that came when the log had an entry with its statement or identity already, at `index`. */
export type Repeat = { readonly examined: Examined; readonly index: number };

/** The entry that is there, and is what the record would have become. */
export type StandingEntry = { readonly created: false; readonly index: number; readonly entry: Uint8Array };

/** Entries that are read and held at once: whole batches are sent again, and each entry may have 64 kB. */
const MOST_AT_ONCE = 64;

/**
 * Tells the same record sent again from another one under a taken identity, which is a Problem in its place. In the order
 * of `repeats`.
 */
export async function judgeRepeats(tree: SignedTree, repeats: readonly Repeat[]): Promise<(StandingEntry | Problem)[]> {
  const positions = new Map<number, number[]>();
  for (const [position, { index }] of repeats.entries()) {
    positions.set(index, [...(positions.get(index) ?? []), position]);
  }
  const judged: (StandingEntry | Problem)[] = [];
  for (const { first, end } of runsOf([...positions.keys()].sort((a, b) => a - b))) {
    for (const [i, entry] of (await read(tree, first, end)).entries()) {
      for (const position of positions.get(first + i)!) {
        judged[position] = entry instanceof Problem ? entry : judge(repeats[position]!, entry);
      }
    }
  }
  return judged;
}

function judge({ examined, index }: Repeat, entry: Uint8Array): StandingEntry | Problem {
  const stored = parseEntry(entry);
  if (stored.ok && equalBytes(entry, formatExamined(examined, stored.value.loggedAt))) {
    return { created: false, index, entry };
  }
  const message = `Entry ${index} already has the identity ${examined.service}/${examined.id} or this statement, with other content, signatures or visibility. An approval is logged once.`;
  return new Problem('identity_conflict', message, { index });
}

/** One that cannot be served (withheld, damaged) is a Problem in its place, and the others are read. */
async function read(tree: SignedTree, first: number, end: number): Promise<(Uint8Array | Problem)[]> {
  try {
    return await tree.entries(first, end);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (end - first === 1) return [error];
    const each: (Uint8Array | Problem)[] = [];
    for (let index = first; index < end; index++) each.push(...(await read(tree, index, index + 1)));
    return each;
  }
}

/** Indexes in ascending order, cut into runs without a gap. */
function runsOf(indexes: readonly number[]): { first: number; end: number }[] {
  const runs: { first: number; end: number }[] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last !== undefined && last.end === index && index - last.first < MOST_AT_ONCE) last.end++;
    else runs.push({ first: index, end: index + 1 });
  }
  return runs;
}

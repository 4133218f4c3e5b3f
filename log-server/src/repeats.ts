import { equalBytes, parseEntry } from '@assent/verifier';
import type { Examined } from './admission/examined.ts';
import { formatExamined } from './admission/format-examined.ts';
import { Problem } from './problems.ts';
import type { SignedTree } from './signed-tree.ts';

/** A record that came when the log had an entry with its statement or identity already, at `index`. */
export type Repeat = { readonly examined: Examined; readonly index: number };

/** The entry that is there, and is what the record would have become. */
export type StandingEntry = { readonly created: false; readonly index: number; readonly entry: Uint8Array };

/** SHA-256(JCS(content)) of those of these entries that are sealed and were checked (blind ones were not). */
export type ReadKeptContents = (indexes: readonly number[]) => Promise<ReadonlyMap<number, Uint8Array>>;

/** Entries that are read and held at once: whole batches are sent again, and each entry may have 64 kB. */
const MOST_AT_ONCE = 64;

/**
 * Tells the same record sent again from another one under a taken identity, which is a Problem in its place. In the order
 * of `repeats`.
 */
export async function judgeRepeats(
  tree: SignedTree,
  repeats: readonly Repeat[],
  readKept: ReadKeptContents,
): Promise<(StandingEntry | Problem)[]> {
  const sealed = repeats.filter(({ examined }) => 'sealed' in examined).map(({ index }) => index);
  const kept = sealed.length === 0 ? new Map<number, Uint8Array>() : await readKept(sealed);
  const positions = new Map<number, number[]>();
  for (const [position, { index }] of repeats.entries()) {
    positions.set(index, [...(positions.get(index) ?? []), position]);
  }
  const judged: (StandingEntry | Problem)[] = [];
  for (const { first, end } of runsOf([...positions.keys()].sort((a, b) => a - b))) {
    for (const [i, entry] of (await read(tree, first, end)).entries()) {
      for (const position of positions.get(first + i)!) {
        judged[position] = entry instanceof Problem ? entry : judge(repeats[position]!, entry, kept.get(first + i));
      }
    }
  }
  return judged;
}

/**
 * The same content, visibility, reveal and commitment, whatever its time.
 *
 * A blind commitment is the same as any entry that shows it: its sender asked for no more than that it be logged, and is not
 * to learn from the answer whether the log knows the content. The reverse is a conflict, or the sender would take a blind
 * entry for one that was checked.
 */
function judge({ examined, index }: Repeat, entry: Uint8Array, kept: Uint8Array | undefined): StandingEntry | Problem {
  const stored = parseEntry(entry);
  const same = stored.ok && equalBytes(entry, formatExamined(examined, stored.value.loggedAt));
  const standing: StandingEntry = { created: false, index, entry };
  if ('consumes' in examined) return same ? standing : consumed(index);
  if (examined.kind === 'trust-root' && 'trustRoot' in examined) return same ? standing : replaced(index);
  if (!('sealed' in examined)) return same ? standing : taken(examined, index);
  if (examined.checked === undefined) {
    return same ? standing : conflict(index, 'stands under the hash of this commitment, and shows another one');
  }
  if (!same) return taken(examined, index);
  if (kept === undefined) {
    const message =
      'holds this commitment already, sent blind, so that the log has not checked it. To have it checked, seal the content with a new salt';
    return conflict(index, message);
  }
  return equalBytes(kept, Buffer.from(examined.checked.content, 'hex')) ? standing : taken(examined, index);
}

function consumed(index: number): Problem {
  const message = `Entry ${index} is the consumption of this approval, and there is one for ever. Do not run the action, unless that one is your own`;
  return new Problem('already_consumed', `${message}.`, { index });
}

function replaced(index: number): Problem {
  return conflict(
    index,
    'is this version of the trust root, with another payload or other signatures. There is one for ever',
  );
}

function taken({ service, id }: { readonly service?: string; readonly id?: string }, index: number): Problem {
  const what = service === undefined ? 'this payload' : `the identity ${service}/${id} or this statement`;
  const message = `already has ${what}, with other content, signatures, visibility or salt. An approval is logged once`;
  return conflict(index, message);
}

function conflict(index: number, message: string): Problem {
  return new Problem('identity_conflict', `Entry ${index} ${message}.`, { index });
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

import type { Database } from '../database/connect.ts';
import { type LogState, LogTimeline } from '../log-timeline.ts';
import { insertLogChange, type NewLogChange, readLogChanges } from './log-changes.ts';
import { readLogRow } from './log-row.ts';

/** How long a change is tried against a log that appends all the time. */
const GIVE_UP_MS = 30_000;

export type ChangeOutcome =
  | { readonly outcome: 'changed'; readonly seq: number }
  /** There was nothing to change. */
  | { readonly outcome: 'unchanged' };

/**
 * Makes a change to the log as a whole at the end of its chain, however busy the log is: an append that is faster is waited
 * for and the change made after it.
 *
 * @param decide what to do in the state that the log is in; undefined: nothing. What it throws ends the attempt. It is asked
 *   again when another change came in between.
 * @throws an Error when the log was never started, or appends were faster for {@link GIVE_UP_MS}
 */
export async function changeLog(
  { kysely, pool }: Database,
  decide: (state: LogState) => NewLogChange | undefined,
  now: () => number = Date.now,
): Promise<ChangeOutcome> {
  const row = await readLogRow(kysely);
  if (row === undefined) throw new Error('no log was ever started on this database');
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (performance.now() < giveUpAt) {
    const timeline = new LogTimeline(row.publicKey, await readLogChanges(kysely));
    const change = decide(timeline.at());
    if (change === undefined) return { outcome: 'unchanged' };
    const seq = await insertLogChange(pool, change, timeline.lastChange, now());
    if (seq !== undefined) return { outcome: 'changed', seq };
  }
  throw new Error('appends were faster at every attempt: try again when the log has less to do');
}

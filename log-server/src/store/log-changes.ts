import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { Schema } from '../database/schema.ts';
import type { LogChange } from '../log-timeline.ts';

/** Every change that was made to the log as a whole, in the order of the chain. */
export async function readLogChanges(kysely: Kysely<Schema>): Promise<LogChange[]> {
  const rows = await kysely.selectFrom('log_changes').selectAll().orderBy('seq').execute();
  return rows.map(({ seq, kind, at, public_key: publicKey, successor, reason }): LogChange => {
    if (kind === 'close') {
      return { seq, at, kind, successor: successor ?? undefined, reason: reason ?? undefined };
    }
    if (kind !== 'rotate-start') return { seq, at, kind };
    // The table's own check; a null here would sign with nothing.
    if (publicKey === null) throw new Error(`the change at head ${seq} names no key`);
    return { seq, at, kind, publicKey };
  });
}

/** A change that is to be made; its place and time come from the head that is inserted with it. */
export type NewLogChange =
  | { readonly kind: 'rotate-start'; readonly publicKey: Uint8Array }
  | { readonly kind: 'rotate-finish' | 'rotate-cancel' }
  | { readonly kind: 'close'; readonly successor: string | undefined; readonly reason: string | undefined };

/**
 * Head n + 1 with the tree of head n, and the change that holds from it on, in one autocommit statement: both are there or
 * neither is. An append that extends head n meets this one at the primary key of `heads`: one of the two stores nothing,
 * reads the other's head, and learns what changed before it goes on.
 */
const CHANGE = `
WITH newest AS (
  SELECT seq, size, root, ts FROM heads ORDER BY seq DESC LIMIT 1
), head AS (
  INSERT INTO heads (seq, size, root, ts)
  SELECT seq + 1, size, root, greatest(ts + 1, $1::int8) FROM newest
  WHERE (SELECT coalesce(max(seq), -1) FROM log_changes) = $2::int8
  ON CONFLICT DO NOTHING RETURNING seq, ts
)
INSERT INTO log_changes (seq, kind, at, public_key, successor, reason)
SELECT seq, $3, ts, $4, $5, $6 FROM head RETURNING seq`;

/**
 * @param after the newest change that the caller knows ({@link LogTimeline.lastChange}): only on top of that one is the
 *   new one made
 * @returns the new head's number, or undefined if an append or another change was faster
 */
export async function insertLogChange(
  pool: pg.Pool,
  change: NewLogChange,
  after: number,
  now: number,
): Promise<number | undefined> {
  const { rows } = await pool.query<{ seq: number }>(CHANGE, [
    now,
    after,
    change.kind,
    change.kind === 'rotate-start' ? Buffer.from(change.publicKey) : null,
    change.kind === 'close' ? (change.successor ?? null) : null,
    change.kind === 'close' ? (change.reason ?? null) : null,
  ]);
  return rows[0] && Number(rows[0].seq);
}

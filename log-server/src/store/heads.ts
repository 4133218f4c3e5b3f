import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import type { Schema } from '../database/schema.ts';
import type { Head } from './append-batch.ts';

type HeadRow = { seq: unknown; size: unknown; root: Uint8Array; ts: unknown };

const COLUMNS = ['seq', 'size', 'root', 'ts'] as const;

/** The end of the chain of heads, or undefined in a database where the log was never started. */
export async function newestHead(kysely: Kysely<Schema>): Promise<Head | undefined> {
  const row = await kysely.selectFrom('heads').select(COLUMNS).orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return row && toHead(row);
}

/**
 * The same, with the head of the newest change to the log ({@link LogChange}; -1: none), out of one snapshot: whoever
 * knows the changes up to `lastChange` knows all that hold for this head.
 */
export async function readChainEnd(kysely: Kysely<Schema>): Promise<{ head: Head; lastChange: number } | undefined> {
  const row = await kysely
    .selectFrom('heads')
    .select(COLUMNS)
    .select((query) =>
      query
        .selectFrom('log_changes')
        .select(({ fn }) => fn.max('seq').as('last'))
        .as('lastChange'),
    )
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { head: toHead(row), lastChange: row.lastChange === null ? -1 : Number(row.lastChange) };
}

export async function headAt(kysely: Kysely<Schema>, seq: number): Promise<Head | undefined> {
  const row = await kysely.selectFrom('heads').select(COLUMNS).where('seq', '=', seq).executeTakeFirst();
  return row && toHead(row);
}

/** Whether the chain has a head of a size from `from` to before `end`. */
export async function hasHeadOfSize(kysely: Kysely<Schema>, from: number, end: number): Promise<boolean> {
  const row = await kysely
    .selectFrom('heads')
    .select('seq')
    .where('size', '>=', from)
    .where('size', '<', end)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * The first head, up to head `newestSeq`, whose size is at least `size`, and the head before it. Sizes never shrink along
 * the chain, so it is found by halving; the index on sizes alone would
 * have to sort an idle log's heads, which share theirs.
 *
 * Throws an Error when the chain has a gap; the caller knows that head `newestSeq` is large enough.
 */
export async function headsAround(
  kysely: Kysely<Schema>,
  size: number,
  newestSeq: number,
): Promise<{ below: Head | undefined; from: Head }> {
  const { rows } = await sql<HeadRow>`
    WITH RECURSIVE halving (low, high) AS (
      SELECT 0::int8, ${newestSeq}::int8
      UNION ALL
      SELECT CASE WHEN h.size < ${size} THEN h.seq + 1 ELSE low END, CASE WHEN h.size < ${size} THEN high ELSE h.seq END
      FROM halving JOIN heads h ON h.seq = (low + high) / 2 WHERE low < high
    ), found AS (
      SELECT low AS seq FROM halving WHERE low = high
    )
    SELECT h.seq, h.size, h.root, h.ts FROM found JOIN heads h ON h.seq IN (found.seq - 1, found.seq) ORDER BY h.seq
  `.execute(kysely);
  const heads = rows.map(toHead);
  const from = heads.at(-1);
  if (from === undefined || from.size < size) throw new Error(`the chain has a gap before head ${newestSeq}`);
  return { below: heads.at(-2), from };
}

/**
 * How large the log was at each of these times (ms since the epoch), by the newest head, up to head `newestSeq`, that is no newer
 * than the time; 0 before the first. Times grow along the chain, so each is found by halving: a few index look-ups a time, however
 * long the chain is.
 */
export async function sizesAt(
  kysely: Kysely<Schema>,
  times: readonly number[],
  newestSeq: number,
): Promise<readonly number[]> {
  const { rows } = await sql<{ place: number; size: unknown }>`
    WITH RECURSIVE halving (place, at, low, high) AS (
      SELECT place, at, 0::int8, ${newestSeq}::int8 FROM unnest(${sql.val([...times])}::int8[]) WITH ORDINALITY AS asked (at, place)
      UNION ALL
      SELECT place, at, CASE WHEN h.ts <= at THEN h.seq ELSE low END, CASE WHEN h.ts <= at THEN high ELSE h.seq - 1 END
      FROM halving JOIN heads h ON h.seq = (low + high + 1) / 2 WHERE low < high
    )
    SELECT place::int4, CASE WHEN h.ts <= at THEN h.size ELSE 0 END AS size
    FROM halving JOIN heads h ON h.seq = low WHERE low = high ORDER BY place
  `.execute(kysely);
  if (rows.length !== times.length) throw new Error(`the chain has a gap before head ${newestSeq}`);
  return rows.map(({ size }) => Number(size));
}

/** The first head of this size, or undefined. */
export async function headOfSize(kysely: Kysely<Schema>, size: number): Promise<Head | undefined> {
  const row = await kysely
    .selectFrom('heads')
    .select(COLUMNS)
    .where('size', '=', size)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return row && toHead(row);
}

/** Makes the head of the empty tree; does nothing when the chain has begun, whoever began it. */
export async function insertFirstHead(kysely: Kysely<Schema>, head: Head): Promise<void> {
  await kysely
    .insertInto('heads')
    .values({ seq: head.seq, size: head.size, root: Buffer.from(head.root), ts: head.timestamp })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Head n + 1 with the tree of head n and a newer time, in one statement. As with an append, the primary key decides: nothing
 * is stored if the chain does not hold `head`, goes on after it, or ends with it for ever.
 *
 * @param timestamp ms since the epoch, greater than the head's. @returns whether it was stored
 */
export async function insertIdleHead(kysely: Kysely<Schema>, head: Head, timestamp: number): Promise<boolean> {
  const result = await kysely
    .insertInto('heads')
    .columns(['seq', 'size', 'root', 'ts'])
    .expression((from) =>
      from
        .selectFrom('heads')
        .select([sql<number>`seq + 1`.as('seq'), 'size', 'root', sql<number>`${timestamp}::int8`.as('ts')])
        .where('seq', '=', head.seq)
        .where('root', '=', Buffer.from(head.root))
        .where('ts', '<', timestamp)
        .where(({ exists, not, selectFrom }) =>
          not(exists(selectFrom('log_changes').select('seq').where('seq', '=', head.seq).where('kind', '=', 'close'))),
        ),
    )
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/**
 * A small durable write. Its acknowledgement says that everything this session could see before is durable too, on the
 * standbys as well where replication is synchronous: a commit becomes visible even when the wait for them was given up.
 */
export async function writeBarrier(client: pg.ClientBase): Promise<void> {
  await client.query('UPDATE barrier SET n = n + 1');
}

function toHead(row: HeadRow): Head {
  return { seq: Number(row.seq), size: Number(row.size), root: row.root, timestamp: Number(row.ts) };
}

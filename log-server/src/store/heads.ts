import type { Kysely } from 'kysely';
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

/** Makes the head of the empty tree; does nothing when the chain has begun, whoever began it. */
export async function insertFirstHead(kysely: Kysely<Schema>, head: Head): Promise<void> {
  await kysely
    .insertInto('heads')
    .values({ seq: head.seq, size: head.size, root: Buffer.from(head.root), ts: head.timestamp })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
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

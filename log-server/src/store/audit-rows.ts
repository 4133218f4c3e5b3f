import { type Kysely, sql, type Transaction } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { BLOCK_ENTRIES, type Head } from './append-batch.ts';

/** What is stored, row by row, without any belief in it: for whoever checks all of it. */

export type StoredBlock = {
  readonly first: number;
  readonly count: number;
  readonly leafHashes: Uint8Array;
  readonly data: Uint8Array;
};

/** The prefixes as text: they are 64 bits, more than a number holds. */
export type StoredRecord = {
  readonly idx: number;
  readonly statement: Uint8Array;
  readonly identity: Uint8Array;
  readonly leaf8: string;
  readonly statement8: string;
  readonly identity8: string;
};

/**
 * Runs `action` on one unchanging state of the database, while servers go on appending. It can't write, and has as much
 * time as it needs.
 */
export function inSnapshot<T>(
  kysely: Kysely<Schema>,
  action: (snapshot: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  return kysely
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (snapshot) => {
      await sql`SET LOCAL statement_timeout = 0`.execute(snapshot);
      await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(snapshot);
      return action(snapshot);
    });
}

/** Every head in the order of the chain. */
export async function* readHeads(kysely: Kysely<Schema>, chunk = 4_096): AsyncGenerator<Head> {
  for (let after = -1; ; ) {
    const rows = await kysely
      .selectFrom('heads')
      .select(['seq', 'size', 'root', 'ts'])
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(chunk)
      .execute();
    for (const { seq, size, root, ts } of rows) yield { seq, size, root, timestamp: ts };
    if (rows.length < chunk) return;
    after = rows.at(-1)!.seq;
  }
}

/** The blocks that hold any entry from `first` to before `end`. */
export async function readBlocks(kysely: Kysely<Schema>, first: number, end: number): Promise<StoredBlock[]> {
  const rows = await kysely
    .selectFrom('blocks')
    .selectAll()
    .where('first', '>', first - BLOCK_ENTRIES)
    .where('first', '<', end)
    .orderBy('first')
    .execute();
  return rows.map(({ leaf_hashes: leafHashes, ...row }) => ({ ...row, leafHashes }));
}

/** The stored full tiles of a level from `first` to before `end`, by their place. */
export async function readTileRows(
  kysely: Kysely<Schema>,
  level: number,
  first: number,
  end: number,
): Promise<Map<number, Uint8Array>> {
  const rows = await kysely
    .selectFrom('tiles')
    .select(['n', 'hashes'])
    .where('level', '=', level)
    .where('n', '>=', first)
    .where('n', '<', end)
    .execute();
  return new Map(rows.map(({ n, hashes }) => [n, hashes]));
}

export async function readRecords(
  kysely: Kysely<Schema>,
  first: number,
  end: number,
): Promise<Map<number, StoredRecord>> {
  const { rows } = await sql<StoredRecord>`
    SELECT idx, statement, identity, leaf8::text, statement8::text, identity8::text
    FROM records WHERE idx >= ${first} AND idx < ${end}`.execute(kysely);
  return new Map(rows.map((row) => [row.idx, row]));
}

/** Pairs of entries that share a digest which may be there once, at most 100 of each kind. */
export async function findDuplicates(
  kysely: Kysely<Schema>,
): Promise<{ readonly by: 'statement' | 'identity'; readonly first: number; readonly last: number }[]> {
  const found = [];
  for (const by of ['statement', 'identity'] as const) {
    const { rows } = await sql<{ first: number; last: number }>`
      SELECT min(idx) AS first, max(idx) AS last FROM records GROUP BY ${sql.ref(by)} HAVING count(*) > 1 LIMIT 100
    `.execute(kysely);
    for (const row of rows) found.push({ by, first: row.first, last: row.last });
  }
  return found;
}

/** What is stored beyond a tree of this size. `tiles` are the places, per level, from which on there should be none. */
export async function findBeyond(
  kysely: Kysely<Schema>,
  size: number,
): Promise<{
  readonly block: number | undefined;
  readonly record: number | undefined;
  readonly tiles: readonly { readonly level: number; readonly n: number }[];
}> {
  const block = await kysely
    .selectFrom('blocks')
    .select('first')
    .where(sql<number>`first + count`, '>', size)
    .where('first', '>', size - BLOCK_ENTRIES)
    .orderBy('first')
    .limit(1)
    .executeTakeFirst();
  const record = await kysely
    .selectFrom('records')
    .select('idx')
    .where('idx', '>=', size)
    .orderBy('idx')
    .limit(1)
    .executeTakeFirst();
  const tiles: { level: number; n: number }[] = [];
  for (let level = 0; level <= 6; level++) {
    const tile = await kysely
      .selectFrom('tiles')
      .select('n')
      .where('level', '=', level)
      .where('n', '>=', Math.floor(size / 256 ** (level + 1)))
      .orderBy('n')
      .limit(1)
      .executeTakeFirst();
    if (tile !== undefined) tiles.push({ level, n: tile.n });
  }
  return { block: block?.first, record: record?.idx, tiles };
}

import { type Kysely, sql } from 'kysely';
import type { Schema } from '../database/schema.ts';

/*
 * Which API key appended which entry: kept for the operator, who has to find out what a stolen key did, and never
 * public. A key's id, 8 hexadecimal digits, is stored as a signed int4.
 */

/** The number under which a key's id is stored. */
export function apiKeyNumber(id: string): number {
  return Buffer.from(id, 'hex').readInt32BE();
}

function apiKeyId(number: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes.toString('hex');
}

/** The id of the key that appended an entry; null: the server itself, or a version that kept no record of it. */
export type AppendedBy = { readonly index: number; readonly keyId: string | null };

/** Who appended the entries, in the order of their indexes; those that the log does not have are not in the answer. */
export async function findAppenders(kysely: Kysely<Schema>, indexes: readonly number[]): Promise<AppendedBy[]> {
  const rows = await kysely
    .selectFrom('records')
    .select(['idx', 'api_key'])
    .where('idx', 'in', indexes)
    .orderBy('idx')
    .execute();
  return rows.map(({ idx, api_key }) => ({ index: idx, keyId: api_key === null ? null : apiKeyId(api_key) }));
}

/** A run of indexes, both ends included. */
export type IndexRange = { readonly first: number; readonly last: number };

/** Rows that one statement reads, so that it ends long before it would be cut off. */
const PAGE = 1_000_000;

/** What a key appended, as runs of indexes in order. Reads the whole table: the hot path pays for no index. */
export async function findAppended(kysely: Kysely<Schema>, keyId: string, page = PAGE): Promise<IndexRange[]> {
  const newest = await kysely.selectFrom('records').select('idx').orderBy('idx', 'desc').limit(1).executeTakeFirst();
  const ranges: { first: number; last: number }[] = [];
  for (let from = 0; from <= (newest?.idx ?? -1); from += page) {
    const { rows } = await sql<IndexRange>`
      SELECT min(idx) AS first, max(idx) AS last
      FROM (
        SELECT idx, idx - row_number() OVER (ORDER BY idx) AS run FROM records
        WHERE idx >= ${from} AND idx < ${from + page} AND api_key = ${apiKeyNumber(keyId)}
      ) AS r
      GROUP BY run ORDER BY first`.execute(kysely);
    for (const { first, last } of rows) {
      const before = ranges.at(-1);
      if (before?.last === first - 1) before.last = last;
      else ranges.push({ first, last });
    }
  }
  return ranges;
}

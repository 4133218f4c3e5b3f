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

/** What a key appended, as runs of indexes in order. Reads the whole table: the hot path pays for no index. */
export async function findAppended(kysely: Kysely<Schema>, keyId: string): Promise<IndexRange[]> {
  const { rows } = await sql<IndexRange>`
    SELECT min(idx) AS first, max(idx) AS last
    FROM (SELECT idx, idx - row_number() OVER (ORDER BY idx) AS run FROM records WHERE api_key = ${apiKeyNumber(keyId)}) AS r
    GROUP BY run ORDER BY first`.execute(kysely);
  return rows;
}

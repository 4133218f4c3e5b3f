import { HASH_SIZE } from '@assent/verifier';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** The 256 bottom hashes of a full tile (8,192 bytes), or `count` of them, or undefined when it is not full yet. */
export async function readFullTile(
  kysely: Kysely<Schema>,
  level: number,
  index: number,
  part?: { readonly from: number; readonly count: number },
): Promise<Uint8Array | undefined> {
  const { from, count } = part ?? { from: 0, count: 256 };
  const row = await kysely
    .selectFrom('tiles')
    .select(sql<Uint8Array>`substring(hashes FROM ${from * HASH_SIZE + 1} FOR ${count * HASH_SIZE})`.as('hashes'))
    .where('level', '=', level)
    .where('n', '=', index)
    .executeTakeFirst();
  return row?.hashes;
}

/** The full tiles from `first` to before `end` that are there, in order. */
export async function* readFullTiles(
  kysely: Kysely<Schema>,
  level: number,
  first: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const rows = await kysely
    .selectFrom('tiles')
    .select('hashes')
    .where('level', '=', level)
    .where('n', '>=', first)
    .where('n', '<', end)
    .orderBy('n')
    .execute();
  for (const row of rows) yield row.hashes;
}

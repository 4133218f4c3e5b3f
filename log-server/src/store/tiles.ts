import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** The 256 bottom hashes of a full tile (8,192 bytes), or undefined when it is not full yet. */
export async function readFullTile(
  kysely: Kysely<Schema>,
  level: number,
  index: number,
): Promise<Uint8Array | undefined> {
  const row = await kysely
    .selectFrom('tiles')
    .select('hashes')
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

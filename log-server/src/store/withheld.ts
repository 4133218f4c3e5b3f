import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** `at` in milliseconds since the epoch. */
export type WithheldEntry = {
  readonly index: number;
  readonly reason: string;
  readonly at: number;
  readonly erased: boolean;
};

/** In the order of their indexes. */
export async function listWithheld(kysely: Kysely<Schema>): Promise<WithheldEntry[]> {
  const rows = await kysely.selectFrom('withheld').selectAll().orderBy('idx').execute();
  return rows.map(({ idx, ...row }) => ({ index: idx, ...row }));
}

/** @returns false, and nothing changes, if the entry is withheld already */
export async function insertWithheld(
  kysely: Kysely<Schema>,
  { index, reason, at }: Omit<WithheldEntry, 'erased'>,
): Promise<boolean> {
  const result = await kysely
    .insertInto('withheld')
    .values({ idx: index, reason, at })
    .onConflict((conflict) => conflict.column('idx').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** @returns false if it was not withheld, or if its bytes are erased and can't come back */
export async function deleteWithheld(kysely: Kysely<Schema>, index: number): Promise<boolean> {
  const result = await kysely
    .deleteFrom('withheld')
    .where('idx', '=', index)
    .where('erased', '=', false)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

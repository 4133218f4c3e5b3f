import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** A checkpoint that reached a quorum, with its cosignatures. */
export type CosignedRow = {
  readonly seq: number;
  readonly size: number;
  /** SHA-256 of the policy whose quorum it reached. */
  readonly policy: Uint8Array;
  readonly checkpoint: string;
};

const COLUMNS = ['seq', 'size', 'policy', 'checkpoint'] as const;

/** The rows behind `seq`, in order. */
export function cosignedAfter(kysely: Kysely<Schema>, seq: number, limit: number): Promise<CosignedRow[]> {
  return kysely.selectFrom('cosigned').select(COLUMNS).where('seq', '>', seq).orderBy('seq').limit(limit).execute();
}

/** The row with the highest number, of one policy or of any; with `before` the highest below that one. */
export function newestCosigned(
  kysely: Kysely<Schema>,
  policy?: Uint8Array,
  before?: number,
): Promise<CosignedRow | undefined> {
  let query = kysely.selectFrom('cosigned').select(COLUMNS);
  if (before !== undefined) query = query.where('seq', '<', before);
  if (policy !== undefined) query = query.where('policy', '=', Buffer.from(policy));
  return query.orderBy('seq', 'desc').limit(1).executeTakeFirst();
}

/** The smallest checkpoint that covers the entry, of one policy or of any; with `after` the next one behind that row. */
export function firstCosigned(
  kysely: Kysely<Schema>,
  index: number,
  policy?: Uint8Array,
  after?: Pick<CosignedRow, 'size' | 'seq'>,
): Promise<CosignedRow | undefined> {
  let query = kysely.selectFrom('cosigned').select(COLUMNS).where('size', '>', index);
  if (after !== undefined) {
    const { size, seq } = after;
    query = query.where((is) => is.or([is('size', '>', size), is.and([is('size', '=', size), is('seq', '>', seq)])]));
  }
  if (policy !== undefined) query = query.where('policy', '=', Buffer.from(policy));
  return query.orderBy('size').orderBy('seq').limit(1).executeTakeFirst();
}

/** The largest size that does not cover the entry, or 0: entries from there on have the same first checkpoint. */
export async function cosignedBefore(kysely: Kysely<Schema>, index: number): Promise<number> {
  const row = await kysely
    .selectFrom('cosigned')
    .select('size')
    .where('size', '<=', index)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.size ?? 0;
}

/** Adds a row to the chain; false when that number is taken, by whichever process. */
export async function insertCosigned(kysely: Kysely<Schema>, row: CosignedRow, now: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await kysely
    .insertInto('cosigned')
    .values({ ...row, policy: Buffer.from(row.policy), reached_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Replaces a checkpoint by itself with more cosignatures. False if it is not `before` any more: another one was added. */
export async function replaceCosigned(
  kysely: Kysely<Schema>,
  seq: number,
  before: string,
  checkpoint: string,
): Promise<boolean> {
  const { numUpdatedRows } = await kysely
    .updateTable('cosigned')
    .set({ checkpoint })
    .where('seq', '=', seq)
    .where('checkpoint', '=', before)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The checkpoint of a row as it is now. */
export async function readCosigned(kysely: Kysely<Schema>, seq: number): Promise<string | undefined> {
  const row = await kysely.selectFrom('cosigned').select('checkpoint').where('seq', '=', seq).executeTakeFirst();
  return row?.checkpoint;
}

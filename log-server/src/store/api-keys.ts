import { sql } from 'kysely';
import type { Database } from '../database/connect.ts';

export type StoredApiKey = {
  readonly id: string;
  /** SHA-256 of the key's text, 32 bytes. */
  readonly hash: Uint8Array;
  readonly name: string;
  readonly services: readonly string[];
  /** Milliseconds since the epoch, as are all times here. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
};

export type NewApiKey = Omit<StoredApiKey, 'revokedAt'>;

export async function findApiKey({ kysely }: Database, id: string): Promise<StoredApiKey | undefined> {
  const row = await kysely.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** In the order in which they were made. */
export async function listApiKeys({ kysely }: Database): Promise<StoredApiKey[]> {
  const rows = await kysely.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(fromRow);
}

export async function hasApiKeys({ kysely }: Database): Promise<boolean> {
  return (await kysely.selectFrom('api_keys').select('id').limit(1).execute()).length > 0;
}

/** @returns false, and nothing is stored, if a key with this id is there */
export async function insertApiKey({ kysely }: Database, key: NewApiKey): Promise<boolean> {
  const result = await kysely
    .insertInto('api_keys')
    .values(toRow(key))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/**
 * Stores the first key of a new log. Of several processes that start together one does: without the lock each would see
 * an empty table.
 *
 * @returns false, and nothing is stored, if there is any key, revoked or not
 */
export function insertFirstApiKey({ kysely }: Database, key: NewApiKey): Promise<boolean> {
  return kysely.transaction().execute(async (transaction) => {
    await sql`lock table api_keys in share row exclusive mode`.execute(transaction);
    const any = await transaction.selectFrom('api_keys').select('id').limit(1).execute();
    if (any.length > 0) return false;
    await transaction.insertInto('api_keys').values(toRow(key)).execute();
    return true;
  });
}

/** @returns the key as it was before, or undefined if there is none; revoking again keeps the first time */
export async function revokeApiKey(database: Database, id: string, now: number): Promise<StoredApiKey | undefined> {
  const before = await findApiKey(database, id);
  await database.kysely
    .updateTable('api_keys')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
  return before;
}

function toRow({ id, hash, name, services, createdAt }: NewApiKey) {
  return { id, hash: Buffer.from(hash), name, services: [...services], created_at: createdAt };
}

function fromRow(row: {
  id: string;
  hash: Uint8Array;
  name: string;
  services: string[];
  created_at: number;
  revoked_at: number | null;
}): StoredApiKey {
  const { id, hash, name, services, created_at: createdAt, revoked_at: revokedAt } = row;
  return { id, hash, name, services, createdAt, revokedAt };
}

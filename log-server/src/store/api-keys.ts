import { type Insertable, type Selectable, sql } from 'kysely';
import type { Visibility } from '../admission/append-rights.ts';
import type { Database } from '../database/connect.ts';
import type { ApiKeysTable } from '../database/schema.ts';
import type { Rate } from '../rate-limits.ts';

/** What an API key may do beside appending for its services, and how fast. */
export type ApiKeyTerms = {
  /** Keyids (`sha256:<hex>`) of the boundaries whose consumptions it may append; `*` is every boundary. */
  readonly boundaries: readonly string[];
  /** Root ids (`sha256:<hex>`) of the trust roots whose versions it may append; `*` is every trust root. */
  readonly trustRoots: readonly string[];
  readonly blind: boolean;
  /** Whether it may append evidence of other systems though it may not append for every service. */
  readonly foreign: boolean;
  /** null: the log's. */
  readonly defaultVisibility: Visibility | null;
  /** null: as fast as the log can. */
  readonly rate: Rate | null;
};

export type StoredApiKey = ApiKeyTerms & {
  readonly id: string;
  /** SHA-256 of the key's text, 32 bytes. */
  readonly hash: Uint8Array;
  readonly name: string;
  readonly services: readonly string[];
  /** Milliseconds since the epoch, as are all times here. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
};

/** Terms that are not given are {@link PLAIN_TERMS}. */
export type NewApiKey = Omit<StoredApiKey, 'revokedAt' | keyof ApiKeyTerms> & Partial<ApiKeyTerms>;

/** What a key gets that was made with a name and services alone. */
export const PLAIN_TERMS: ApiKeyTerms = {
  boundaries: [],
  trustRoots: [],
  blind: false,
  foreign: false,
  defaultVisibility: null,
  rate: null,
};

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

/** @returns whether there is such a key */
export async function limitApiKey({ kysely }: Database, id: string, rate: Rate | null): Promise<boolean> {
  const result = await kysely.updateTable('api_keys').set(toRateColumns(rate)).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

function toRow({ id, hash, name, services, createdAt, ...terms }: NewApiKey): Insertable<ApiKeysTable> {
  const { boundaries, trustRoots, blind, foreign, defaultVisibility, rate } = { ...PLAIN_TERMS, ...terms };
  return {
    id,
    hash: Buffer.from(hash),
    name,
    services: [...services],
    created_at: createdAt,
    boundaries: [...boundaries],
    trust_roots: [...trustRoots],
    blind,
    foreign_payloads: foreign,
    default_visibility: defaultVisibility,
    ...toRateColumns(rate),
  };
}

function toRateColumns(rate: Rate | null): { rate: number | null; burst: number | null } {
  return { rate: rate?.perSecond ?? null, burst: rate?.burst ?? null };
}

function fromRow(row: Selectable<ApiKeysTable>): StoredApiKey {
  const { id, hash, name, services, boundaries, blind, rate, burst } = row;
  return {
    id,
    hash,
    name,
    services,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
    boundaries,
    trustRoots: row.trust_roots,
    blind,
    foreign: row.foreign_payloads,
    defaultVisibility: row.default_visibility,
    rate: rate === null || burst === null ? null : { perSecond: rate, burst },
  };
}

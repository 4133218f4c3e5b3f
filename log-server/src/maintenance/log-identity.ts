import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { readLogRow } from '../store/log-row.ts';
import type { LogIdentity } from './signed-checkpoint.ts';

/** The log's name and keys as the database has them; undefined where no log was ever started. */
export async function readLogIdentity(kysely: Kysely<Schema>): Promise<LogIdentity | undefined> {
  const row = await readLogRow(kysely);
  return row && { origin: row.origin, publicKeys: [row.publicKey] };
}

import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { activeKeys, LogTimeline } from '../log-timeline.ts';
import { readLogChanges } from '../store/log-changes.ts';
import { readLogRow } from '../store/log-row.ts';
import type { SigningIdentity } from './signed-checkpoint.ts';

/** The log's name, and every key that signs or ever signed for it; undefined where no log was ever started. */
export async function readSigningIdentity(kysely: Kysely<Schema>): Promise<SigningIdentity | undefined> {
  const row = await readLogRow(kysely);
  if (row === undefined) return undefined;
  const state = new LogTimeline(row.publicKey, await readLogChanges(kysely)).at();
  const publicKeys = [...activeKeys(state), ...state.retired.map(({ publicKey }) => publicKey)];
  return { origin: row.origin, publicKeys };
}

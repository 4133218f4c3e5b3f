import { type Kysely, sql } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** What was fixed when the log was first started, and can't change: who the log is, and which guard watches it. */
export type LogRow = {
  readonly origin: string;
  /** The key with which the log began; a rotation leaves it as it is (see `log-timeline.ts`). */
  readonly publicKey: Uint8Array;
  readonly guardId: string;
};

export async function readLogRow(kysely: Kysely<Schema>): Promise<LogRow | undefined> {
  const row = await kysely.selectFrom('log').select(['origin', 'public_key', 'guard_id']).executeTakeFirst();
  return row && { origin: row.origin, publicKey: row.public_key, guardId: row.guard_id ?? '' };
}

/** Fixes the identity when none is fixed yet, and returns the one that holds, whoever fixed it. */
export async function fixLogRow(kysely: Kysely<Schema>, row: LogRow, now: number): Promise<LogRow> {
  await kysely
    .insertInto('log')
    .values({
      id: 1,
      origin: row.origin,
      public_key: Buffer.from(row.publicKey),
      guard_id: row.guardId,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await readLogRow(kysely))!;
}

export async function setGuardId(kysely: Kysely<Schema>, guardId: string): Promise<void> {
  await kysely.updateTable('log').set({ guard_id: guardId }).where('id', '=', 1).execute();
}

/**
 * Which database this is: the cluster's system identifier and its timeline, which changes when a standby is promoted
 * or a backup is restored to a point in time.
 */
export type DatabaseIdentity = { readonly systemIdentifier: string; readonly timeline: number };

export async function databaseIdentity(kysely: Kysely<Schema>): Promise<DatabaseIdentity> {
  // The name of the WAL file that is being written: pg_control_checkpoint() lags behind a promotion by a checkpoint.
  const { rows } = await sql<{ system_identifier: string; timeline: string }>`
    SELECT system_identifier::text, left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline FROM pg_control_system()
  `.execute(kysely);
  return { systemIdentifier: rows[0]!.system_identifier, timeline: Number.parseInt(rows[0]!.timeline, 16) };
}

import { type Kysely, sql } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** What an operator has to know of the database before it becomes a fault. Undefined: this role may not ask. */
export type DatabaseFacts = {
  readonly serverVersion: number;
  readonly inRecovery: boolean;
  readonly databaseBytes: number;
  /** All indexes of the log's tables, and the memory that the server keeps pages in. */
  readonly indexBytes: number;
  readonly sharedBuffersBytes: number;
  readonly walBytes: number | undefined;
  /** The longest that a transaction has been open which holds a snapshot, in seconds; prepared ones too. */
  readonly oldestTransactionSeconds: number;
  /** How many transactions have begun since the oldest snapshot that anything holds: sessions, slots, standbys. */
  readonly oldestSnapshotTransactions: number;
  readonly preparedTransactions: number;
  readonly standbys: Readonly<Record<StandbyState, number>>;
  /** Of the standby that is farthest behind; undefined without any, or when this role may not ask. */
  readonly replicationLagBytes: number | undefined;
  readonly replicationLagSeconds: number | undefined;
  readonly inactiveSlots: number;
  /** The most WAL that a replication slot keeps from being removed. */
  readonly slotRetainedBytes: number;
  readonly archiving: boolean;
  readonly archiveFailures: number;
  /** The newest attempt to archive a WAL segment failed. */
  readonly archiveFailing: boolean;
};

export const STANDBY_STATES = ['async', 'potential', 'sync', 'quorum'] as const;
export type StandbyState = (typeof STANDBY_STATES)[number];

type Row = Record<Exclude<keyof DatabaseFacts, 'standbys' | 'walBytes'>, unknown> & {
  readonly standbys: Record<string, unknown> | null;
  readonly mayListWal: boolean;
};

/**
 * One statement, and a second one where the role may list WAL files (`pg_monitor`). Without that role, the transactions of
 * other users have no times, and standbys have no lag.
 */
export async function readDatabaseFacts(kysely: Kysely<Schema>): Promise<DatabaseFacts> {
  const { rows } = await sql<Row>`
    WITH snapshots AS (
      SELECT extract(epoch FROM clock_timestamp() - xact_start) AS seconds, age(backend_xmin) AS transactions
        FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
      UNION ALL SELECT extract(epoch FROM clock_timestamp() - prepared), age(transaction) FROM pg_prepared_xacts
      UNION ALL SELECT NULL, age(xmin) FROM pg_replication_slots WHERE xmin IS NOT NULL
    ), wal AS (
      SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn
    )
    SELECT current_setting('server_version_num')::int AS "serverVersion",
      pg_is_in_recovery() AS "inRecovery",
      pg_database_size(current_database()) AS "databaseBytes",
      (SELECT coalesce(sum(pg_indexes_size(oid)), 0) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace) AS "indexBytes",
      pg_size_bytes(current_setting('shared_buffers')) AS "sharedBuffersBytes",
      (SELECT coalesce(max(seconds), 0) FROM snapshots) AS "oldestTransactionSeconds",
      (SELECT coalesce(max(transactions), 0) FROM snapshots) AS "oldestSnapshotTransactions",
      (SELECT count(*) FROM pg_prepared_xacts) AS "preparedTransactions",
      (SELECT jsonb_object_agg(sync_state, n) FROM
        (SELECT sync_state, count(*) AS n FROM pg_stat_replication WHERE sync_state IS NOT NULL GROUP BY 1) s) AS standbys,
      (SELECT max(pg_wal_lsn_diff(wal.lsn, replay_lsn)) FROM pg_stat_replication) AS "replicationLagBytes",
      (SELECT max(extract(epoch FROM coalesce(replay_lag, '0'))) FROM pg_stat_replication
        WHERE replay_lsn IS NOT NULL) AS "replicationLagSeconds",
      (SELECT count(*) FROM pg_replication_slots WHERE NOT active) AS "inactiveSlots",
      (SELECT coalesce(max(pg_wal_lsn_diff(wal.lsn, restart_lsn)), 0) FROM pg_replication_slots) AS "slotRetainedBytes",
      current_setting('archive_mode') <> 'off' AS archiving,
      archiver.failed_count AS "archiveFailures",
      coalesce(archiver.last_failed_time > coalesce(archiver.last_archived_time, '-infinity'), false) AS "archiveFailing",
      has_function_privilege('pg_ls_waldir()', 'execute') AS "mayListWal"
    FROM wal, pg_stat_archiver archiver
  `.execute(kysely);
  const row = rows[0]!;
  return {
    serverVersion: Number(row.serverVersion),
    inRecovery: row.inRecovery === true,
    databaseBytes: Number(row.databaseBytes),
    indexBytes: Number(row.indexBytes),
    sharedBuffersBytes: Number(row.sharedBuffersBytes),
    walBytes: row.mayListWal ? await readWalBytes(kysely) : undefined,
    oldestTransactionSeconds: Number(row.oldestTransactionSeconds),
    oldestSnapshotTransactions: Number(row.oldestSnapshotTransactions),
    preparedTransactions: Number(row.preparedTransactions),
    standbys: { async: 0, potential: 0, sync: 0, quorum: 0, ...counts(row.standbys) },
    replicationLagBytes: numberOrNone(row.replicationLagBytes),
    replicationLagSeconds: numberOrNone(row.replicationLagSeconds),
    inactiveSlots: Number(row.inactiveSlots),
    slotRetainedBytes: Number(row.slotRetainedBytes),
    archiving: row.archiving === true,
    archiveFailures: Number(row.archiveFailures),
    archiveFailing: row.archiveFailing === true,
  };
}

/** A statement of its own: one that names the function is refused as a whole to a role that may not call it. */
async function readWalBytes(kysely: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{ bytes: unknown }>`SELECT coalesce(sum(size), 0) AS bytes FROM pg_ls_waldir()`.execute(
    kysely,
  );
  return Number(rows[0]!.bytes);
}

function counts(states: Record<string, unknown> | null): Partial<Record<StandbyState, number>> {
  const known = STANDBY_STATES.filter((state) => states?.[state] !== undefined);
  return Object.fromEntries(known.map((state) => [state, Number(states?.[state])]));
}

function numberOrNone(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

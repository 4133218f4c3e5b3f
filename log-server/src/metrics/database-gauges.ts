import { Gauge, type Registry } from 'prom-client';
import { type DatabaseFacts, STANDBY_STATES } from '../store/database-facts.ts';
import { addGauge } from './gauge.ts';
import { POOLS, type Sources } from './sources.ts';

type Reading = readonly [name: string, help: string, read: (facts: DatabaseFacts) => number | undefined];

const READINGS: readonly Reading[] = [
  ['server_version', 'Version of PostgreSQL, as server_version_num', (f) => f.serverVersion],
  ['in_recovery', '1 when the database is a standby', (f) => Number(f.inRecovery)],
  ['size_bytes', 'Size of the database', (f) => f.databaseBytes],
  ['index_bytes', "Size of the indexes of the log's tables", (f) => f.indexBytes],
  ['shared_buffers_bytes', 'Memory in which PostgreSQL keeps pages', (f) => f.sharedBuffersBytes],
  ['wal_bytes', 'Size of the WAL directory', (f) => f.walBytes],
  ['oldest_transaction_seconds', 'For how long the oldest snapshot has been held', (f) => f.oldestTransactionSeconds],
  ['oldest_snapshot_transactions', 'Transactions since the oldest snapshot', (f) => f.oldestSnapshotTransactions],
  ['prepared_transactions', 'Transactions that are prepared and not committed', (f) => f.preparedTransactions],
  ['replication_lag_bytes', 'WAL that the last standby has not replayed', (f) => f.replicationLagBytes],
  ['replication_lag_seconds', 'How far the last standby is behind', (f) => f.replicationLagSeconds],
  ['inactive_slots', 'Replication slots that nobody reads', (f) => f.inactiveSlots],
  ['slot_retained_bytes', 'The most WAL that a replication slot holds back', (f) => f.slotRetainedBytes],
  ['archiving', '1 when WAL is archived', (f) => Number(f.archiving)],
  ['archive_failures', 'Failed attempts to archive WAL', (f) => f.archiveFailures],
  ['archive_failing', '1 when the newest attempt to archive WAL failed', (f) => Number(f.archiveFailing)],
];

/** The database's state as it was last read, the pools of connections to it, and the disk of the data directory. */
export function databaseGauges(registry: Registry, sources: () => Partial<Sources>): void {
  const facts = (): DatabaseFacts | undefined => sources().database?.();
  addGauge(registry, 'assent_database_up', '1 when the database answered the last time it was asked', () =>
    sources().database === undefined ? undefined : Number(facts() !== undefined),
  );
  for (const [name, help, read] of READINGS) {
    addGauge(registry, `assent_database_${name}`, help, () => {
      const known = facts();
      return known && read(known);
    });
  }
  new Gauge({
    name: 'assent_database_standbys',
    help: 'Standbys that are connected, by their part in synchronous replication',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const known = facts();
      for (const state of STANDBY_STATES) {
        if (known === undefined) this.remove(state);
        else this.set({ state }, known.standbys[state]);
      }
    },
  });
  new Gauge({
    name: 'assent_pool_connections',
    help: 'Connections to the database, and requests that wait for one',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const pool of POOLS) {
        const depth = sources().pools?.[pool];
        if (depth === undefined) continue;
        this.set({ pool, state: 'busy' }, depth.totalCount - depth.idleCount);
        this.set({ pool, state: 'idle' }, depth.idleCount);
        this.set({ pool, state: 'waiting' }, depth.waitingCount);
      }
    },
  });
  addGauge(registry, 'assent_disk_free_bytes', 'Free space on the disk of the data directory', () => {
    return sources().disk?.()?.free;
  });
  addGauge(registry, 'assent_disk_reserve_bytes', 'Free space below which appends are refused', () => {
    return sources().diskReserve?.();
  });
  addGauge(registry, 'assent_disk_size_bytes', 'Size of the disk of the data directory', () => {
    return sources().disk?.()?.total;
  });
}

import { totalmem } from 'node:os';

const MB = 2 ** 20;

export const MAX_CONNECTIONS = 100;

/** What a server of ours is started with; everything else is PostgreSQL's default. */
export type ServerSettings = Readonly<Record<string, string>>;

/**
 * Given on the command line, so that they hold for a cluster that an older Assent made, too. Large checkpoints far apart,
 * because an append-only log rewrites little: each page would otherwise be logged whole again after every checkpoint.
 */
export function productionSettings(memoryBytes = availableMemory()): ServerSettings {
  return {
    ...DURABLE,
    shared_buffers: `${Math.max(32, Math.min(1024, Math.floor(memoryBytes / 4 / MB)))}MB`,
    max_wal_size: '8GB',
    checkpoint_timeout: '15min',
  };
}

/** The machine's, or what a container may use of it. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Small, for tests. */
export function smallSettings(): ServerSettings {
  return { ...DURABLE, shared_buffers: '64MB', max_wal_size: '512MB' };
}

const DURABLE: ServerSettings = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_compression: 'pglz',
  max_connections: String(MAX_CONNECTIONS),
  // After a crash it is ours to start it again: first we look whether a sync failed (see `failedSync` in cluster.ts).
  restart_after_crash: 'off',
  listen_addresses: '',
  // Statements and their values stay out of the log file; it is for the server's own troubles.
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
  log_checkpoints: 'off',
};

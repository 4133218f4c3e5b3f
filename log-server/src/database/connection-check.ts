import type { ClientBase } from 'pg';

/** The database is reachable, but a log must not run on it as it is set up. The message says what to change. */
export class DatabaseRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseRefused';
  }
}

/** 0 means no limit. */
export type SessionTimeouts = {
  /** How long a statement waits for a lock. */
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** How long a transaction may stay open with nothing to do: it would hold its locks against other processes. */
  readonly idleTimeoutMs: number;
};

const OLDEST_SERVER = 14;

/** What a connection says of its server. */
export type ServerFacts = {
  pid: number;
  version: number;
  synchronous_commit: string;
  fsync: string;
  full_page_writes: string;
  recovery: boolean;
  data_sync_retry: string;
};

const FACTS = `pg_backend_pid() as pid, current_setting('server_version_num')::int as version,
       current_setting('synchronous_commit') as synchronous_commit, current_setting('fsync') as fsync,
       current_setting('full_page_writes') as full_page_writes, pg_is_in_recovery() as recovery,
       current_setting('data_sync_retry') as data_sync_retry`;

/**
 * Sets a new connection's timeouts and refuses what would let the log forget what it has signed: with any of
 * `synchronous_commit`, `fsync` or `full_page_writes` off, a commit that was acknowledged can be gone after a crash, and
 * the log would sign a second history. One round trip; it runs for each connection because all three can differ by role,
 * by database and after a reload.
 *
 * A reload reaches connections that are open, too. So `synchronous_commit` is set for the session, where a reload doesn't change
 * it; the other two can't be, so that a connection that is kept has to be asked again ({@link findUnsafe}).
 *
 * @throws {DatabaseRefused}
 */
export async function checkConnection(client: ClientBase, timeouts: SessionTimeouts): Promise<void> {
  const { rows } = await client.query<ServerFacts>(
    `select ${FACTS},
       set_config('synchronous_commit', current_setting('synchronous_commit'), false),
       set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false),
       set_config('idle_in_transaction_session_timeout', $3, false), set_config('client_min_messages', 'warning', false)`,
    [timeouts.lockTimeoutMs, timeouts.statementTimeoutMs, timeouts.idleTimeoutMs].map((ms) => `${ms}ms`),
  );
  const settings = rows[0];
  const problem = settings === undefined ? 'The database did not answer.' : findProblem(settings, processIdOf(client));
  if (problem !== undefined) throw new DatabaseRefused(problem);
}

/** Why a log must not run on this any more, by what its server says now on a connection that was checked when it was made. */
export async function findUnsafe(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<ServerFacts>(`select ${FACTS}`);
  return findProblem(rows[0]!, processIdOf(client));
}

/** @returns why a log must not run on such a server */
export function findProblem(settings: ServerFacts, clientSidePid: number | undefined): string | undefined {
  const version = Math.floor(settings.version / 10_000);
  if (version < OLDEST_SERVER) {
    return `The database is PostgreSQL ${version}; Assent needs ${OLDEST_SERVER} or newer.`;
  }
  // A pooler hands out connection ids of its own. Behind one in transaction mode the settings made here, prepared
  // statements and the migration lock would each end up on some other connection.
  if (clientSidePid !== undefined && clientSidePid !== settings.pid) {
    return 'DATABASE_URL leads through a connection pooler (such as PgBouncer). Give the address of PostgreSQL itself.';
  }
  if (settings.synchronous_commit !== 'on' && settings.synchronous_commit !== 'remote_apply') {
    return `The database has synchronous_commit = ${settings.synchronous_commit}, so a commit can be lost after it was acknowledged. Set it to on (or remote_apply) for this role and database.`;
  }
  for (const name of ['fsync', 'full_page_writes'] as const) {
    if (settings[name] !== 'on') {
      return `The database has ${name} = ${settings[name]}, so a crash can lose or damage what was committed. Set ${name} = on in postgresql.conf and restart PostgreSQL.`;
    }
  }
  // What an fsync that failed was to write is gone from the page cache, or passes for written: a second one "succeeds".
  if (settings.data_sync_retry !== 'off') {
    return `The database has data_sync_retry = ${settings.data_sync_retry}, so it goes on after a failed fsync as if nothing were lost. Set data_sync_retry = off in postgresql.conf and restart PostgreSQL.`;
  }
  if (settings.recovery) {
    return 'The database is a standby and cannot be written. Give the address of the primary in DATABASE_URL.';
  }
  return undefined;
}

/** The id that the server announced when the connection was made; the driver keeps it, its types don't say so. */
function processIdOf(client: ClientBase): number | undefined {
  const pid: unknown = 'processID' in client ? client.processID : undefined;
  return typeof pid === 'number' ? pid : undefined;
}

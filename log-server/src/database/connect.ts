import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { BinaryClient } from './binary-rows.ts';
import { checkConnection, type SessionTimeouts } from './connection-check.ts';
import type { Schema } from './schema.ts';

export interface Database {
  /** For statements that are written by hand; named ones (`{ name, text, values }`) are prepared once a connection. */
  readonly pool: pg.Pool;
  readonly kysely: Kysely<Schema>;
  /** How to reach the same database with a connection of one's own. */
  readonly poolConfig: pg.PoolConfig;
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>;
}

export type DatabaseOptions = Partial<SessionTimeouts> & {
  /** As `pg_stat_activity` shows it. */
  readonly applicationName?: string;
  /** How long somebody waits for a connection of the pool, or for a new one to be made. */
  readonly acquireTimeoutMs?: number;
  /** Called when a connection that nobody was using breaks; the pool replaces it by itself. */
  readonly onIdleError?: (error: Error) => void;
};

const GRACE_MS = 1_000;
const DEFAULT_TIMEOUTS: SessionTimeouts = { lockTimeoutMs: 10_000, statementTimeoutMs: 30_000, idleTimeoutMs: 30_000 };

/**
 * Opens a pool and makes its first connection, so that a wrong address or an unsafe setting fails here.
 * Every connection is checked before anyone gets it (see `connection-check.ts`).
 *
 * @throws {DatabaseRefused} if the database must not be used as it is set up
 * @throws the driver's error if it can't be reached
 */
export async function openDatabase(poolConfig: pg.PoolConfig, options: DatabaseOptions = {}): Promise<Database> {
  const { applicationName = 'assent-log', acquireTimeoutMs = 10_000, onIdleError, ...given } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...given };
  const pool = new pg.Pool({
    connectionTimeoutMillis: acquireTimeoutMs,
    keepAlive: true,
    ...poolConfig,
    // The server ends a statement that takes too long. One that is stopped, or beyond a network that swallows everything,
    // can't: then we do, a little later.
    ...(timeouts.statementTimeoutMs > 0 && { answerTimeoutMs: timeouts.statementTimeoutMs + GRACE_MS }),
    application_name: applicationName,
    Client: BinaryClient,
    types: { getTypeParser },
    onConnect: (client) => checkConnection(client, timeouts),
  });
  // Without a listener a broken idle connection would end the process.
  pool.on('error', (error) => onIdleError?.(error));
  // So would one that breaks in somebody's hands: its query rejects, and the client emits "error" as well, for which the
  // pool listens on idle connections alone.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    (await pool.connect()).release();
  } catch (error) {
    await kysely.destroy();
    throw error;
  }
  return { pool, kysely, poolConfig, close: () => closeOnce(pool) };
}

async function closeOnce(pool: pg.Pool): Promise<void> {
  if (!pool.ended && !pool.ending) await pool.end();
}

const INT8 = 20;
const BYTEA = 17;

/** bigint columns become numbers: sizes and indexes are safe integers everywhere in this project. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (format !== 'binary') return oid === INT8 ? parseSafeInteger : pg.types.getTypeParser(oid, 'text');
  if (oid === BYTEA) return (value: Buffer) => value;
  return oid === INT8
    ? (value: Buffer) => parseSafeInteger(value.readBigInt64BE())
    : pg.types.getTypeParser(oid, format);
};

function parseSafeInteger(text: string | bigint): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint column holds a value beyond 2^53 - 1');
  return value;
}

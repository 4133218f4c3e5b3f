import pg from 'pg';
import { startEmbeddedPostgres } from '../log-server/src/database/embedded-postgres.ts';

/** Asks the embedded database of a data directory, beside the server that runs on it or without one. */
export async function withDatabase<T>(dataDir: string, ask: (client: pg.Client) => Promise<T>): Promise<T> {
  const postgres = await startEmbeddedPostgres({ dataDir });
  const client = new pg.Client(postgres.poolConfig);
  try {
    await client.connect();
    return await ask(client);
  } finally {
    await client.end();
    await postgres.stop();
  }
}

/** How far the write-ahead log has come, in bytes. */
export function walPosition(dataDir: string): Promise<number> {
  return withDatabase(dataDir, async (client) => {
    const { rows } = await client.query<{ at: string }>("SELECT pg_current_wal_insert_lsn() - '0/0' AS at");
    return Number(rows[0]!.at);
  });
}

/** The log's tables with their indexes and TOAST, in bytes. */
export function tableBytes(dataDir: string): Promise<number> {
  return withDatabase(dataDir, async (client) => {
    const { rows } = await client.query<{ bytes: string }>(
      `SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    return Number(rows[0]!.bytes);
  });
}

/** The settings on which the cost of a large database hangs. */
export function databaseSettings(dataDir: string): Promise<Readonly<Record<string, string>>> {
  return withDatabase(dataDir, async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, current_setting(name) AS setting FROM pg_settings WHERE name = ANY($1) ORDER BY name`,
      [['shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'wal_compression', 'fsync', 'synchronous_commit']],
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  });
}

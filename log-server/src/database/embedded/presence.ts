import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { SUPERUSER } from './cluster.ts';
import { EmbeddedPostgresFailure, hasCode } from './failure.ts';
import type { Postmaster } from './postmaster.ts';

export const DATABASE = 'assent';

const PRESENCE = 'assent-log presence';
/** Of one whose process uses the server no more, and only waits to end it. */
const LEAVING = 'assent-log leaving';

const POLL_MS = 20;
const UNREACHABLE_MS = 60_000;
/** cannot_connect_now: the server is starting up (or recovering, which may take minutes) or shutting down. */
const NOT_NOW = '57P03';
const NO_SUCH_DATABASE = '3D000';

/**
 * Connects to a server that may still be starting, and makes the database at first.
 *
 * @param alive whether the server's process still runs; asked between attempts
 * @returns the open connection, or undefined if the process ended
 * @throws {EmbeddedPostgresFailure} if it runs and can't be reached
 */
export async function makePresence(postmaster: Postmaster, alive: () => boolean): Promise<pg.Client | undefined> {
  let deadline = Date.now() + UNREACHABLE_MS;
  while (alive()) {
    try {
      return await connect(postmaster, DATABASE);
    } catch (error) {
      if (hasCode(error, NO_SUCH_DATABASE)) await createDatabase(postmaster);
      else if (hasCode(error, NOT_NOW)) deadline = Date.now() + UNREACHABLE_MS;
      else if (Date.now() > deadline) {
        throw new EmbeddedPostgresFailure(
          `The database server runs (process ${postmaster.pid}) and cannot be reached.`,
          {
            cause: error,
          },
        );
      }
    }
    await delay(POLL_MS);
  }
  return undefined;
}

/** Several that end together would else each wait for the others. */
export async function announceLeaving(presence: pg.Client): Promise<void> {
  // A connection that broke holds nobody up.
  await presence.query(`set application_name = '${LEAVING}'`).catch(() => undefined);
}

/**
 * Whether anybody uses the server who is not about to leave it. Connections that are closing take a moment to disappear,
 * on a busy machine a long one, so a yes is asked again for three seconds.
 */
export async function hasOtherClients(presence: pg.Client): Promise<boolean> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const { rows } = await presence.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> '${LEAVING}'`,
    );
    if (rows[0]?.others === 0) return false;
    await delay(50);
  }
  return true;
}

async function connect({ socketDir, port }: Postmaster, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: socketDir,
    port,
    user: SUPERUSER,
    database,
    application_name: PRESENCE,
    connectionTimeoutMillis: 10_000,
  });
  // Whoever watches listens for "end", which follows; without a listener the error would end our process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function createDatabase(postmaster: Postmaster): Promise<void> {
  const client = await connect(postmaster, 'postgres');
  try {
    await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

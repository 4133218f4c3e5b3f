import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from './database/connect.ts';
import { missingMigrations } from './database/migrate.ts';
import type { Health } from './http/health.ts';
import { readDiskSpace } from './metrics/periodic-facts.ts';
import type { OpenLog } from './open-parts.ts';

export type ReadinessParts = {
  readonly opened: OpenLog;
  readonly database: Database;
  readonly dataDir: string;
  readonly logger: Logger;
};

/** With less, the next write of the fork guard or of an embedded database may fail. */
const LEAST_FREE_BYTES = 32 * 2 ** 20;
const MOST_CLOCK_LAG_MS = 60_000;
const PATIENCE_MS = 2_000;

/**
 * What `/readyz` asks. Anybody may, so what it says is a sentence of ours: a driver's message would tell strangers the
 * database's address. That goes to the log.
 */
export function readinessChecks({ opened, database, dataDir, logger }: ReadinessParts): Health {
  const { publisher, admission } = opened;
  const asked =
    (complaint: string, ask: () => Promise<string | undefined>): (() => Promise<string | undefined>) =>
    () =>
      inTime(ask()).catch((err: unknown) => {
        logger.debug({ err }, 'a check of /readyz failed');
        return complaint;
      });
  return {
    database: asked('it does not answer', async () => {
      const { rows } = await sql<{ standby: boolean }>`SELECT pg_is_in_recovery() AS standby`.execute(database.kysely);
      return rows[0]?.standby === true ? 'it is a standby and cannot be written' : undefined;
    }),
    migrations: asked('the database does not answer', async () => {
      const missing = await missingMigrations(database);
      return missing.length === 0 ? undefined : `the schema lacks ${missing.join(', ')}: restart the server`;
    }),
    signing: async () => publisher.stopReason,
    clock: async () => {
      const behind = (publisher.current?.head.timestamp ?? 0) - Date.now();
      return behind > MOST_CLOCK_LAG_MS
        ? `the clock is ${Math.round(behind / 1000)} s behind the newest entry`
        : undefined;
    },
    admission: async () => {
      const { threads } = admission.depth;
      return threads === 0 ? 'no thread that examines records is alive' : undefined;
    },
    disk: asked('the data directory cannot be read', async () => {
      const { free } = await readDiskSpace(dataDir);
      return free < LEAST_FREE_BYTES ? `${Math.floor(free / 2 ** 20)} MB are free for the data directory` : undefined;
    }),
  };
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

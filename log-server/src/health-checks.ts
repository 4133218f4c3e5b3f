import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from './database/connect.ts';
import { missingMigrations } from './database/migrate.ts';
import type { Health } from './http/health.ts';
import { readDiskSpace } from './metrics/periodic-facts.ts';
import type { PoolName } from './metrics/sources.ts';
import type { OpenLog } from './open-parts.ts';
import { within } from './within.ts';

export type ReadinessParts = {
  readonly opened: OpenLog;
  readonly databases: Readonly<Record<PoolName, Database>>;
  readonly dataDir: string;
  readonly logger: Logger;
};

/** With less, the next write of the fork guard or of an embedded database may fail. */
const LEAST_FREE_BYTES = 32 * 2 ** 20;
const MOST_CLOCK_LAG_MS = 60_000;
/** Of the damaged entries, by index. */
const SHOWN_DAMAGED = 10;
const PATIENCE_MS = 2_000;

/**
 * What `/readyz` asks. Anybody may, so what it says is a sentence of ours: a driver's message would tell strangers the
 * database's address. That goes to the log.
 */
export function readinessChecks({ opened, databases, dataDir, logger }: ReadinessParts): Health {
  const { publisher, admission, witnessing, disk, scrubber } = opened;
  const asked =
    (complaint: string, ask: () => Promise<string | undefined>): (() => Promise<string | undefined>) =>
    () =>
      within(PATIENCE_MS, ask(), () => new Error('no answer in time')).catch((err: unknown) => {
        logger.debug({ err }, 'a check of /readyz failed');
        return complaint;
      });
  return {
    database: asked('it does not answer', async () => {
      const asked = Object.values(databases).map(({ kysely }) =>
        sql<{ standby: boolean }>`SELECT pg_is_in_recovery() AS standby`.execute(kysely),
      );
      const standby = (await Promise.all(asked)).some(({ rows }) => rows[0]?.standby === true);
      return standby ? 'it is a standby and cannot be written' : undefined;
    }),
    migrations: asked('the database does not answer', async () => {
      const missing = await missingMigrations(databases.read);
      return missing.length === 0 ? undefined : `the schema lacks ${missing.join(', ')}: restart the server`;
    }),
    signing: async () => publisher.stopReason,
    clock: async () => {
      const behind = (publisher.current?.head.timestamp ?? 0) - Date.now();
      return behind > MOST_CLOCK_LAG_MS
        ? `the clock is ${Math.round(behind / 1000)} s behind the newest entry`
        : witnessing.clockProblem();
    },
    admission: async () => {
      const { threads } = admission.depth;
      return threads === 0 ? 'no thread that examines records is alive' : undefined;
    },
    disk: asked('the data directory cannot be read', async () => {
      const { free } = await readDiskSpace(dataDir);
      return free < (disk?.bytes ?? LEAST_FREE_BYTES)
        ? `${Math.floor(free / 2 ** 20)} MB are free for the data directory`
        : undefined;
    }),
    storage: async () => {
      const damaged = scrubber?.state.damaged ?? [];
      if (damaged.length === 0) return undefined;
      const shown = damaged.slice(0, SHOWN_DAMAGED).join(', ') + (damaged.length > SHOWN_DAMAGED ? ', …' : '');
      // The others can be appended and read as before, and every server of the log reads the same database.
      return { warning: `stored entries are damaged: ${shown}` };
    },
  };
}

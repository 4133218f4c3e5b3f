import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/load-config.ts';
import { makeDataFolder } from '../data-folder.ts';
import { type Database, openDatabase } from '../database/connect.ts';
import { DatabaseRefused } from '../database/connection-check.ts';
import { clusterFolder } from '../database/embedded/cluster.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { migrate, refuseOtherSchema } from '../database/migrate.ts';
import type { Logger } from '../logger.ts';

export type ConfiguredDatabase = {
  readonly database: Database;
  /** Calls back when the embedded database will not come back, with the reason. */
  onFailure(listener: (reason: string) => void): void;
  /** Closes the connections, then stops the embedded server if this process was its last user. */
  close(): Promise<void>;
};

export type OpenOptions = {
  /** Make an embedded database where there is none: a log may begin here. For the server alone, as elsewhere a mistyped folder would pass for an empty log. */
  readonly mayMake?: boolean;
  /** Leave its schema alone: for commands that look and change nothing. */
  readonly asItIs?: boolean;
  /** As `pg_stat_activity` shows it. */
  readonly applicationName?: string;
};

/** Opens the database that the configuration names, the embedded one without any, and brings its schema up to date. */
export async function openConfiguredDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'> & {
    readonly databaseConnections?: number;
    readonly diskReserve?: number;
  },
  logger: Logger,
  { mayMake = false, asItIs = false, applicationName }: OpenOptions = {},
): Promise<ConfiguredDatabase> {
  if (
    !mayMake &&
    config.databaseUrl === undefined &&
    !existsSync(path.join(clusterFolder(config.dataDir), 'PG_VERSION'))
  ) {
    throw new DatabaseRefused(
      `There is no embedded database in ${config.dataDir}: name the data directory (--data-dir), or the database (DATABASE_URL).`,
    );
  }
  makeDataFolder(config.dataDir);
  const embedded: EmbeddedPostgres | undefined =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({
          dataDir: config.dataDir,
          logger,
          ...(config.diskReserve !== undefined && { ballastBytes: Math.floor(config.diskReserve / 4) }),
        })
      : undefined;
  try {
    const database = await openDatabase(
      { ...(embedded?.poolConfig ?? { connectionString: config.databaseUrl }), max: config.databaseConnections ?? 2 },
      {
        onIdleError: (err) => logger.warn({ err }, 'a database connection broke'),
        ...(applicationName !== undefined && { applicationName }),
      },
    ).catch(explainUnreachable);
    const close = async (): Promise<void> => {
      await database.close();
      await embedded?.stop();
    };
    try {
      const made = asItIs ? await refuseOtherSchema(database) : await migrate(database);
      if (made.length > 0) logger.info({ steps: made }, 'the database schema was brought up to date');
      return { database, onFailure: (listener) => embedded?.onFailure(listener), close };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

function explainUnreachable(error: unknown): never {
  if (error instanceof DatabaseRefused || !(error instanceof Error)) throw error;
  // Node reports a refused connection as an AggregateError without a message.
  const why = error.message || ('code' in error ? String(error.code) : error.name);
  throw new DatabaseRefused(`The database cannot be used: ${why}. Check DATABASE_URL and that PostgreSQL runs.`, {
    cause: error,
  });
}

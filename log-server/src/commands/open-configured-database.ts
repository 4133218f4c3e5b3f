import type { Config } from '../config/load-config.ts';
import { makeDataFolder } from '../data-folder.ts';
import { type Database, openDatabase } from '../database/connect.ts';
import { DatabaseRefused } from '../database/connection-check.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { migrate } from '../database/migrate.ts';
import type { Logger } from '../logger.ts';

export type ConfiguredDatabase = {
  readonly database: Database;
  /** Closes the connections, then stops the embedded server if this process was its last user. */
  close(): Promise<void>;
};

/** Opens the database that the configuration names, the embedded one without any, and brings its schema up to date. */
export async function openConfiguredDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir' | 'databaseConnections'>,
  logger: Logger,
): Promise<ConfiguredDatabase> {
  makeDataFolder(config.dataDir);
  const embedded: EmbeddedPostgres | undefined =
    config.databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir: config.dataDir, logger }) : undefined;
  try {
    const database = await openDatabase(
      { ...(embedded?.poolConfig ?? { connectionString: config.databaseUrl }), max: config.databaseConnections },
      { onIdleError: (err) => logger.warn({ err }, 'a database connection broke') },
    ).catch(explainUnreachable);
    const close = async (): Promise<void> => {
      await database.close();
      await embedded?.stop();
    };
    try {
      const made = await migrate(database);
      if (made.length > 0) logger.info({ steps: made }, 'the database schema was brought up to date');
      return { database, close };
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

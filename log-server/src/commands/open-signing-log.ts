import { type Config, type Flags, loadConfig } from '../config/load-config.ts';
import type { Database } from '../database/connect.ts';
import { type LogKey, loadLogKey } from '../log-key.ts';
import { createCommandLogger } from '../logger.ts';
import { type OpenLog, openParts } from '../open-parts.ts';
import { type LogRow, readLogRow } from '../store/log-row.ts';
import { configuredWitnesses } from '../witness/open-witnessing.ts';
import { CommandFailed } from './keys.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';

export type SigningLog = OpenLog & {
  readonly config: Config;
  readonly database: Database;
  readonly origin: string;
  /** The keys that this process holds, from the files of `ASSENT_LOG_KEY_FILE` and `ASSENT_NEXT_LOG_KEY_FILE`. */
  readonly key: LogKey;
  readonly nextKey: LogKey | undefined;
};

/** Runs `action` on the configured database and the log in it. @throws {CommandFailed} where no log was ever started */
export async function withLogRow<T>(
  flags: Flags,
  action: (database: Database, row: LogRow, config: Config) => Promise<T>,
): Promise<T> {
  const config = loadConfig(flags, process.env);
  const opened = await openConfiguredDatabase(config, createCommandLogger(config.logLevel));
  try {
    const row = await readLogRow(opened.database.kysely);
    if (row === undefined) throw new CommandFailed('No log was ever started on this database.');
    return await action(opened.database, row, config);
  } finally {
    await opened.close();
  }
}

/**
 * Runs `action` as one more process of the log that can sign, beside the servers or without them.
 *
 * @throws {CommandFailed} where the log is read-only, or its key file is not here
 */
export function withSigningLog<T>(flags: Flags, action: (log: SigningLog) => Promise<T>): Promise<T> {
  return withLogRow(flags, async (database, { origin }, config) => {
    const { dataDir, logKeyFile, nextLogKeyFile, logKeySecret: secret, production: requireEncrypted } = config;
    const logger = createCommandLogger(config.logLevel);
    const key = await loadLogKey(logKeyFile, { secret, requireEncrypted });
    if (key === undefined) throw new CommandFailed(`There is no log key ${logKeyFile}.`);
    const nextKey = await loadLogKey(nextLogKeyFile, { secret, requireEncrypted });
    const opened = await openParts({
      database,
      signer: key,
      nextSigner: nextKey,
      origin,
      dataDir,
      logger,
      witnesses: configuredWitnesses(config),
    });
    try {
      if (opened.log.stopReason !== undefined) {
        throw new CommandFailed(`The log is read-only: ${opened.log.stopReason}`);
      }
      return await action({ ...opened, config, database, origin, key, nextKey });
    } finally {
      await opened.close();
    }
  });
}

import { ApiKeys } from '../api-keys.ts';
import type { Config } from '../config/load-config.ts';
import { type Database, openDatabase } from '../database/connect.ts';
import { adviseOn, readServerSettings } from '../database/database-advice.ts';
import { ensureFirstApiKey } from '../first-api-key.ts';
import { loadLogKey, loadOrCreateLogKey } from '../log-key.ts';
import { createLogger, type Logger } from '../logger.ts';
import { startServer } from '../server.ts';
import { readLogRow } from '../store/log-row.ts';
import type { FellowServers } from './fellow-servers.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';
import { stopSignals } from './stop-signals.ts';

/** For how long a reader waits for a connection that others use. */
const READ_ACQUIRE_MS = 2_000;

/** Serves the log in this process until it is told to stop, then ends orderly. */
export async function serveLog(loaded: Config, fellows?: FellowServers): Promise<void> {
  const logger = createLogger(loaded.logLevel);
  const signals = stopSignals();
  const number = fellows?.number ?? 1;
  const opened = await openConfiguredDatabase({ ...loaded, databaseConnections: loaded.appendConnections }, logger, {
    mayMake: true,
    applicationName: 'assent-log append',
  });
  let reads: Database | undefined;
  try {
    const config = withOwnMetrics(await withKnownOrigin(loaded, opened.database), number);
    if (config.databaseUrl !== undefined) {
      for (const advice of adviseOn(await readServerSettings(opened.database.kysely))) logger.warn(advice);
    }
    reads = await openReads(config, opened.database, logger);
    const keyOptions = { secret: config.logKeySecret, requireEncrypted: config.production };
    const signer = await loadOrCreateLogKey(config.logKeyFile, keyOptions);
    const nextSigner = await loadLogKey(config.nextLogKeyFile, keyOptions);
    if (!signer.encrypted && number === 1) {
      say(
        `warning: the log key ${signer.file} ${signer.created ? 'was made' : 'is kept'} without a passphrase; "assent-log log-key encrypt" protects it`,
      );
    }
    const firstKey = await ensureFirstApiKey(opened.database, {
      dataDir: config.dataDir,
      given: config.bootstrapApiKey,
      services: config.bootstrapServices,
    });
    // Before anything else can fail: it is said at the start that made it, and never again.
    if (firstKey?.file !== undefined) {
      say(`  API key   ${firstKey.text}\n            (shown once; kept in ${firstKey.file})`);
    }
    const { defaultVisibility = 'open' } = config;
    const apiKeys = new ApiKeys(opened.database, { defaultVisibility });
    const readerKeys = new ApiKeys(reads, { defaultVisibility });
    const server = await startServer({
      config,
      database: opened.database,
      reads,
      signer,
      nextSigner,
      apiKeys,
      readerKeys,
      logger,
      onStop: (reason) => fellows?.tellReadOnly(reason),
      abandoned: fellows?.abandoned,
    });
    opened.onFailure((reason) => server.stop(reason));
    void fellows?.readOnly.then((reason) => server.stop(reason));
    try {
      if (number === 1) {
        announce(config, server.url);
        if (server.stopReason !== undefined) say(`warning: the log is read-only: ${server.stopReason}`);
      }
      const asked = fellows === undefined ? signals.stopped : Promise.race([signals.stopped, fellows.stopped]);
      logger.info({ signal: await asked }, 'stopping');
    } finally {
      await server.close();
    }
  } finally {
    await reads?.close();
    await opened.close();
    signals.dispose();
  }
}

/** A log that was begun on another port, without a name of its own, goes on under the name that it has. */
async function withKnownOrigin(config: Config, { kysely }: Database): Promise<Config> {
  if (config.originChosen) return config;
  const row = await readLogRow(kysely);
  return row === undefined ? config : { ...config, origin: row.origin };
}

/** Each server counts for itself, so each has a port for its metrics, one after the other. */
function withOwnMetrics(config: Config, number: number): Config {
  const { metricsPort } = config;
  return metricsPort ? { ...config, metricsPort: metricsPort + number - 1 } : config;
}

/** Connections of their own for those who read, none of whom may hold one for long. */
function openReads(config: Config, { poolConfig }: Database, logger: Logger): Promise<Database> {
  const timeoutMs = config.readTimeout * 1000;
  return openDatabase(
    { ...poolConfig, max: config.readConnections },
    {
      applicationName: 'assent-log read',
      acquireTimeoutMs: READ_ACQUIRE_MS,
      statementTimeoutMs: timeoutMs,
      lockTimeoutMs: timeoutMs,
      onIdleError: (err) => logger.warn({ err }, 'a database connection broke'),
    },
  );
}

function announce(config: Config, url: string): void {
  say(`Assent log ${config.origin}`);
  say(`  log       ${new URL('/', url)}`);
  say(`  verify    ${new URL('/verify', url)}`);
  if (config.demo) say(`  demo      ${new URL('/demo', url)}`);
}

/** For the person at the terminal; stdout is the JSON log's. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

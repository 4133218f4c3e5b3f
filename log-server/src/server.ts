import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { threadsFor } from './admission/worker-admission.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Config } from './config/load-config.ts';
import type { Database } from './database/connect.ts';
import { createApp } from './http/app.ts';
import { appendAtOnce } from './http/append-at-once.ts';
import { fullTiles } from './http/full-tiles.ts';
import { LastAnswers } from './http/last-answers.ts';
import { countGuesses } from './http/limit-addresses.ts';
import { Observer } from './http/observe.ts';
import { pages } from './http/pages.ts';
import { readAtOnce } from './http/read-at-once.ts';
import { refuseUnreadable, requestListener } from './http/unreadable.ts';
import type { Signer } from './log-key.ts';
import { openParts } from './open-parts.ts';
import { startOperations } from './operations.ts';
import { configuredWitnesses } from './witness/open-witnessing.ts';

export type ServerParts = {
  readonly config: Config;
  readonly database: Database;
  /** For those who read; see {@link openParts}. */
  readonly reads: Database;
  readonly signer: Signer;
  readonly nextSigner?: Signer | undefined;
  readonly apiKeys: ApiKeys;
  readonly readerKeys: ApiKeys;
  readonly logger: Logger;
  /** Called once, with the reason, when nothing is signed any more. */
  readonly onStop?: (reason: string) => void;
  /** Resolves when whoever shares the port among several processes is gone: Node then never says that this one listens. */
  readonly abandoned?: Promise<unknown> | undefined;
};

export type RunningServer = {
  /** As a person opens it: with `localhost`, because passkeys refuse bare addresses. */
  readonly url: string;
  /** Why the log came up read-only, or undefined. */
  readonly stopReason: string | undefined;
  /** Makes the log read-only, for a reason that everybody is told. */
  stop(reason: string): void;
  /** Takes no new request, answers those that are under way, and resolves when the log is at rest. */
  close(): Promise<void>;
};

/** How long a connection may be without a byte in either direction, in ms; event streams say something every 15 s. */
const STALLED_MS = 75_000;
/** How long a request may take to arrive, and how long one that is under way may hold up a shutdown, in ms. */
const REQUEST_TIMEOUT_MS = 30_000;
const SHUTDOWN_MS = 15_000;

/** Opens the log and serves it. The database must be migrated. Rejects as {@link openParts} does, or when the port can't be had. */
export async function startServer({
  config,
  database,
  reads,
  signer,
  nextSigner,
  apiKeys,
  readerKeys,
  logger,
  onStop,
  abandoned,
}: ServerParts): Promise<RunningServer> {
  const { origin, dataDir, defaultVisibility = 'open', payloads, diskReserve, scrubRate } = config;
  const witnesses = configuredWitnesses(config);
  const opened = await openParts({
    database,
    reads,
    signer,
    nextSigner,
    origin,
    dataDir,
    defaultVisibility,
    payloads,
    logger,
    witnesses,
    // Several processes divide the cores.
    admissionThreads: threadsFor(Math.ceil(availableParallelism() / config.processes)),
    diskReserve,
    ...(onStop !== undefined && { onStop }),
    ...(scrubRate > 0 && { scrub: { rate: scrubRate } }),
  });
  const { log, metrics } = opened;
  const operations = await startOperations(config, opened, { append: database, read: reads }, logger).catch(
    async (error: unknown) => {
      await opened.close();
      throw error;
    },
  );
  const observer = new Observer(metrics, logger);
  const guessers = countGuesses();
  const app = createApp({
    log,
    apiKeys,
    readerKeys,
    logger,
    metrics,
    observer,
    guessers,
    limits: config.limits,
    // Of several processes, each time another one would tell of itself.
    localMetrics: config.metricsPort === undefined && !config.production && config.processes === 1,
    health: operations.health,
    pages: pages({ log, logger, demo: config.demo }),
  });
  const answer = requestListener(app.fetch, config.host, { metrics, logger });
  const atOnce = [appendAtOnce({ log, apiKeys, observer, logger, guessers, limits: config.limits })];
  // Reads that are limited have to go through the middleware that does it.
  if (config.limits.reads === undefined) {
    atOnce.unshift(fullTiles(log.tree, observer), readAtOnce({ log, observer, logger }));
  }
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: 10_000,
      keepAliveTimeout: 65_000,
      requireHostHeader: false,
    },
    (request, response) => {
      answers.begin(request, response);
      if (!atOnce.some((take) => take(request, response))) void answer(request, response);
      answers.leave(request, response);
    },
  );
  const answers = new LastAnswers(server);
  // Who asks and does not read the answer would have it kept in memory for as long as he likes.
  server.setTimeout(STALLED_MS);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.port, config.host, resolve);
    void abandoned?.then(() => reject(new Error('What started this server ended before it could listen.')));
  }).catch(async (error: unknown) => {
    await operations.close();
    await opened.close();
    throw error;
  });
  refuseUnreadable(server, (socket) => answers.isAnswering(socket), metrics);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host;

  const close = async (): Promise<void> => {
    const drained = new Promise<void>((resolve) => server.close(() => resolve()));
    // Each answer now ends its connection; clients that keep theirs busy would hold up the shutdown, and be cut off.
    answers.endConnections();
    // Streams would go on for ever.
    log.events.close();
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS);
    await drained;
    clearTimeout(timer);
    await operations.close();
    await opened.close();
  };
  return {
    url: `http://${host}:${port}`,
    stopReason: log.stopReason,
    stop: (reason) => opened.publisher.stop(reason),
    close,
  };
}

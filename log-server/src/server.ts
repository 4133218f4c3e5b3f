import { createServer, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { ApiKeys } from './api-keys.ts';
import type { Config } from './config/load-config.ts';
import type { Database } from './database/connect.ts';
import { createApp } from './http/app.ts';
import { appendAtOnce } from './http/append-at-once.ts';
import { fullTiles } from './http/full-tiles.ts';
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

/** Opens the log and serves it. The database must be migrated. Rejects as {@link openParts} does, or when the port is taken. */
export async function startServer({
  config,
  database,
  reads,
  signer,
  nextSigner,
  apiKeys,
  readerKeys,
  logger,
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
    worker: true,
    diskReserve,
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
    localMetrics: config.metricsPort === undefined && !config.production,
    health: operations.health,
    pages: pages({ log, logger, demo: config.demo }),
  });
  const answer = requestListener(app.fetch, config.host, { metrics, logger });
  // Reads that are limited have to go through the middleware that does it.
  const limitsReads = config.limits.reads !== undefined;
  const takesTile = limitsReads ? () => false : fullTiles(log.tree, observer);
  const takesAppend = appendAtOnce({ log, apiKeys, observer, logger, guessers, limits: config.limits });
  const takesRead = limitsReads ? () => false : readAtOnce({ log, observer, logger });
  const underWay = new Set<ServerResponse>();
  let closing = false;
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: 10_000,
      keepAliveTimeout: 65_000,
      requireHostHeader: false,
    },
    (request, response) => {
      if (closing) response.shouldKeepAlive = false;
      // With what is answered when this returns, nobody has to wait.
      if (takesTile(request, response)) return;
      underWay.add(response);
      response.once('close', () => underWay.delete(response));
      if (!takesAppend(request, response) && !takesRead(request, response)) void answer(request, response);
    },
  );
  // Who asks and does not read the answer would have it kept in memory for as long as he likes.
  server.setTimeout(STALLED_MS);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.port, config.host, resolve);
  }).catch(async (error: unknown) => {
    await operations.close();
    await opened.close();
    throw error;
  });
  const isAnswering = (socket: Duplex): boolean => {
    for (const response of underWay) if (response.socket === socket && response.headersSent) return true;
    return false;
  };
  refuseUnreadable(server, isAnswering, metrics);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host;

  const close = async (): Promise<void> => {
    const drained = new Promise<void>((resolve) => server.close(() => resolve()));
    // Each answer now ends its connection; clients that keep theirs busy would hold up the shutdown, and be cut off.
    closing = true;
    // Streams would go on for ever.
    log.events.close();
    for (const response of underWay) response.shouldKeepAlive = false;
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

import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { makeDataFolder } from '../data-folder.ts';
import { Ballast } from './embedded/ballast.ts';
import {
  bootId,
  clusterFolder,
  failedSync,
  lastLogLines,
  logFileOf,
  prepareCluster,
  SUPERUSER,
  spawnPostgres,
} from './embedded/cluster.ts';
import { EmbeddedPostgresFailure } from './embedded/failure.ts';
import { findPostmaster, isPostmaster, type Postmaster, signalPostmaster } from './embedded/postmaster.ts';
import { announceLeaving, DATABASE, hasOtherClients, makePresence } from './embedded/presence.ts';
import { productionSettings, type ServerSettings } from './embedded/settings.ts';
import { SOCKET_PORT } from './embedded/socket-directory.ts';
import { withStartLock } from './embedded/start-lock.ts';

export { EmbeddedPostgresFailure } from './embedded/failure.ts';
export { smallSettings } from './embedded/settings.ts';

export interface EmbeddedPostgres {
  /** For programs; the socket's folder stands in its query. */
  readonly url: string;
  readonly poolConfig: pg.PoolConfig;
  /** Whether the server was running already, after a log server that was killed or beside another one. */
  readonly adopted: boolean;
  /** Process id of the PostgreSQL server (it changes if the server has to be started again). */
  pid(): number;
  /** Calls back when PostgreSQL will not be started again, with the reason, in words for everybody; at once if that is so. */
  onFailure(listener: (reason: string) => void): void;
  /** Stops PostgreSQL, and waits until it is gone, unless somebody else is connected to it. */
  stop(): Promise<void>;
}

export type EmbeddedPostgresOptions = {
  readonly dataDir: string;
  readonly logger?: EmbeddedPostgresLogger;
  readonly settings?: ServerSettings;
  /** Bytes of a file that is given up when the disk is full: see {@link Ballast}. Absent: there is none. */
  readonly ballastBytes?: number;
  /** How often to see whether the ballast is there, in ms. The first time is after as long. */
  readonly ballastIntervalMs?: number;
  /** The `native` folder of another copy of the programs. */
  readonly native?: string;
};

export interface EmbeddedPostgresLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const STOP_MS = 60_000;
const LONGEST_BACKOFF_MS = 10_000;
const BALLAST_INTERVAL_MS = 10_000;

/**
 * The real PostgreSQL as a child process, in a data directory, on a unix socket. It outlives us if we are killed; the
 * next start adopts it, and so does a second server on the same directory.
 *
 * One connection, the presence, is held all the time. Others count it before they stop the server, and we learn from its
 * end that PostgreSQL died, whoever's child it is; then it is started again, unless it died of a sync that failed.
 *
 * @throws {EmbeddedPostgresFailure}
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = makeDataFolder(options.dataDir);
  const logger = options.logger ?? SILENT;
  const ballast = options.ballastBytes === undefined ? undefined : new Ballast(dataDir, options.ballastBytes);
  const bring = (): Promise<Running> => {
    if (ballast?.releaseIfFull())
      logger.error({}, 'the disk is full: the ballast was removed so that the database can start');
    return bringUp(dataDir, options);
  };
  let running = await bring();
  let stopping = false;
  let tending: Promise<void> | undefined;
  const tend = (): void => {
    tending ??= ballast
      ?.ensure()
      .catch((error: unknown) => logger.warn({ err: error }, 'the ballast could not be made'))
      .finally(() => {
        tending = undefined;
      });
  };
  const tender = ballast && setInterval(tend, options.ballastIntervalMs ?? BALLAST_INTERVAL_MS).unref();
  let recovery: Promise<void> = Promise.resolve();
  let failure: string | undefined;
  const listeners: ((reason: string) => void)[] = [];

  const watch = ({ presence }: Running): void => {
    presence.once('end', () => {
      if (!stopping) recovery = recover();
    });
  };
  const recover = async (): Promise<void> => {
    logger.error(
      { pid: running.postmaster.pid },
      'the connection to the database server broke; making sure that it runs',
    );
    for (let wait = 100; !stopping; wait = Math.min(2 * wait, LONGEST_BACKOFF_MS)) {
      let unsynced: ReturnType<typeof failedSync>;
      try {
        unsynced = failedSync(logFileOf(dataDir));
      } catch (error) {
        // Nobody knows then why it died: it is not started before that can be read.
        logger.error({ err: error, retryInMs: wait }, "the database server's log cannot be read");
        await delay(wait);
        continue;
      }
      if (unsynced !== undefined) {
        logger.error({ said: unsynced.said }, 'the disk failed under the database server: it is not started again');
        failure = DISK_FAILED;
        for (const listener of listeners) listener(failure);
        return;
      }
      try {
        running = await bring();
        watch(running);
        logger.warn({ pid: running.postmaster.pid, adopted: running.adopted }, 'the database server is back');
        return;
      } catch (error) {
        logger.error({ err: error, retryInMs: wait }, 'the database server does not start');
        await delay(wait);
      }
    }
  };
  watch(running);

  const target = { host: running.postmaster.socketDir, port: running.postmaster.port };
  return {
    url: `postgresql://${SUPERUSER}@localhost:${target.port}/${DATABASE}?host=${encodeURIComponent(target.host)}`,
    poolConfig: { ...target, user: SUPERUSER, database: DATABASE },
    adopted: running.adopted,
    pid: () => running.postmaster.pid,
    onFailure: (listener) => {
      if (failure === undefined) listeners.push(listener);
      else listener(failure);
    },
    stop: async () => {
      if (stopping) return;
      stopping = true;
      clearInterval(tender);
      await tending;
      await recovery;
      await announceLeaving(running.presence);
      await withStartLock(dataDir, () => stopIfAlone(running, dataDir, logger));
    },
  };
}

const DISK_FAILED =
  "The database's disk failed to take what was written. What it holds is not known, so nothing is appended or signed. Replace the disk, or restart the machine so that its memory forgets what never reached the disk; then start the server.";

type Running = {
  readonly postmaster: Postmaster;
  readonly presence: pg.Client;
  readonly adopted: boolean;
};

function bringUp(dataDir: string, options: EmbeddedPostgresOptions): Promise<Running> {
  return withStartLock(dataDir, async () => {
    const existing = await findListening(clusterFolder(dataDir));
    if (existing !== undefined) {
      const alive = () => isPostmaster(existing.pid, clusterFolder(dataDir));
      const presence = await makePresence(existing, alive);
      if (presence !== undefined) return { postmaster: existing, presence, adopted: true };
    }
    refuseAfterFailedSync(logFileOf(dataDir));
    const cluster = prepareCluster(dataDir, options.native);
    const child = spawnPostgres(cluster, options.settings ?? productionSettings());
    let failure: string | undefined;
    child.once('error', (error) => {
      failure = error.message;
    });
    child.once('exit', (code, signal) => {
      failure = `it ended with ${signal ?? code}`;
    });
    const postmaster = { pid: child.pid ?? 0, socketDir: cluster.socketDir, port: SOCKET_PORT };
    const presence = await makePresence(postmaster, () => failure === undefined);
    if (presence === undefined) {
      throw new EmbeddedPostgresFailure(
        `PostgreSQL did not start (${failure}); ${cluster.logFile} ends with:\n${lastLogLines(cluster)}`,
      );
    }
    return { postmaster, presence, adopted: false };
  });
}

/** Whoever saw it die may be gone: a server that was restarted would have its database recover from what is on no disk. */
function refuseAfterFailedSync(logFile: string): void {
  const unsynced = failedSync(logFile);
  if (unsynced?.boot === undefined || unsynced.boot !== bootId()) return;
  throw new EmbeddedPostgresFailure(
    `PostgreSQL ended because the disk did not take what it had written (${unsynced.said}), and this machine was not restarted since: its memory may show what is on no disk. Restart the machine, or replace the disk; then start the server. Where another disk holds the data by now, and the machine need not be restarted, delete ${logFile} first.`,
  );
}

/** A server whose starter was killed at once may not have written yet where it listens. */
async function findListening(clusterDir: string): Promise<Postmaster | undefined> {
  for (;;) {
    const postmaster = findPostmaster(clusterDir);
    if (postmaster === undefined || postmaster.socketDir !== '') return postmaster;
    await delay(20);
  }
}

async function stopIfAlone(
  { postmaster, presence }: Running,
  dataDir: string,
  logger: EmbeddedPostgresLogger,
): Promise<void> {
  const { pid } = postmaster;
  const alive = () => isPostmaster(pid, clusterFolder(dataDir));
  if (!alive()) return;
  if (await hasOtherClients(presence)) {
    logger.info({ pid }, 'the database server stays up: others are connected to it');
    await presence.end();
    return;
  }
  // Fast mode: open transactions are rolled back, what was committed is checkpointed.
  signalPostmaster(pid, 'SIGINT');
  for (const deadline = Date.now() + STOP_MS; alive(); await delay(10)) {
    if (Date.now() > deadline) {
      logger.warn({ pid }, 'the database server is still writing; it will stop by itself');
      return;
    }
  }
}

const SILENT: EmbeddedPostgresLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };

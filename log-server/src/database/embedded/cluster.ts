import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { type Binaries, findNativeFolder, prepareBinaries } from './binaries.ts';
import { EmbeddedPostgresFailure, hasCode } from './failure.ts';
import { type Launch, prepareLaunch } from './launch.ts';
import { chooseOwner, type ProcessOwner } from './process-owner.ts';
import type { ServerSettings } from './settings.ts';
import { prepareSocketDirectory, SOCKET_PORT } from './socket-directory.ts';

/** The database's superuser; only who can enter the socket's folder can be it. */
export const SUPERUSER = 'assent';
const UNFINISHED = '.unfinished-';
const MAX_LOG_BYTES = 4 * 2 ** 20;

/** A PostgreSQL cluster inside a data directory, and what is needed to start it. */
export type Cluster = {
  readonly dataDir: string;
  readonly dir: string;
  readonly socketDir: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly launch: Launch;
};

export function clusterFolder(dataDir: string): string {
  return path.join(dataDir, 'postgres');
}

/**
 * Makes the cluster if there is none, and everything that a start needs. Call it under the start lock.
 * @throws {EmbeddedPostgresFailure}
 */
export function prepareCluster(dataDir: string, native = findNativeFolder()): Cluster {
  const dir = clusterFolder(dataDir);
  const owner = chooseOwner(dir);
  const binaries = prepareBinaries(dataDir, owner, native);
  const launch = prepareLaunch(owner, [dataDir, binaries.postgres], binaries.libraryPath);
  if (!existsSync(dir)) makeCluster(dir, binaries, launch, owner);
  const logFile = logFileOf(dataDir);
  return { dataDir, dir, socketDir: prepareSocketDirectory(dataDir, owner), logFile, binaries, launch };
}

/**
 * initdb works in a folder of another name: one that was killed half-way must never pass for a cluster. The name is new
 * each time, because an initdb that outlived its starter may still be writing to the last one.
 */
function makeCluster(dir: string, binaries: Binaries, launch: Launch, owner: ProcessOwner | undefined): void {
  removeUnfinished(dir);
  const unfinished = mkdtempSync(`${dir}${UNFINISHED}`);
  if (owner !== undefined) chownSync(unfinished, owner.uid, owner.gid);
  const options = ['-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--no-locale', '--data-checksums'];
  const { file, args } = launch.command(binaries.initdb, ['-D', unfinished, ...options]);
  const { status, signal, error, stderr } = spawnSync(file, args, {
    ...launch.spawnOptions,
    cwd: '/',
    encoding: 'utf8',
  });
  if (status !== 0) {
    const why = error?.message ?? (stderr.trim() || `it ended with ${signal ?? status}`);
    rmSync(unfinished, { recursive: true, force: true });
    throw new EmbeddedPostgresFailure(`PostgreSQL could not make its folder ${unfinished}: ${why}`, { cause: error });
  }
  renameSync(unfinished, dir);
  syncFolder(path.dirname(dir));
}

function removeUnfinished(dir: string): void {
  const parent = path.dirname(dir);
  for (const name of readdirSync(parent).filter((each) => each.startsWith(path.basename(dir) + UNFINISHED))) {
    try {
      rmSync(path.join(parent, name), { recursive: true, force: true });
    } catch (error) {
      // Somebody is still writing there; the next start removes it.
      if (!hasCode(error, 'ENOTEMPTY')) throw error;
    }
  }
}

/**
 * Starts the server in a session of its own: Ctrl-C in a terminal goes to the whole foreground process group, and the
 * log's own orderly shutdown is to decide when its database stops.
 */
export function spawnPostgres(cluster: Cluster, settings: ServerSettings): ChildProcess {
  const { file, args } = cluster.launch.command(cluster.binaries.postgres, [
    ...['-D', cluster.dir, '-k', cluster.socketDir, '-p', String(SOCKET_PORT)],
    ...Object.entries({ ...settings, listen_addresses: '' }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const tooLong = logSize(cluster.logFile) > MAX_LOG_BYTES;
  const log = openSync(cluster.logFile, tooLong ? 'w' : 'a', 0o600);
  try {
    writeSync(log, `${STARTED}${bootId() ?? 'unknown'}\n`);
    const child = spawn(file, args, {
      ...cluster.launch.spawnOptions,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

export function logFileOf(dataDir: string): string {
  return path.join(dataDir, 'postgres.log');
}

function logSize(logFile: string): number {
  return existsSync(logFile) ? statSync(logFile).size : 0;
}

/** Where in its log file each start of PostgreSQL begins, and in which life of the machine's memory that was. */
const STARTED = 'assent-log starts PostgreSQL; boot ';
const START_LINE = new RegExp(`${STARTED}(.*)$`, 'gm');

/** Changes with each start of the machine; undefined where it has none. */
export function bootId(): string | undefined {
  const file = '/proc/sys/kernel/random/boot_id';
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** A server that panics says little after that. */
const LAST_WORDS_BYTES = 4 * 1024 * 1024;

/** PostgreSQL's words where it panics because the disk did not take what it had written (fd.c, xlog.c, sync.c of its sources). */
const FAILED_SYNC = /PANIC: +(could not (?:fsync|fdatasync|flush dirty data)[^\n]*)/;

/**
 * What PostgreSQL said when a sync failed, and the {@link bootId} of then as far as that is known; undefined if none did since it
 * was started last.
 *
 * It panics then, rightly: what the sync was to write is gone from the page cache or passes for written, and the next sync
 * succeeds. But its recovery reads the write-ahead log out of that very page cache, and would take up commits that are on no
 * disk. So it must not be started again until somebody has seen to the disk, or the machine's memory is a new one.
 */
export function failedSync(logFile: string): { readonly said: string; readonly boot: string | undefined } | undefined {
  const text = lastWords(logFile);
  const start = [...text.matchAll(START_LINE)].at(-1);
  const said = FAILED_SYNC.exec(text.slice(start?.index ?? 0))?.[1];
  return said === undefined ? undefined : { said, boot: start?.[1] };
}

function lastWords(logFile: string): string {
  const size = logSize(logFile);
  const said = Buffer.alloc(Math.min(size, LAST_WORDS_BYTES));
  if (size === 0) return '';
  const file = openSync(logFile, 'r');
  try {
    return said.toString('utf8', 0, readSync(file, said, 0, said.length, size - said.length));
  } finally {
    closeSync(file);
  }
}

/** The last lines that PostgreSQL wrote, for an error message. */
export function lastLogLines(cluster: Cluster, count = 5): string {
  if (!existsSync(cluster.logFile)) return '';
  return readFileSync(cluster.logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

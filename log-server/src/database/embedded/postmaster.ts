import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresFailure, hasCode } from './failure.ts';

/** The main process of a PostgreSQL server, as its `postmaster.pid` describes it. */
export type Postmaster = { readonly pid: number; readonly socketDir: string; readonly port: number };

/**
 * The server that runs on this cluster, whoever started it; undefined if none does.
 *
 * `postmaster.pid` outlives a server that was killed, and pids are used again (after a restart of a container usually at
 * once), so the process must look like PostgreSQL on this folder. If its number now belongs to something else, the file
 * is removed, as PostgreSQL itself would otherwise refuse to start. Call it under the start lock only.
 */
export function findPostmaster(clusterDir: string): Postmaster | undefined {
  const file = path.join(clusterDir, 'postmaster.pid');
  const lines = readIfThere(file)?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (!isPostmaster(pid, clusterDir)) {
    if (commandOf(pid) !== undefined) rmSync(file, { force: true });
    return undefined;
  }
  return { pid, port: Number(lines[3]), socketDir: lines[4] ?? '' };
}

/** Whether that process is the PostgreSQL of that cluster (a zombie is none). */
export function isPostmaster(pid: number, clusterDir: string): boolean {
  const command = commandOf(pid);
  if (command === undefined) return false;
  const folder = command[command.indexOf('-D') + 1];
  if (!path.basename(command[0] ?? '').startsWith('postgres') || !command.includes('-D') || folder === undefined) {
    return false;
  }
  if (!existsSync(folder)) return false;
  const [a, b] = [statSync(folder, { bigint: true }), statSync(clusterDir, { bigint: true })];
  return a.dev === b.dev && a.ino === b.ino;
}

/** @throws {EmbeddedPostgresFailure} if it is another user's process */
export function signalPostmaster(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if (hasCode(cause, 'ESRCH')) return;
    throw new EmbeddedPostgresFailure(`The database (process ${pid}) belongs to another user.`, { cause });
  }
}

/** The process's arguments; undefined if there is no such process. */
function commandOf(pid: number): string[] | undefined {
  if (existsSync('/proc/self/cmdline')) {
    const line = readIfThere(`/proc/${pid}/cmdline`);
    return line === undefined || line === '' ? undefined : line.split('\0');
  }
  const { status, stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().split(' ') : undefined;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

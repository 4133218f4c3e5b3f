import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { waitUntil } from './wait-until.ts';

/** The embedded PostgreSQL of a data directory as a process, found without the code under test. Linux and macOS with /proc only. */
export type PostgresProcess = {
  readonly pid: number;
  /** Where its socket is, as in `DATABASE_URL`. */
  readonly url: string;
};

/** The server of the cluster in this data directory, or undefined while none runs. */
export function findPostgres(dataDir: string): PostgresProcess | undefined {
  const file = path.join(dataDir, 'postgres', 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const [pidLine, , , port, socketDir] = readFileSync(file, 'utf8').split('\n');
  const pid = Number(pidLine);
  if (!commandLine(pid).includes(path.join(dataDir, 'postgres'))) return undefined;
  return { pid, url: `postgresql://assent@localhost:${port}/assent?host=${encodeURIComponent(socketDir ?? '')}` };
}

/** The processes of that server: its backends, WAL writer and so on. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid);
}

/** Kills the server without warning, and waits until it and all that belong to it are gone. */
export async function killPostgres(dataDir: string): Promise<void> {
  const found = findPostgres(dataDir);
  if (found === undefined) return;
  const processes = [found.pid, ...childrenOf(found.pid)];
  for (const pid of processes) killIfThere(pid);
  await waitUntil('PostgreSQL is gone', () => processes.every(isGone));
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export function isGone(pid: number): boolean {
  return commandLine(pid) === '';
}

/** Empty for a process that is gone, and for a zombie. */
export function commandLine(pid: number): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\s*([0-9]+)$/m.exec(readProc(pid, 'status'))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  }
}

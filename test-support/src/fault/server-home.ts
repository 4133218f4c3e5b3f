import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { httpRequest } from './http-request.ts';
import { killPostgres } from './postgres-process.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** What the servers of one log share on one host: a data directory (key, guard, embedded database) and an API key. */
export type ServerHome = {
  readonly dataDir: string;
  readonly guardDir: string;
  readonly origin: string;
  readonly apiKey: string;
  start(environment?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  /** The log's key, learned from the first server and then fixed. */
  vkey(server: ServerProcess): Promise<string>;
  /** What the servers here have printed, the newest 4,000 characters of each. */
  logs(): string;
  /** A second home with a copy of everything, the log key included. No server may run here. */
  copy(): ServerHome;
  /** Kills whatever still runs here, and removes everything. */
  remove(): Promise<void>;
};

export type ServerHomeOptions = {
  readonly origin?: string;
  /** Absent: the embedded database. */
  readonly databaseUrl?: string;
  /** Where the home is made. Default: the system's temporary folder. */
  readonly parent?: string;
};

export function createServerHome(options: ServerHomeOptions = {}): ServerHome {
  const { origin = 'log.test/faults', databaseUrl, parent = tmpdir() } = options;
  const folder = realpathSync(mkdtempSync(path.join(parent, 'assent-fault-')));
  // PostgreSQL passes through it as another user when the tests run as root.
  chmodSync(folder, 0o755);
  const dataDir = path.join(folder, 'data');
  // As the program would make it: PostgreSQL passes through it as another user when the tests run as root.
  mkdirSync(dataDir, { mode: 0o711 });
  const apiKey = `assent_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`;
  return openHome(folder, dataDir, { origin, apiKey, ...(databaseUrl !== undefined && { databaseUrl }) });
}

function openHome(
  folder: string,
  dataDir: string,
  options: { readonly origin: string; readonly apiKey: string; readonly databaseUrl?: string },
): ServerHome {
  const servers: ServerProcess[] = [];
  let vkey: string | undefined;
  return {
    dataDir,
    guardDir: path.join(dataDir, 'guard'),
    origin: options.origin,
    apiKey: options.apiKey,
    async start(environment = {}) {
      const server = await startServerProcess({ dataDir, ...options, environment });
      servers.push(server);
      return server;
    },
    async vkey(server) {
      if (vkey !== undefined) return vkey;
      const { body } = await httpRequest({ url: `${server.url}/api/v1/log` });
      const { vkeys } = JSON.parse(body.toString('utf8'));
      vkey = String(vkeys[0]);
      return vkey;
    },
    logs: () => servers.map((server) => `--- process ${server.pid}\n${server.logs().slice(-4_000)}`).join('\n'),
    copy() {
      if (servers.some((server) => server.running())) throw new Error('a server still runs in this home');
      const other = realpathSync(mkdtempSync(path.join(tmpdir(), 'assent-fault-')));
      copyFolder(dataDir, path.join(other, 'data'));
      return openHome(other, path.join(other, 'data'), options);
    },
    async remove() {
      for (const server of servers) await server.kill9();
      await killPostgres(dataDir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With owners and modes, which PostgreSQL insists on. */
export function copyFolder(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cp -a ${from} ${to} failed: ${stderr}`);
}

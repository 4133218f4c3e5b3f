/**
 * A log on a PostgreSQL that takes connections with TLS alone: pg puts another stream in the place of its socket then, and
 * `database/binary-rows.ts` stands in between. The certificate in support/postgres-tls is its own authority, and holds until 2126.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database/connect.ts';
import { type Cluster, prepareCluster, SUPERUSER } from '../src/database/embedded/cluster.ts';
import { smallSettings, startEmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { migrate } from '../src/database/migrate.ts';
import { AuditedLog } from './support/audited-log.ts';
import { createLogHome } from './support/test-log.ts';

const CERTIFICATE = fileURLToPath(new URL('./support/postgres-tls/server.crt', import.meta.url));
const KEY = fileURLToPath(new URL('./support/postgres-tls/server.key', import.meta.url));

let dataDir: string;
let postgres: ChildProcess;
let address: string;

/** A port that was free a moment ago; whoever takes it meanwhile makes PostgreSQL end, and another is tried. */
async function somePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const found = server.address();
  server.close();
  await once(server, 'close');
  return typeof found === 'object' && found !== null ? found.port : 0;
}

/** Resolves with false if it ends instead. */
async function serves(child: ChildProcess): Promise<boolean> {
  let said = '';
  const ended = once(child, 'exit').then(() => false);
  const ready = new Promise<boolean>((resolve) => {
    child.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('ready to accept connections')) resolve(true);
    });
  });
  return Promise.race([ready, ended]);
}

async function startWithTls({ dir, binaries, launch }: Cluster): Promise<void> {
  const { uid, gid } = statSync(dir);
  for (const [from, name] of [
    [CERTIFICATE, 'server.crt'],
    [KEY, 'server.key'],
  ] as const) {
    const file = path.join(dir, name);
    copyFileSync(from, file);
    chownSync(file, uid, gid);
    chmodSync(file, 0o600);
  }
  writeFileSync(path.join(dir, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 trust\n');
  for (let attempt = 1; attempt <= 5; attempt++) {
    const port = await somePort();
    const settings = { ...smallSettings(), listen_addresses: '127.0.0.1', unix_socket_directories: '', ssl: 'on' };
    const { file, args } = launch.command(binaries.postgres, [
      ...['-D', dir, '-p', String(port)],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]);
    postgres = spawn(file, args, { ...launch.spawnOptions, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    if (!(await serves(postgres))) continue;
    address = `postgresql://${SUPERUSER}@127.0.0.1:${port}/assent`;
    return;
  }
  throw new Error('PostgreSQL did not start with TLS');
}

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'assent-tls-'));
  await (await startEmbeddedPostgres({ dataDir, settings: smallSettings() })).stop();
  await startWithTls(prepareCluster(dataDir));
});
afterAll(async () => {
  if (postgres.exitCode === null && postgres.signalCode === null) {
    postgres.kill('SIGINT');
    await once(postgres, 'exit');
  }
  rmSync(dataDir, { recursive: true });
});

const trusting = (): string => `${address}?sslmode=verify-full&sslrootcert=${encodeURIComponent(CERTIFICATE)}`;

describe('a PostgreSQL with ssl = on', () => {
  it('holds a log, whose connections are all encrypted', async () => {
    const database = await openDatabase({ connectionString: trusting() });
    await migrate(database);
    await database.close();
    const home = await createLogHome({ url: trusting(), drop: async () => undefined });
    try {
      const log = await home.open();
      const audited = new AuditedLog(home.vkey);
      await audited.append(log, 40);
      const { rows } = await log.database.pool.query(
        `SELECT ssl, count(*)::int AS connections FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE backend_type = 'client backend' GROUP BY ssl`,
      );
      expect(rows).toEqual([{ ssl: true, connections: expect.any(Number) }]);
      // Entries and hashes are read as bytes, through what stands between the stream and the driver.
      const entries = await Promise.all(Array.from({ length: 40 }, (_, index) => log.log.entry(index)));
      expect(entries).toEqual(await log.log.entries(0, 40));
      expect(await audited.audit(log)).toMatchObject({ size: 40, acknowledged: 40, recovered: 40 });
    } finally {
      await home.remove();
    }
  });

  it('is not talked to without TLS, nor by whoever does not know its certificate', async () => {
    await expect(openDatabase({ connectionString: address })).rejects.toThrow('no encryption');
    await expect(openDatabase({ connectionString: `${address}?sslmode=verify-full` })).rejects.toThrow('self-signed');
    // The name in the address is not in the certificate.
    const other = trusting().replace('127.0.0.1', 'localhost');
    await expect(openDatabase({ connectionString: other })).rejects.toThrow("does not match certificate's altnames");
  });
});

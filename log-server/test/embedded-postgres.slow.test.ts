import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isGone } from '@assent/test-support/fault/index';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database/connect.ts';
import { findNativeFolder } from '../src/database/embedded/binaries.ts';
import { announceLeaving, hasOtherClients, makePresence } from '../src/database/embedded/presence.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  smallSettings,
  startEmbeddedPostgres,
} from '../src/database/embedded-postgres.ts';

let template: string;
let folder: string;
let dataDir: string;
let started: EmbeddedPostgres[];
let children: ChildProcess[];

/** A cluster to copy: initdb takes most of a first start's time. */
beforeAll(async () => {
  template = mkdtempSync(path.join(tmpdir(), 'assent-embedded-'));
  const postgres = await startEmbeddedPostgres({ dataDir: template, settings: smallSettings() });
  await postgres.stop();
});

afterAll(() => {
  rmSync(template, { recursive: true });
});

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-embedded-'));
  chmodSync(folder, 0o755);
  dataDir = path.join(folder, 'data');
  started = [];
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const postgres of started) await postgres.stop();
  // A test that failed may have left a server without a parent.
  if (existsSync(path.join(dataDir, 'postgres', 'postmaster.pid'))) await (await start()).stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, settings: smallSettings(), ...options });
  started.push(postgres);
  return postgres;
}

/** As {@link start}, where a cluster is there already. */
function startCopy(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  mkdirSync(dataDir, { recursive: true });
  const { status } = spawnSync('cp', ['-a', path.join(template, 'postgres'), dataDir]);
  expect(status).toBe(0);
  return start(options);
}

/** Starts a process of its own on the same data directory. */
async function startElsewhere(): Promise<{ child: ChildProcess; pid: number; adopted: boolean }> {
  const script = fileURLToPath(new URL('./support/hold-postgres.ts', import.meta.url));
  const args = ['--conditions=assent-source', '--import', 'tsx', script, dataDir];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  return { child, ...JSON.parse(String(line)) };
}

async function query<T extends pg.QueryResultRow>(postgres: EmbeddedPostgres, text: string): Promise<T[]> {
  const client = new pg.Client(postgres.poolConfig);
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

async function expectDurable(postgres: EmbeddedPostgres): Promise<void> {
  const [row] = await query(
    postgres,
    `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
       current_setting('synchronous_commit') as commit, current_setting('data_checksums') as checksums,
       current_setting('listen_addresses') as tcp, current_setting('wal_compression') as compression`,
  );
  expect(row).toEqual({ fsync: 'on', pages: 'on', commit: 'on', checksums: 'on', tcp: '', compression: 'pglz' });
}

describe('startEmbeddedPostgres', () => {
  it('starts the first time, keeps its data, and stops without a trace of a process', async () => {
    const first = await start();
    expect(first.adopted).toBe(false);
    await query(first, 'create table t as select 42 as x');
    await expectDurable(first);
    for (const name of ['postgres', 'postgres-socket']) {
      expect(statSync(path.join(dataDir, name)).mode & 0o777).toBe(0o700);
    }
    expect(statSync(path.join(dataDir, 'postgres.log')).mode & 0o077).toBe(0);
    // As root too it runs as somebody else, and it sees no secret of ours.
    expect(readFileSync(`/proc/${first.pid()}/status`, 'utf8')).not.toMatch(/^Uid:\s+0\b/m);
    const variables = readFileSync(`/proc/${first.pid()}/environ`, 'utf8')
      .split('\0')
      .map((line) => line.split('=')[0]);
    expect(variables.filter((name) => !['', 'PATH', 'LC_ALL', 'TZ'].includes(name ?? ''))).toEqual([]);
    await first.stop();
    expect(isGone(first.pid())).toBe(true);

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second, 'select x from t')).toEqual([{ x: 42 }]);
  });

  it('adopts the server of a process that was killed', async () => {
    const elsewhere = await startElsewhere();
    elsewhere.child.kill('SIGKILL');
    await once(elsewhere.child, 'exit');
    expect(isGone(elsewhere.pid)).toBe(false);

    const postgres = await start();
    expect(postgres).toMatchObject({ adopted: true });
    expect(postgres.pid()).toBe(elsewhere.pid);
    await postgres.stop();
    expect(isGone(elsewhere.pid)).toBe(true);
  });

  it('starts one server when two processes start at once, and the last one to go stops it', async () => {
    const [a, b] = await Promise.all([startElsewhere(), startElsewhere()]);
    expect(a.pid).toBe(b.pid);
    expect([a.adopted, b.adopted].sort()).toEqual([false, true]);
    expect(readdirSync(dataDir).filter((name) => name.includes('unfinished'))).toEqual([]);

    a.child.stdin?.end();
    await once(a.child, 'exit');
    expect(isGone(a.pid)).toBe(false);
    b.child.stdin?.end();
    await once(b.child, 'exit');
    expect(isGone(b.pid)).toBe(true);
  });

  it('does not mistake another process for the server that a stale postmaster.pid names', async () => {
    const first = await startCopy();
    await first.stop();
    const stale = [
      process.pid,
      path.join(dataDir, 'postgres'),
      1,
      5432,
      path.join(dataDir, 'postgres-socket'),
      '',
      '',
      '',
    ];
    writeFileSync(path.join(dataDir, 'postgres', 'postmaster.pid'), stale.join('\n'));
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  it('brings the server back when it was killed, and a pool finds it again', async () => {
    const postgres = await startCopy();
    const database = await openDatabase(postgres.poolConfig);
    const before = postgres.pid();
    process.kill(before, 'SIGKILL');
    // A connection that was open may still be served for a moment, so a query alone does not tell.
    await expect.poll(() => postgres.pid(), { timeout: 30_000 }).not.toBe(before);
    const again = () => database.pool.query('select 1 as x').then(({ rows }) => rows);
    await expect.poll(again, { timeout: 30_000 }).toEqual([{ x: 1 }]);
    await database.close();
  });

  it('stops without waiting for another user of it who only waits to stop it as well', async () => {
    const postgres = await start();
    const { host, port } = postgres.poolConfig;
    const at = { pid: postgres.pid(), socketDir: String(host), port: Number(port) };
    const presences = [await makePresence(at, () => true), await makePresence(at, () => true)];
    const [leaving, other] = presences as [pg.Client, pg.Client];
    expect(await hasOtherClients(other)).toBe(true);
    await postgres.stop();
    await announceLeaving(leaving);
    expect(isGone(at.pid)).toBe(false);
    expect(await hasOtherClients(other)).toBe(false);
    await Promise.all([leaving.end(), other.end()]);
  });

  it('works under a path that is too long for a socket', async () => {
    dataDir = path.join(folder, 'a-folder-with-a-long-name'.repeat(5), 'data');
    const postgres = await startCopy();
    expect(await query(postgres, 'select 1 as x')).toEqual([{ x: 1 }]);
    const socketDir = String(postgres.poolConfig.host);
    expect(socketDir.startsWith(dataDir)).toBe(false);
    expect(statSync(socketDir).mode & 0o777).toBe(0o700);
    await postgres.stop();
    rmSync(socketDir, { recursive: true });
  });

  it('works below a folder that is closed to the user as whom it runs', async () => {
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    dataDir = path.join(closed, 'data');
    expect(await query(await start(), 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  it('works where the install script that links its libraries did not run', async () => {
    const native = copyNative();
    expect(await query(await start({ native }), 'select 1 as x')).toEqual([{ x: 1 }]);
    expect(readdirSync(path.join(dataDir, 'postgres-lib'))).toContain('libpq.so.5');
  });

  it('says what is wrong when PostgreSQL does not start', async () => {
    const failing = startCopy({ settings: { ...smallSettings(), shared_buffers: 'plenty' } });
    await expect(failing).rejects.toThrow('invalid value for parameter "shared_buffers"');
  });

  it('says what is wrong when the package is incomplete', async () => {
    await expect(start({ native: folder })).rejects.toThrow('Run npm ci again');
  });
});

/** The package's folder as npm unpacks it: without a single link. */
function copyNative(): string {
  const native = path.join(folder, 'native');
  const list: { target: string }[] = JSON.parse(
    readFileSync(path.join(findNativeFolder(), 'pg-symlinks.json'), 'utf8'),
  );
  const links = new Set(list.map(({ target }) => path.basename(target)));
  cpSync(findNativeFolder(), native, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !links.has(path.basename(source)) && !source.endsWith('.a'),
  });
  return native;
}

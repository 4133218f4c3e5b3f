import { waitUntil } from '@assent/test-support/fault/index';
import { sql } from 'kysely';
import pg, { type PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApiKeyText, parseApiKeyText } from '../src/api-key-text.ts';
import { ApiKeys } from '../src/api-keys.ts';
import { type Database, openDatabase } from '../src/database/connect.ts';
import { isOutage } from '../src/database/outage.ts';
import { type ReadinessParts, readinessChecks } from '../src/health-checks.ts';
import { createApp } from '../src/http/app.ts';
import { healthRoutes } from '../src/http/health.ts';
import { createLogger } from '../src/logger.ts';
import { PeriodicFacts } from '../src/metrics/periodic-facts.ts';
import { insertApiKey } from '../src/store/api-keys.ts';
import { approve, createTestApp, type TestApp } from './support/test-app.ts';
import { createLogHome, silent, type TestLogHome } from './support/test-log.ts';

/** Sample lines of Prometheus' text format, by name and labels as they stand there. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/**
 * What a standby does as the primary sees it: it takes WAL, and says once how far it has replayed (PostgreSQL's streaming
 * replication protocol, "Standby status update").
 */
async function startStandby(url: string): Promise<{ readonly replayed: string; end(): void }> {
  const client = new pg.Client({ connectionString: url, replication: 'true' } as pg.ClientConfig);
  await client.connect();
  const { rows } = await client.query<{ xlogpos: string }>('IDENTIFY_SYSTEM');
  const replayed = rows[0]!.xlogpos;
  const { connection } = client as unknown as {
    connection: { sendCopyFromChunk(chunk: Buffer): void; stream: { destroy(): void }; once: typeof client.once };
  };
  const begun = new Promise((resolve) => connection.once('replicationStart' as never, resolve as never));
  // It ends with its connection.
  client.on('error', () => undefined);
  client.query(`START_REPLICATION PHYSICAL ${replayed}`).catch(() => undefined);
  await begun;
  const [high = '', low = ''] = replayed.split('/');
  const lsn = (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
  const status = Buffer.alloc(34);
  status.write('r');
  for (const at of [1, 9, 17]) status.writeBigUInt64BE(lsn, at);
  connection.sendCopyFromChunk(status);
  return { replayed, end: () => connection.stream.destroy() };
}

describe('the metrics of a log', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await createTestApp();
  });
  afterAll(() => test.remove());

  const read = async () => samples(await test.metrics.text());

  it('count appends, refusals by code, batches and signatures', async () => {
    const before = await read();
    expect(before.get('assent_appends_total{outcome="created"}')).toBe(0);
    expect(before.get('assent_refusals_total{code="unauthenticated"}')).toBe(0);
    const body = { kind: 'approval', content: approve().envelope };
    expect((await test.post(body)).status).toBe(201);
    expect((await test.post({ kind: 'approval', content: approve().envelope })).status).toBe(201);
    expect((await test.post(body)).status).toBe(200);
    expect((await test.post(body, { authorization: 'Bearer nonsense' })).status).toBe(401);
    expect((await test.post('{')).status).toBe(400);
    expect((await test.app.request('/tile/9/x')).status).toBe(400);
    expect((await test.app.request('/nowhere/at-all?secret=1')).status).toBe(404);
    const after = await read();
    expect(after.get('assent_appends_total{outcome="created"}')).toBe(2);
    expect(after.get('assent_appends_total{outcome="existing"}')).toBe(1);
    expect(after.get('assent_refusals_total{code="unauthenticated"}')).toBe(1);
    expect(after.get('assent_refusals_total{code="invalid_json"}')).toBe(1);
    expect(after.get('assent_refusals_total{code="invalid_parameter"}')).toBe(1);
    expect(after.get('assent_refusals_total{code="not_found"}')).toBe(1);
    expect(after.get('assent_tree_size')).toBe(2);
    expect(after.get('assent_batch_records_sum')).toBe(2);
    expect(after.get('assent_commit_seconds_count')).toBe(2);
    expect(after.get('assent_publication_seconds_count')).toBe(before.get('assent_publication_seconds_count')! + 2);
    expect(after.get('assent_head_age_seconds')).toBeLessThan(60);
    expect(after.get('assent_unsigned_head_age_seconds')).toBe(0);
    expect(after.get('assent_read_only')).toBe(0);
    expect(after.get('assent_http_request_seconds_count{route="/api/v1/entries",status="2xx"}')).toBe(3);
    expect(after.get('assent_http_request_seconds_count{route="/api/v1/entries",status="4xx"}')).toBe(2);
    expect(after.get('assent_http_request_seconds_count{route="other",status="4xx"}')).toBe(1);
  });
});

describe('the facts of the database', () => {
  it('are read, and are gone rather than stale while it is away', async () => {
    const home = await createLogHome();
    try {
      const { database, metrics, close } = await home.open();
      const facts = new PeriodicFacts({ database, dataDir: home.dataDir, logger: silent });
      metrics.watch({ database: () => facts.database, disk: () => facts.disk, pools: { read: database.pool } });
      const holder = await database.pool.connect();
      await holder.query('begin isolation level repeatable read');
      await holder.query('select 1');
      await facts.start();
      const up = samples(await metrics.text());
      expect(up.get('assent_database_up')).toBe(1);
      expect(up.get('assent_database_in_recovery')).toBe(0);
      expect(up.get('assent_database_server_version')).toBeGreaterThan(140_000);
      for (const name of ['size', 'index', 'shared_buffers', 'wal']) {
        expect(up.get(`assent_database_${name}_bytes`), name).toBeGreaterThan(8_192);
      }
      expect(up.get('assent_database_oldest_transaction_seconds')).toBeGreaterThan(0);
      expect(up.get('assent_database_standbys{state="sync"}')).toBe(0);
      expect(up.get('assent_database_archiving')).toBe(0);
      expect(up.has('assent_database_replication_lag_bytes')).toBe(false);
      expect(up.get('assent_disk_free_bytes')).toBeGreaterThan(0);
      expect(up.get('assent_pool_connections{pool="read",state="busy"}')).toBeGreaterThan(0);
      holder.release(true);
      await facts.close();

      const away = new PeriodicFacts({ database, dataDir: home.dataDir, logger: silent });
      metrics.watch({ database: () => away.database });
      await close();
      await away.start();
      await away.close();
      const down = samples(await metrics.text());
      expect(down.get('assent_database_up')).toBe(0);
      expect(down.has('assent_database_size_bytes')).toBe(false);
      expect(down.has('assent_database_standbys{state="sync"}')).toBe(false);
    } finally {
      await home.remove();
    }
  });
});

describe('what the alarms ask for', () => {
  let home: TestLogHome;
  beforeAll(async () => {
    home = await createLogHome();
  });
  afterAll(() => home.remove());

  it('the age of a head that waits for its signature', async () => {
    let letGo: () => void = () => undefined;
    let held = Promise.resolve();
    const signer = { ...home.signer, sign: (message: Uint8Array) => held.then(() => home.signer.sign(message)) };
    const { log, metrics, close } = await home.open({ signer });
    const age = async () => samples(await metrics.text()).get('assent_unsigned_head_age_seconds')!;
    expect(await age()).toBe(0);
    held = new Promise((resolve) => {
      letGo = resolve;
    });
    const appended = log.append({ kind: 'approval', content: approve().envelope }, { services: ['*'] });
    await waitUntil('a head waits', async () => (await age()) > 0);
    const before = await age();
    await waitUntil('it gets older', async () => (await age()) > before);
    letGo();
    await appended;
    expect(await age()).toBe(0);
    await close();
  });

  it('how far a standby is behind, and how many transactions ago the oldest snapshot was taken', async () => {
    const { database, metrics, close } = await home.open();
    const facts = new PeriodicFacts({ database, dataDir: home.dataDir, logger: silent, intervalMs: 10 });
    metrics.watch({ database: () => facts.database });
    const read = async (name: string) => samples(await metrics.text()).get(`assent_database_${name}`);
    const holder = await database.pool.connect();
    await holder.query('begin isolation level repeatable read');
    await holder.query('select 1');
    const standby = await startStandby(home.testDatabase.url);
    await database.pool.query('create table later (x int)');
    for (let i = 0; i < 20; i++) await database.pool.query('insert into later select generate_series(1, 100)');
    const { rows } = await database.pool.query<{ behind: string }>(
      'select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::pg_lsn) as behind',
      [standby.replayed],
    );
    const behind = Number(rows[0]!.behind);
    await facts.start();
    await waitUntil('the lag is known', async () => ((await read('replication_lag_bytes')) ?? 0) >= behind);
    expect(behind).toBeGreaterThan(10_000);
    expect(await read('standbys{state="async"}')).toBe(1);
    expect(await read('oldest_snapshot_transactions')).toBeGreaterThanOrEqual(20);
    standby.end();
    holder.release(true);
    await waitUntil('the standby is gone', async () => (await read('replication_lag_bytes')) === undefined);
    await facts.close();
    await close();
  });
});

describe('the pools', () => {
  let home: TestLogHome;
  let reads: Database;
  let app: ReturnType<typeof createApp>;
  let append: () => Promise<Response>;
  const occupied: PoolClient[] = [];

  beforeAll(async () => {
    home = await createLogHome();
    reads = await openDatabase(
      { connectionString: home.testDatabase.url, max: 1 },
      { acquireTimeoutMs: 2_000, statementTimeoutMs: 1_000 },
    );
    const { log, database } = await home.open({ reads });
    app = createApp({ log, apiKeys: new ApiKeys(database), health: {}, logger: silent });
    append = async () => {
      await log.append({ kind: 'approval', content: approve().envelope }, { services: ['*'] });
      return app.request('/checkpoint');
    };
    await append();
  });
  // A busy machine may need more time for one read than the pool gives it here.
  const canRead = (): Promise<void> =>
    expect.poll(async () => (await app.request('/api/v1/entries/0')).status, { timeout: 30_000 }).toBe(200);
  afterEach(() => {
    for (const client of occupied.splice(0)) client.release();
  });
  afterAll(async () => {
    await reads.close();
    await home.remove();
  });

  it('let appends pass, however many read', async () => {
    occupied.push(await reads.pool.connect());
    const refused = await app.request('/api/v1/entries/0');
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'unavailable' });
    expect(refused.headers.get('retry-after')).toBe('2');
    expect((await append()).status).toBe(200);
    occupied.pop()?.release();
    await canRead();
  });

  it('end a read that the server does not end, and make a new connection for the next one', async () => {
    const { rows } = await reads.pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const { pid } = rows[0]!;
    process.kill(pid, 'SIGSTOP');
    try {
      const stuck = await app.request('/api/v1/entries/0');
      expect(await stuck.json()).toMatchObject({ code: 'unavailable', status: 503 });
      await canRead();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('end a statement that takes too long, and say that it may go better later', async () => {
    const slow = sql`select pg_sleep(10)`.execute(reads.kysely).catch((error: unknown) => error);
    expect(isOutage(await slow)).toBe(true);
  });
});

describe('/readyz?verbose', () => {
  let home: TestLogHome;
  let opened: Awaited<ReturnType<TestLogHome['open']>>;
  beforeAll(async () => {
    home = await createLogHome();
    opened = await home.open();
  });
  afterAll(() => home.remove());

  async function ask(changes: Partial<ReadinessParts> = {}): Promise<{ status: number; lines: string[] }> {
    const databases = { append: opened.database, read: opened.database };
    const checks = readinessChecks({ opened, databases, dataDir: home.dataDir, logger: silent, ...changes });
    const response = await healthRoutes(checks).request('/readyz?verbose');
    return { status: response.status, lines: (await response.text()).trimEnd().split('\n') };
  }

  it('names every check when all is well', async () => {
    const names = ['database', 'migrations', 'signing', 'clock', 'admission', 'disk', 'storage'];
    const well = { status: 200, lines: ['ready', ...names.map((name) => `ok ${name}`)] };
    // A database or a disk that is busy may not answer in time at first.
    await expect.poll(() => ask(), { timeout: 30_000 }).toEqual(well);
  });

  it('says that a database is away, and not where it was', async () => {
    const gone = await openDatabase({ connectionString: home.testDatabase.url });
    await gone.close();
    const { status, lines } = await ask({ databases: { append: opened.database, read: gone } });
    expect(status).toBe(503);
    expect(lines.filter((line) => line.startsWith('failed'))).toEqual([
      'failed database: it does not answer',
      'failed migrations: the database does not answer',
    ]);
  });

  it('says which step the schema lacks', async () => {
    const { pool } = opened.database;
    const last = 'select max(name) from kysely_migration';
    const { rows } = await pool.query(`delete from kysely_migration where name = (${last}) returning *`);
    const { lines } = await ask();
    expect(lines).toContain(`failed migrations: the schema lacks ${rows[0].name}: restart the server`);
    await pool.query('insert into kysely_migration (name, timestamp) values ($1, $2)', [
      rows[0].name,
      rows[0].timestamp,
    ]);
    await expect.poll(async () => (await ask()).status, { timeout: 30_000 }).toBe(200);
  });

  it('says that the data directory is gone', async () => {
    expect((await ask({ dataDir: `${home.dataDir}/nowhere` })).lines).toContain(
      'failed disk: the data directory cannot be read',
    );
  });

  it('says that nobody is left to examine records', async () => {
    const admission = { ...opened.admission, depth: { records: 0, bytes: 0, threads: 0 } };
    expect((await ask({ opened: { ...opened, admission } })).lines).toContain(
      'failed admission: no thread that examines records is alive',
    );
  });

  it('says by how much the clock is behind', async () => {
    const ahead = await home.open({ now: () => Date.now() + 120_000 });
    await ahead.log.append({ kind: 'approval', content: approve().envelope }, { services: ['*'] });
    const failed = (await ask({ opened: ahead })).lines.find((line) => line.startsWith('failed clock'));
    expect(failed).toMatch(/^failed clock: the clock is 1([01]\d|20) s behind the newest entry$/);
  });

  it('says why the log is read-only, as the metrics do', async () => {
    const stopped = await home.open();
    stopped.publisher.stop('The database went back in time.');
    const { status, lines } = await ask({ opened: stopped });
    expect(status).toBe(503);
    expect(lines).toContain('failed signing: The database went back in time.');
    expect(samples(await stopped.metrics.text()).get('assent_read_only')).toBe(1);
  });
});

describe('the log lines', () => {
  it('hold no key, content, salt or query, whatever fails', async () => {
    let written = '';
    const logger = createLogger('trace', { write: (line) => (written += line) });
    const home = await createLogHome();
    try {
      const { log, database, metrics } = await home.open({ logger });
      const key = createApiKeyText();
      await insertApiKey(database, { ...parseApiKeyText(key)!, name: 'test', services: ['*'], createdAt: Date.now() });
      const app = createApp({ log, metrics, apiKeys: new ApiKeys(database), health: {}, logger });
      const marked = (authorization: string, body: unknown, query = '') =>
        app.request(`/api/v1/entries${query}`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json', 'x-secret': 'SECRET-HEADER' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        });
      const content = () => approve({ id: 'SECRET-ID' }).envelope;
      const right = `Bearer ${key}`;
      const codes = [
        (await marked(right, { kind: 'approval', content: content() })).status,
        (await marked(`Bearer ${createApiKeyText()}SECRET`, {})).status,
        (await marked(right, { kind: 'approval', content: content(), salt: 'SECRET-SALT' })).status,
        (await marked(right, '{"SECRET": ')).status,
        (await marked(right, {}, '?wait=SECRET-QUERY')).status,
        (await app.request('/api/v1/entries/0?token=SECRET-QUERY')).status,
        (await app.request('/SECRET-PATH?x=SECRET-QUERY')).status,
      ];
      expect(codes).toEqual([201, 401, 400, 400, 400, expect.any(Number), 404]);
      // What a database says of a statement that fails names its values.
      await database.pool.query('alter table records add constraint none check (idx < 1)');
      expect((await marked(right, { kind: 'approval', content: approve({ id: 'SECRET-2' }).envelope })).status).toBe(
        503,
      );
      await database.pool.query("update blocks set data = 'SECRET-DATA'");
      expect((await app.request('/api/v1/entries/0')).status).toBe(500);
      expect((await app.request('/api/v1/entries/0', { method: 'DELETE' })).status).toBe(405);

      expect(written).toContain('a batch could not be stored');
      expect(written).toContain('"code":"stored_data_damaged"');
      expect(written).toContain('"route":"/api/v1/entries","status":201');
      expect(written).not.toContain('SECRET');
      expect(written).not.toContain(key);
      expect(written).not.toContain(key.slice(-43));
      expect(written).not.toContain(String(content().payload).slice(0, 40));
    } finally {
      await home.remove();
    }
  });
});

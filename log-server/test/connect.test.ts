import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database/connect.ts';
import { DatabaseRefused } from '../src/database/connection-check.ts';
import { readServerSettings } from '../src/database/database-advice.ts';
import { smallSettings, startEmbeddedPostgres } from '../src/database/embedded-postgres.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});

afterAll(async () => {
  await test.drop();
});

describe('openDatabase', () => {
  it('sets the timeouts and the name on every connection', async () => {
    const database = await openDatabase({ connectionString: test.url, max: 2 }, { lockTimeoutMs: 1_234 });
    const clients = await Promise.all([database.pool.connect(), database.pool.connect()]);
    for (const client of clients) {
      const { rows } = await client.query(
        `select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement,
           current_setting('idle_in_transaction_session_timeout') as idle, current_setting('application_name') as name`,
      );
      expect(rows).toEqual([{ lock: '1234ms', statement: '30s', idle: '30s', name: 'assent-log' }]);
      client.release();
    }
    await database.close();
    await database.close();
  });

  it('gives values in binary where they are asked for, and text to the next query on the same connection', async () => {
    const database = await openDatabase({ connectionString: test.url, max: 1 });
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const binary = (bytes: Buffer) =>
      database.pool.query({
        name: 'in-binary',
        text: 'SELECT n, $1::bytea AS bytes, NULL::bytea AS nothing, 9007199254740991::int8 AS big FROM generate_series(1, $2::int) n',
        values: [bytes, 2],
        binary: true,
      } as pg.QueryConfig);
    const row = { bytes: every, nothing: null, big: Number.MAX_SAFE_INTEGER };
    expect((await binary(every)).rows).toEqual([
      { n: 1, ...row },
      { n: 2, ...row },
    ]);
    // Larger than what the socket gives at once.
    const large = Buffer.alloc(3_000_000, every);
    expect((await binary(large)).rows[1].bytes.equals(large)).toBe(true);
    await expect(
      database.pool.query({ text: 'SELECT 1 / $1::int', values: [0], binary: true } as pg.QueryConfig),
    ).rejects.toThrow('division by zero');
    const { rows } = await database.pool.query(`SELECT 'Zürich — 東京' AS text, '\\x00ff'::bytea AS bytes, 12 AS n`);
    expect(rows).toEqual([{ text: 'Zürich — 東京', bytes: Buffer.from([0, 255]), n: 12 }]);
    await expect(binary(every)).resolves.toMatchObject({ rowCount: 2 });
    const tooBig = { text: 'SELECT 9007199254740992::int8 + $1::int8', values: [0], binary: true } as pg.QueryConfig;
    await expect(database.pool.query(tooBig)).rejects.toThrow('2^53');
    await database.close();
  });

  it("tells how far the server's clock is from this machine's", async () => {
    const database = await openDatabase({ connectionString: test.url });
    expect((await readServerSettings(database.kysely)).clockAheadMs).toBe(0);
    const { now } = Date;
    const ahead = vi.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000);
    const { clockAheadMs } = await readServerSettings(database.kysely).finally(() => ahead.mockRestore());
    expect(Math.round(clockAheadMs / 60_000)).toBe(-60);
    await database.close();
  });

  it('reads bigint as a safe integer, and fails rather than round one', async () => {
    const database = await openDatabase({ connectionString: test.url });
    const { rows } = await database.pool.query('select 9007199254740991::bigint as x');
    expect(rows).toEqual([{ x: Number.MAX_SAFE_INTEGER }]);
    await expect(database.pool.query('select 9007199254740992::bigint as x')).rejects.toThrow(RangeError);
    expect((await database.pool.query('select 1::bigint as x')).rows).toEqual([{ x: 1 }]);
    await database.close();
  });

  it('shows warnings of the server to whoever listens on the connection', async () => {
    const database = await openDatabase({ connectionString: test.url });
    const client = await database.pool.connect();
    const warnings: string[] = [];
    client.on('notice', (notice) => warnings.push(`${notice.severity}: ${notice.message}`));
    await client.query("do $$ begin raise warning 'look'; raise notice 'noise'; end $$");
    client.release();
    await database.close();
    expect(warnings).toEqual(['WARNING: look']);
  });

  it('survives the end of an idle connection', async () => {
    const errors: Error[] = [];
    const database = await openDatabase({ connectionString: test.url }, { onIdleError: (error) => errors.push(error) });
    const other = await openDatabase({ connectionString: test.url });
    await other.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await expect.poll(() => errors.length, { timeout: 30_000 }).toBe(1);
    expect((await database.pool.query('select 1 as x')).rows).toEqual([{ x: 1 }]);
    await Promise.all([database.close(), other.close()]);
  });

  it('refuses synchronous_commit = off, also when a role or database sets it later', async () => {
    const unsafe = await createTestDatabase();
    try {
      const database = await openDatabase({ connectionString: unsafe.url, max: 2 });
      const name = new URL(unsafe.url).pathname.slice(1);
      const held = await database.pool.connect();
      await held.query(`alter database ${name} set synchronous_commit = off`);
      await expect(database.pool.connect()).rejects.toThrow(DatabaseRefused);
      held.release();
      await database.close();
      await expect(openDatabase({ connectionString: unsafe.url })).rejects.toThrow('synchronous_commit = off');
    } finally {
      await unsafe.drop();
    }
  });

  it('refuses fsync = off', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'assent-unsafe-'));
    const postgres = await startEmbeddedPostgres({ dataDir, settings: { ...smallSettings(), fsync: 'off' } });
    try {
      await expect(openDatabase(postgres.poolConfig)).rejects.toThrow(DatabaseRefused);
      await expect(openDatabase(postgres.poolConfig)).rejects.toThrow('fsync = off');
    } finally {
      await postgres.stop();
      rmSync(dataDir, { recursive: true });
    }
  });

  it('refuses a pooler, which hands out connection ids of its own', async () => {
    const { host, port, user, database } = new pg.Client({ connectionString: test.url });
    const pooler = createServer((client) => {
      const server = dial(path.join(host, `.s.PGSQL.${port}`));
      client.pipe(server).on('error', () => client.destroy());
      client.on('error', () => server.destroy());
      server.on('data', (chunk) => {
        // BackendKeyData: 'K', length 12, process id, secret.
        const at = chunk.indexOf(Buffer.from('4b0000000c', 'hex'));
        if (at >= 0) chunk.writeInt32BE(chunk.readInt32BE(at + 5) + 1, at + 5);
        client.write(chunk);
      });
      server.on('end', () => client.end());
    });
    await new Promise<void>((resolve) => pooler.listen(0, '127.0.0.1', resolve));
    const address = pooler.address();
    const behind = { host: '127.0.0.1', port: typeof address === 'object' ? address?.port : 0, user, database };
    await expect(openDatabase({ ...behind, port: behind.port ?? 0, database: database ?? '' })).rejects.toThrow(
      'pooler',
    );
    await new Promise((resolve) => pooler.close(resolve));
  });
});

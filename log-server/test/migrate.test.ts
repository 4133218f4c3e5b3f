import { migrations } from '@assent/migrations';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../src/database/connect.ts';
import { DatabaseRefused } from '../src/database/connection-check.ts';
import { migrate } from '../src/database/migrate.ts';

let empty: TestDatabase;
let database: Database;

beforeEach(async () => {
  empty = await createTestDatabase({ empty: true });
  database = await openDatabase({ connectionString: empty.url });
});

afterEach(async () => {
  await database.close();
  await empty.drop();
});

describe('migrate', () => {
  it('makes the tables once and does nothing the second time', async () => {
    expect(await migrate(database)).toEqual(Object.keys(migrations));
    expect(await migrate(database)).toEqual([]);
    expect(await database.kysely.selectFrom('barrier').selectAll().execute()).toEqual([{ id: 1, n: 0 }]);
    expect(await database.kysely.selectFrom('heads').selectAll().execute()).toEqual([]);
  });

  it('makes them once when several processes start together', async () => {
    const other = await openDatabase({ connectionString: empty.url });
    try {
      const made = await Promise.all([migrate(database), migrate(other), migrate(database), migrate(other)]);
      expect(made.flat()).toEqual(Object.keys(migrations));
    } finally {
      await other.close();
    }
  });

  it('refuses a database that a newer version has migrated', async () => {
    await migrate(database);
    await database.pool.query("insert into kysely_migration (name, timestamp) values ('9999-later', '2026-01-01')");
    const attempt = migrate(database);
    await expect(attempt).rejects.toThrow(DatabaseRefused);
    await expect(attempt).rejects.toThrow('9999-later');
  });

  it('has the database refuse a hash that is not 32 bytes, a block of 17 and a partial tile', async () => {
    await migrate(database);
    const { kysely } = database;
    const root = new Uint8Array(31);
    await expect(kysely.insertInto('heads').values({ seq: 0, size: 0, root, ts: 0 }).execute()).rejects.toThrow(
      'heads_root_check',
    );
    const block = { first: 0, count: 17, leaf_hashes: new Uint8Array(17 * 32), data: new Uint8Array(0) };
    await expect(kysely.insertInto('blocks').values(block).execute()).rejects.toThrow('blocks_count_check');
    const tile = { level: 0, n: 0, hashes: new Uint8Array(8160) };
    await expect(kysely.insertInto('tiles').values(tile).execute()).rejects.toThrow('tiles_hashes_check');
  });
});

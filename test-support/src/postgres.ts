import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** What `global-setup.ts` tells the test files; it goes through a structured clone. */
export type TestPostgres = { readonly url: string };

export const TEMPLATE_DATABASE = 'assent_template';

export interface TestDatabase {
  /** As in DATABASE_URL; for the pool too: `openDatabase({ connectionString: url })`. */
  readonly url: string;
  /** Removes it, and ends whatever connections are left. */
  drop(): Promise<void>;
}

/**
 * A database of one's own on the run's PostgreSQL, migrated; about 50 ms. For files of the vitest projects `integration`
 * and `slow`.
 *
 * @param options.empty without any table, for tests of the migrations themselves
 */
export async function createTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const { url } = inject('testPostgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(url, `create database ${name} template ${options.empty ? 'template0' : TEMPLATE_DATABASE}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => administer(url, `drop database if exists ${name} with (force)`) };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

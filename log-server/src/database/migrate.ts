import { migrations } from '@assent/migrations';
import { Migrator } from 'kysely';
import { type Database, openDatabase } from './connect.ts';
import { DatabaseRefused } from './connection-check.ts';

/**
 * Brings the schema up to date. Several processes may do it at once: kysely's migrator takes an advisory lock, and a
 * step runs in a transaction, so a crash leaves it wholly done or not begun.
 *
 * It uses a connection of its own without a statement timeout: waiting for another process's migration, or building an
 * index on a large log, may rightly take longer than any request.
 *
 * @returns the names of the steps that were made now
 * @throws {DatabaseRefused} if a newer Assent has migrated this database already
 */
export async function migrate(database: Database): Promise<string[]> {
  const own = await openDatabase(
    { ...database.poolConfig, max: 1 },
    { applicationName: 'assent-log migrate', statementTimeoutMs: 0, lockTimeoutMs: 300_000, idleTimeoutMs: 0 },
  );
  try {
    await refuseNewerSchema(own);
    const migrator = new Migrator({ db: own.kysely, provider: { getMigrations: async () => ({ ...migrations }) } });
    const { error, results } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName);
  } finally {
    await own.close();
  }
}

/** The steps that this version needs and the database does not have: an older copy was put in its place. */
export async function missingMigrations({ pool }: Database): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>('select name from kysely_migration');
  const made = new Set(rows.map(({ name }) => name));
  return Object.keys(migrations).filter((name) => !made.has(name));
}

/**
 * For commands that change nothing: the schema must be this version's already.
 *
 * @returns the names of the steps that were made: none
 * @throws {DatabaseRefused}
 */
export async function refuseOtherSchema(database: Database): Promise<string[]> {
  const made = await refuseNewerSchema(database);
  const missing = Object.keys(migrations).find((name) => !made.has(name));
  if (missing === undefined) return [];
  throw new DatabaseRefused(
    `The database was last used by an older version of Assent (step "${missing}" is missing): start this version's server once, or run that version's command.`,
  );
}

/** @returns the steps that the database has made */
async function refuseNewerSchema({ pool }: Database): Promise<ReadonlySet<string>> {
  const exists = await pool.query<{ t: string | null }>("select to_regclass('kysely_migration')::text as t");
  if (exists.rows[0]?.t == null) return new Set();
  const { rows } = await pool.query<{ name: string }>('select name from kysely_migration order by name');
  const unknown = rows.find(({ name }) => !(name in migrations));
  if (unknown !== undefined) {
    throw new DatabaseRefused(
      `The database was migrated by a newer version of Assent (step "${unknown.name}" is not known here). Run that version.`,
    );
  }
  return new Set(rows.map(({ name }) => name));
}

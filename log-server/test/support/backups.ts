import pg from 'pg';
import type { TestLogHome } from './test-log.ts';

export type Backups = {
  /** A database with the log as it is now, which nobody may have open; its address. */
  backUp(): Promise<string>;
  /** An empty database; its address. */
  empty(): Promise<string>;
  /** Removes all of them. */
  drop(): Promise<void>;
};

/** Databases beside the one of the log, for what happens after a loss. */
export function createBackups({ testDatabase }: Pick<TestLogHome, 'testDatabase'>): Backups {
  const live = new URL(testDatabase.url).pathname.slice(1);
  const made: string[] = [];

  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: addressOf('postgres') });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const addressOf = (name: string): string => {
    const url = new URL(testDatabase.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  const create = async (template: string): Promise<string> => {
    const name = `${live}_${made.length}`;
    await administer(`create database ${name} template ${template}`);
    made.push(name);
    return addressOf(name);
  };
  return {
    backUp: () => create(live),
    empty: () => create('template0'),
    async drop() {
      for (const name of made) await administer(`drop database if exists ${name} with (force)`);
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate, openDatabase, smallSettings, startEmbeddedPostgres } from '@assent/log-server';
import type { TestProject } from 'vitest/node';
import { TEMPLATE_DATABASE, type TestPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    testPostgres: TestPostgres;
  }
}

/** Starts one PostgreSQL for the whole run, with a migrated database that tests copy; it is gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'assent-test-'));
  const postgres = await startEmbeddedPostgres({ dataDir, settings: smallSettings() });
  const teardown = async (): Promise<void> => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const database = await openDatabase(postgres.poolConfig);
    await database.pool.query(`create database ${TEMPLATE_DATABASE}`);
    await database.close();
    const template = await openDatabase({ ...postgres.poolConfig, database: TEMPLATE_DATABASE });
    await migrate(template);
    await template.close();
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide('testPostgres', { url: postgres.url });
  return teardown;
}

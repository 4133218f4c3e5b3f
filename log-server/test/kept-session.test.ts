/** Seen red: without `onLost` in write-session.ts, and without the question that kept-session.ts asks. */
import { type PostgresProxy, startPostgresProxy, waitUntil } from '@assent/test-support/fault/index';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../src/database/connect.ts';
import { KeptSession } from '../src/database/kept-session.ts';
import { announceSigning, listSigning, whileNobodySigns } from '../src/store/server-presence.ts';
import { createLogHome, silent, type TestLogHome } from './support/test-log.ts';

let home: TestLogHome;
let proxy: PostgresProxy;
let watcher: Database;
beforeEach(async () => {
  home = await createLogHome();
  proxy = await startPostgresProxy(home.testDatabase.url);
  watcher = await openDatabase({ connectionString: home.testDatabase.url });
});
afterEach(async () => {
  await watcher.close();
  proxy.release();
  await home.remove();
  await proxy.close();
});

const signing = async (): Promise<number[]> => (await listSigning(watcher.pool)).map(({ pid }) => pid);

describe('the lock of a process that signs', () => {
  it('is there again right after an idle connection broke, though nothing is appended', async () => {
    await home.open({ databaseUrl: proxy.url });
    const [before] = await signing();
    expect(before).toBeDefined();
    proxy.cutAll();
    await waitUntil('it is held by another connection', async () => {
      const held = await signing();
      return held.length === 1 && held[0] !== before;
    });
    expect(await whileNobodySigns(watcher.pool, async () => 'alone')).toMatchObject({ alone: false });
  });

  it('is there again after the connection died without a sign', async () => {
    const database = await openDatabase({ connectionString: proxy.url }, { statementTimeoutMs: 200 });
    const kept = new KeptSession({
      pool: database.pool,
      prepare: announceSigning(['00000000']),
      logger: silent,
      intervalMs: 20,
    });
    kept.start();
    await waitUntil('it is held', async () => (await signing()).length === 1);
    const [before] = await signing();
    // What is asked is swallowed, as by a network that is gone; later connections get through.
    let swallowed = 0;
    proxy.decide((text) => (text === 'SELECT 1' && swallowed++ === 0 ? 'stall before' : 'pass'));
    await waitUntil('it is held by another connection', async () => (await signing()).some((pid) => pid !== before));
    await kept.close();
    await database.close();
  });
});

/**
 * A server that is told, while a log runs on it, to forget what it acknowledges: a reload reaches connections that are open. Seen red:
 * without `synchronous_commit` set for the session in connection-check.ts, and with kept-session.ts asking `SELECT 1`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate, openDatabase, startEmbeddedPostgres } from '@assent/log-server';
import { waitUntil } from '@assent/test-support/fault/index';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditedLog } from '../support/audited-log.ts';
import { createLogHome, type TestLogHome } from '../support/test-log.ts';
import { withClient } from './fault-test.ts';

let home: TestLogHome;

beforeEach(async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'assent-reload-'));
  // As an operator's own: what is given on the command line, as we do it, no reload can change.
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { shared_buffers: '64MB' } });
  const database = await openDatabase(postgres.poolConfig);
  await migrate(database);
  await database.close();
  const drop = async (): Promise<void> => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true });
  };
  home = await createLogHome({ url: postgres.url, drop });
});
afterEach(() => home.remove());

/** Returns when every connection has it: they take it up before their next statement. */
const reload = (setting: string): Promise<void> =>
  withClient(home.testDatabase.url, async (client) => {
    const [name, value] = setting.split(' = ') as [string, string];
    await client.query(`alter system set ${setting}`);
    await client.query('select pg_reload_conf()');
    await waitUntil('it is reloaded', async () => (await client.query(`show ${name}`)).rows[0][name] === value);
  });

describe('a reload that makes commits unsafe', () => {
  it('by synchronous_commit = off: does not reach a connection that is open, and no other is made', async () => {
    const log = await home.open();
    const audited = new AuditedLog(home.vkey);
    await audited.append(log, 3);
    const client = await log.database.pool.connect();
    await reload('synchronous_commit = off');
    const { rows } = await client.query('show synchronous_commit').finally(() => client.release());
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    await audited.append(log, 3);
    await expect(openDatabase({ connectionString: home.testDatabase.url })).rejects.toThrow('synchronous_commit = off');
    await reload('synchronous_commit = on');
    expect(await audited.audit(log)).toMatchObject({ size: 6, acknowledged: 6, recovered: 6 });
  });

  it('by fsync = off: stops the log, with reason, until it is started anew', async () => {
    const log = await home.open();
    const audited = new AuditedLog(home.vkey);
    await audited.append(log, 3);
    await reload('fsync = off');
    await waitUntil('the log stops', () => log.log.stopReason !== undefined);
    expect(log.log.stopReason).toContain('The database has fsync = off');
    await expect(log.log.head()).rejects.toMatchObject({ code: 'read_only' });
    await expect(audited.append(log, 1)).rejects.toMatchObject({ code: 'read_only' });
    await reload('fsync = on');
    // What was committed meanwhile may be on no disk: that is for a start to find out.
    expect(log.log.stopReason).toBeDefined();
    const fresh = await home.open();
    await audited.append(fresh, 3);
    const { recovered, acknowledged } = await audited.audit(fresh);
    expect(recovered).toBe(acknowledged);
  });
});

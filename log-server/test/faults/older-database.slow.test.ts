import { renameSync } from 'node:fs';
import path from 'node:path';
import { copyFolder, createRecordMaker } from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { askReadOnly, faultTest, withClient } from './fault-test.ts';

describe('a database that is set back to an older copy', () => {
  it(
    'is refused at start: nothing is signed or taken, and the words say what to do; the newest one is taken up again',
    faultTest({ database: 'embedded', rounds: 1 }, async ({ home, random, append, audit }) => {
      const postgres = path.join(home.dataDir, 'postgres');
      let server = await home.start();
      await append([server], 60);
      await server.stop();
      copyFolder(postgres, `${postgres}.older`);
      server = await home.start();
      await append([server], 60);
      await server.stop();

      renameSync(postgres, `${postgres}.newest`);
      renameSync(`${postgres}.older`, postgres);
      server = await home.start();
      const { body } = createRecordMaker(home.origin, random('refused'))();
      const answers = await askReadOnly(server, home.apiKey, body);
      expect(answers).toMatchObject({
        append: { status: 503, code: 'read_only' },
        checkpoint: { status: 503, code: 'read_only' },
        ready: { status: 503 },
      });
      expect(answers.append.detail).toMatch(/signed a head of size 120, but the database ends at size 60/);
      expect(answers.append.detail).toMatch(/Stop the server and give it the database that holds all 120 entries/);
      expect(answers.ready.text).toContain('ends at size 60');
      expect(server.logs()).toContain('the log is read-only');
      await server.stop();

      renameSync(postgres, `${postgres}.older`);
      renameSync(`${postgres}.newest`, postgres);
      server = await home.start();
      await append([server], 10);
      expect(await audit(server)).toMatchObject({ size: 130, recovered: 130 });
    }),
  );

  it(
    'is noticed by a running server, which hands out nothing from it',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, ledger, databaseUrl, random, append, load, audit }) => {
      const url = new URL(databaseUrl!);
      const live = url.pathname.slice(1);
      const admin = new URL(url);
      admin.pathname = '/postgres';
      const administer = (...statements: string[]): Promise<void> =>
        withClient(admin.href, async (client) => {
          for (const statement of statements) await client.query(statement);
        });
      const swap = (from: string, to: string): Promise<void> =>
        administer(
          // Nobody may come back before the other database has the name.
          `alter database ${live} with allow_connections false`,
          `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${live}'`,
          `alter database ${live} rename to ${to}`,
          `alter database ${from} rename to ${live}`,
          `alter database ${live} with allow_connections true`,
        );
      const [older, newest] = [`${live}_older`, `${live}_newest`];
      try {
        let server = await home.start();
        await append([server], 60);
        await server.stop();
        await administer(`create database ${older} template ${live}`);

        server = await home.start();
        const appending = load(() => [server], { connections: 8 });
        await appending.until('160 are acknowledged', () => ledger.acknowledged.size >= 160);
        await swap(older, newest);
        await appending.until('appends are refused', () => (appending.outcomes.get('read_only') ?? 0) >= 50);
        await appending.abandon();
        const { body } = createRecordMaker(home.origin, random('refused'))();
        expect(await askReadOnly(server, home.apiKey, body)).toMatchObject({
          append: { status: 503, code: 'read_only', detail: expect.stringMatching(/Stop the server and give it/) },
          checkpoint: { status: 503, code: 'read_only' },
          ready: { status: 503 },
        });
        await server.stop();
        // Not even the copy was touched: whoever looks for what happened finds it as it was put there.
        const { rows } = await withClient(databaseUrl!, (client) =>
          client.query('select max(size) as size from heads'),
        );
        expect(rows).toEqual([{ size: '60' }]);

        await administer(`alter database ${newest} with allow_connections true`);
        await swap(newest, older);
        server = await home.start();
        await append([server], 10);
        const result = await audit(server);
        expect(result.recovered).toBe(result.acknowledged);
      } finally {
        await administer(
          `drop database if exists ${older} with (force)`,
          `drop database if exists ${newest} with (force)`,
        );
      }
    }),
  );
});

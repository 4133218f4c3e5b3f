/**
 * An fsync that fails under the real embedded PostgreSQL, without any tool: /dev/null takes whatever is written and answers every
 * sync with EINVAL, and PostgreSQL opens these files by name. What is written there is lost, as it is when a disk fails. Seen red:
 * without failedSync() in embedded-postgres.ts (PostgreSQL is started again, and the log goes on), with FAILED_SYNC not matching
 * "fdatasync", and without refuseAfterFailedSync() (a restart of the log alone is enough to go on).
 */
import { renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { createRecordMaker, findPostgres, httpRequest, waitUntil } from '@assent/test-support/fault/index';
import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { askReadOnly, faultTest, withClient } from './fault-test.ts';

const WORDS = /database's disk failed to take what was written/;

type Failing = {
  readonly name: string;
  /** Puts /dev/null in the place of a file. Returns how to undo that: the disk was replaced. */
  readonly plant: (cluster: string, client: pg.Client) => Promise<() => void>;
  /** What makes PostgreSQL write and sync it. */
  readonly statement: string;
  readonly said: RegExp;
};

const FAILING: readonly Failing[] = [
  {
    name: 'of the write-ahead log, in the commit of an append',
    plant: async (cluster, client) => {
      const { rows } = await client.query('select pg_walfile_name(pg_current_wal_lsn()) as file');
      const file: string = rows[0].file;
      const next = (Number.parseInt(file.slice(16), 16) + 1).toString(16).toUpperCase().padStart(8, '0');
      const segment = path.join(cluster, 'pg_wal', file.slice(0, 16) + next);
      // One that was made ahead lies there already.
      rmSync(segment, { force: true });
      symlinkSync('/dev/null', segment);
      return () => unlinkSync(segment);
    },
    statement: 'select pg_switch_wal()',
    said: /could not fdatasync file \\?"[0-9A-F]{24}/,
  },
  {
    name: 'of the table of commits, in a checkpoint',
    plant: async (cluster) => {
      const file = path.join(cluster, 'pg_xact', '0000');
      renameSync(file, `${file}.kept`);
      symlinkSync('/dev/null', file);
      return () => renameSync(`${file}.kept`, file);
    },
    statement: 'checkpoint',
    said: /could not fsync file \\?"pg_xact/,
  },
];

describe.each(FAILING)('an fsync that fails: $name', ({ plant, statement, said }) => {
  it(
    'stops the log, and the database is not started again until somebody has seen to the disk; nothing is lost',
    faultTest({ database: 'embedded', rounds: 1 }, async ({ home, ledger, load, audit, append, random }) => {
      let servers = [await home.start()];
      const [server] = servers as [(typeof servers)[0]];
      const appending = load(() => servers);
      await appending.until('100 are acknowledged', () => ledger.acknowledged.size >= 100);
      const { url } = findPostgres(home.dataDir)!;
      const undo = await withClient(url, async (client) => {
        client.on('error', () => undefined);
        const planted = await plant(path.join(home.dataDir, 'postgres'), client);
        await client.query(statement).catch(() => undefined);
        return planted;
      });
      await appending.until('the log stops', () => server.logs().includes('the log is read-only'));
      expect(server.logs()).toMatch(said);
      const { body } = createRecordMaker(home.origin, random('refused'))();
      expect(await askReadOnly(server, home.apiKey, body)).toMatchObject({
        // The key can't be looked up either, once it was not seen for a while.
        append: { status: 503, code: expect.stringMatching(/^(read_only|not_durable)$/) },
        checkpoint: { status: 503, code: 'read_only' },
        ready: { status: 503, text: expect.stringMatching(WORDS) },
      });
      // It ends by itself, which takes its time on a busy machine.
      await waitUntil('PostgreSQL has ended', async () => findPostgres(home.dataDir) === undefined);
      expect(server.logs()).not.toContain('the database server is back');
      expect(server.running()).toBe(true);

      servers = [];
      await server.kill9();
      // Whoever restarts the log alone has not seen to the disk: the memory of the machine is the same.
      await expect(home.start()).rejects.toThrow(/this machine was not restarted since/);
      expect(findPostgres(home.dataDir)).toBeUndefined();
      undo();
      rmSync(path.join(home.dataDir, 'postgres.log'));
      servers = [await home.start()];
      await append(servers, 10);
      await appending.finish();
      const result = await audit(servers[0]!);
      expect(result.recovered).toBe(result.acknowledged);
      expect((await httpRequest({ url: `${servers[0]!.url}/readyz` })).status).toBe(200);
    }),
  );
});

/**
 * A disk of its own that is filled. Seen red: without the reserve in appender.ts (appends are taken), and with a ballast
 * that is not released (the database does not come back until there is room).
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  createRecordMaker,
  findPostgres,
  type HttpAnswer,
  httpRequest,
  killPostgres,
  problemCode,
  type ServerProcess,
  waitUntil,
} from '@assent/test-support/fault/index';
import { createSmallDisk, type SmallDisk, whyNoSmallDisk } from '@assent/test-support/fault/small-disk';
import { describe, expect, it } from 'vitest';
import { type FaultTest, faultTest, withClient } from './fault-test.ts';

const RESERVE_MB = 128;
const environment = { ASSENT_DISK_RESERVE: String(RESERVE_MB) };
const skipped = whyNoSmallDisk();
if (skipped !== undefined) console.warn(`skipping 2 tests of a full disk: ${skipped}`);

/** A log whose data directory, embedded database included, is on the disk. */
function onDisk(body: (test: FaultTest, disk: SmallDisk, server: ServerProcess) => Promise<void>): () => Promise<void> {
  return async () => {
    const disk = createSmallDisk(640);
    try {
      await faultTest({ database: 'embedded', rounds: 1, parent: disk.folder }, async (test) => {
        const server = await test.home.start(environment);
        await test.append([server], 30);
        await body(test, disk, server);
      })();
    } finally {
      disk.remove();
    }
  };
}

const get = (server: ServerProcess, target: string): Promise<HttpAnswer> => httpRequest({ url: server.url + target });
const status = async (server: ServerProcess, target: string): Promise<number> => (await get(server, target)).status;

function appender({ home, random }: FaultTest, server: ServerProcess): () => Promise<HttpAnswer> {
  const make = createRecordMaker(home.origin, random('on a full disk'));
  const headers = { Authorization: `Bearer ${home.apiKey}`, 'Content-Type': 'application/json' };
  const url = `${server.url}/api/v1/entries`;
  return () => httpRequest({ method: 'POST', url, headers, body: make().body });
}

describe.skipIf(skipped !== undefined)('a disk that gets full', () => {
  it(
    'takes no appends below the reserve, goes on reading, and takes them again by itself when there is room',
    onDisk(async (test, disk, server) => {
      const { append, audit, load } = test;
      const appending = load(() => [server]);
      disk.fillUpTo(RESERVE_MB - 20);
      await appending.until('appends are refused', () => (appending.outcomes.get('no_space') ?? 0) > 20);
      const refused = await appender(test, server)();
      expect([refused.status, problemCode(refused), refused.headers['retry-after']]).toEqual([503, 'no_space', '30']);
      for (const target of ['/checkpoint', '/api/v1/entries/0', '/api/v1/receipts/29']) {
        expect([target, await status(server, target)]).toEqual([target, 200]);
      }
      const ready = await get(server, '/readyz');
      expect([ready.status, ready.body.toString()]).toEqual([503, expect.stringContaining('failed disk')]);
      disk.makeRoom();
      await append([server], 30);
      await appending.finish();
      const result = await audit(server);
      expect(result.recovered).toBe(result.acknowledged);
    }),
  );

  it(
    'to its last byte, so that PostgreSQL dies and has no room to start: the ballast goes, reads go on, and then all does',
    onDisk(async (test, disk, server) => {
      const { home, append, audit } = test;
      const ballast = path.join(home.dataDir, 'postgres-ballast');
      await waitUntil('the ballast is there', () => existsSync(ballast));
      const before = findPostgres(home.dataDir)!;
      disk.fillUpTo(0);
      // New files of write-ahead log are needed, and can't be made: PostgreSQL panics.
      const died = withClient(before.url, async (client) => {
        client.on('error', () => undefined);
        for (;;) {
          await client.query(
            'create table if not exists filler (n int); insert into filler select generate_series(1, 99999)',
          );
          await client.query('select pg_switch_wal()');
        }
      }).catch((error: unknown) => error);
      expect(String(await died)).toMatch(/No space left on device|terminat/i);
      await killPostgres(home.dataDir);
      await waitUntil('the database is back', async () => (await status(server, '/api/v1/receipts/0')) === 200, 60_000);
      expect(existsSync(ballast)).toBe(false);
      expect(server.logs()).toContain('the ballast was removed');
      expect(await status(server, '/checkpoint')).toBe(200);
      const appendOne = appender(test, server);
      await waitUntil('appends are refused', async () => problemCode(await appendOne()) === 'no_space');

      disk.makeRoom();
      await append([server], 30);
      expect(await audit(server)).toMatchObject({ acknowledged: 60, recovered: 60 });
      await waitUntil('the ballast is there again', () => existsSync(ballast));
      expect(server.running()).toBe(true);
    }),
  );
});

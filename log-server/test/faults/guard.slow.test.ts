import { renameSync, rmSync } from 'node:fs';
import { createTestDatabase } from '@assent/test-support';
import { copyFolder, createRecordMaker, createServerHome, type ServerProcess } from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { Guard } from '../../src/publisher/guard.ts';
import { askReadOnly, type FaultTest, faultTest } from './fault-test.ts';

/** A log with 40 entries whose server is at rest. */
async function grow({ home, append }: FaultTest): Promise<void> {
  const server = await home.start();
  await append([server], 40);
  await server.stop();
}

async function expectReadOnly({ home, random }: FaultTest, words: RegExp): Promise<void> {
  const server = await home.start();
  const { body } = createRecordMaker(home.origin, random('refused'))();
  expect(await askReadOnly(server, home.apiKey, body)).toMatchObject({
    append: { status: 503, code: 'read_only', detail: expect.stringMatching(words) },
    checkpoint: { status: 503, code: 'read_only' },
    ready: { status: 503, text: expect.stringMatching(words) },
  });
  await server.stop();
}

async function expectWhole(test: FaultTest): Promise<ServerProcess> {
  const server = await test.home.start();
  await test.append([server], 10);
  const result = await test.audit(server);
  expect(result.recovered).toBe(result.acknowledged);
  return server;
}

describe('the fork guard of an empty log', () => {
  it(
    'is made once: a server with another data directory signs nothing',
    faultTest({ database: 'shared', rounds: 1 }, async (test) => {
      await (await test.home.start()).stop();
      const elsewhere = test.keep(test.home.copy());
      rmSync(elsewhere.guardDir, { recursive: true });
      const server = await test.home.start();
      await expectReadOnly({ ...test, home: elsewhere }, /no fork guard.*assent-log guard adopt/);
      await test.append([server], 10);
      expect(await test.audit(server)).toMatchObject({ size: 10, recovered: 10 });
    }),
  );
});

describe('the fork guard of a log with entries', () => {
  it(
    'is missing: nothing is signed until it is back',
    faultTest({ database: 'shared', rounds: 1 }, async (test) => {
      const { guardDir } = test.home;
      await grow(test);
      renameSync(guardDir, `${guardDir}.away`);
      await expectReadOnly(test, /no fork guard.*Restore the guard directory.*assent-log guard adopt/);
      rmSync(guardDir, { recursive: true, force: true });
      renameSync(`${guardDir}.away`, guardDir);
      await expectWhole(test);
    }),
  );

  it(
    "is another log's: nothing is signed until its own is back",
    faultTest({ database: 'shared', rounds: 1 }, async (test) => {
      const { guardDir } = test.home;
      const database = await createTestDatabase();
      const other = test.keep(createServerHome({ origin: 'log.test/other', databaseUrl: database.url }));
      await (await other.start()).stop();
      await database.drop();
      await grow(test);
      renameSync(guardDir, `${guardDir}.away`);
      copyFolder(other.guardDir, guardDir);
      await expectReadOnly(test, /belongs to another log \(log\.test\/other\).*assent-log guard adopt/);
      rmSync(guardDir, { recursive: true });
      renameSync(`${guardDir}.away`, guardDir);
      await expectWhole(test);
    }),
  );

  it(
    'knows another database: nothing is signed',
    faultTest({ database: 'shared', rounds: 1 }, async (test) => {
      const { guardDir } = test.home;
      await grow(test);
      copyFolder(guardDir, `${guardDir}.own`);
      const guard = new Guard(guardDir);
      const record = (await guard.read())!;
      const database = { ...record.state.database, timeline: 7 };
      await guard.compareAndSwap(record, { ...record.state, database });
      await expectReadOnly(test, /not the database that the fork guard knows.*timeline 7.*assent-log guard adopt/);
      rmSync(guardDir, { recursive: true });
      renameSync(`${guardDir}.own`, guardDir);
      await expectWhole(test);
    }),
  );

  it(
    'is older than the database: the log goes on, because the database extends it',
    faultTest({ database: 'shared', rounds: 1 }, async (test) => {
      const { guardDir } = test.home;
      await grow(test);
      copyFolder(guardDir, `${guardDir}.older`);
      await grow(test);
      rmSync(guardDir, { recursive: true });
      renameSync(`${guardDir}.older`, guardDir);
      await expectWhole(test);
    }),
  );
});

describe("another log's backup", () => {
  it(
    'put in the place of the own database: the server does not start on it, and goes on with its own',
    faultTest({ database: 'shared', rounds: 1 }, async (test) => {
      const { home, keep } = test;
      await grow(test);
      for (const [origin, words] of [
        ['log.test/other', /This database holds the log log\.test\/other/],
        // The same name, and another key.
        [home.origin, /holds a log that signs with another key/],
      ] as const) {
        const database = await createTestDatabase();
        const other = keep(createServerHome({ origin, databaseUrl: database.url }));
        await (await other.start()).stop();
        await expect(home.start({ DATABASE_URL: database.url })).rejects.toThrow(words);
        await database.drop();
      }
      await expectWhole(test);
    }),
  );
});

import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@assent/log-server';
import { createApproval, createServiceKey } from '@assent/test-support';
import { waitUntil } from '@assent/test-support/fault/index';
import { type Handler, type ScriptedServer, startScriptedServer } from '@assent/test-support/scripted-server';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParts } from '../src/open-parts.ts';
import { type Backups, createBackups } from './support/backups.ts';
import { type Outcome, runProgram } from './support/run-program.ts';
import { createLogHome, ORIGIN, silent, type TestLogHome } from './support/test-log.ts';

// The commands are the built program's: `npm test` builds it first.
const SIZE = 12;
const IN_BACKUP = 4;

describe('assent-log recover', () => {
  let home: TestLogHome;
  let backups: Backups;
  let server: ScriptedServer;
  let folder: string;
  let copy: string;
  const restored: string[] = [];

  const run = (url: string, args: readonly string[], started?: (child: ChildProcess) => void): Promise<Outcome> =>
    runProgram([...args, '--data-dir', home.dataDir], { DATABASE_URL: url }, started);
  const sizeOf = async (url: string): Promise<number> => {
    const database = await openDatabase({ connectionString: url, max: 1 });
    const { rows } = await database.pool.query<{ size: string }>('select max(size) as size from heads');
    await database.close();
    return Number(rows[0]!.size);
  };
  const expectWhole = async (url: string): Promise<void> => {
    expect(JSON.parse((await run(url, ['fsck', '--json'])).stdout)).toMatchObject({
      ok: true,
      size: SIZE,
      findings: [],
    });
  };
  /** The copy as any static server has it, but for what `wrong` answers. */
  const serveCopy = (wrong: (path: string) => number | undefined = () => undefined): void => {
    const handler: Handler = (response, request) => {
      const file = path.join(copy, request.path);
      const status = wrong(request.path) ?? (existsSync(file) ? 200 : 404);
      response.writeHead(status).end(status === 200 ? readFileSync(file) : 'no');
    };
    server.answer(handler);
  };

  beforeAll(async () => {
    home = await createLogHome();
    backups = createBackups(home);
    server = await startScriptedServer();
    folder = mkdtempSync(path.join(tmpdir(), 'assent-recover-'));
    copy = path.join(folder, 'copy');
    const serviceKey = createServiceKey();
    const append = async (count: number): Promise<string> => {
      const { log, close } = await home.open();
      for (let i = 0; i < count; i++) {
        const content = createApproval({ origin: ORIGIN, serviceKey }).envelope;
        await log.append({ kind: 'approval', content }, { services: ['*'] });
      }
      const { checkpoint } = await log.head();
      await close();
      return checkpoint;
    };
    await append(IN_BACKUP);
    for (let i = 0; i < 2; i++) restored.push(await backups.backUp());
    const checkpoint = path.join(folder, 'checkpoint');
    writeFileSync(checkpoint, await append(SIZE - IN_BACKUP));
    const exported = await run(home.testDatabase.url, ['export', '--to', copy, '--checkpoint', checkpoint]);
    expect(exported.code, exported.stderr).toBe(0);
  });
  afterAll(async () => {
    await backups.drop();
    await server.close();
    await home.remove();
    rmSync(folder, { recursive: true });
  });

  it('gets entries over HTTP, and writes nothing while the copy is not whole or does not answer', async () => {
    const database = restored[0]!;
    const from = ['recover', '--from', server.url, '--json'];
    const bundle = `/tile/entries/000.p/${SIZE}`;
    serveCopy((asked) => (asked === bundle ? 503 : undefined));
    const away = await run(database, from);
    expect(away.code).not.toBe(0);
    expect(away.stderr).toContain('does not answer: status 503');
    expect(server.seen.filter((request) => request.path === bundle)).toHaveLength(3);
    serveCopy((asked) => (asked === bundle ? 404 : undefined));
    const partial = await run(database, from);
    expect(partial.code).not.toBe(0);
    expect(partial.stderr).toContain(`${SIZE - IN_BACKUP} of the entries up to size ${SIZE}`);
    expect(await sizeOf(database)).toBe(IN_BACKUP);

    serveCopy();
    const whole = await run(database, from);
    expect({ ...whole, stdout: JSON.parse(whole.stdout) }).toMatchObject({
      code: 0,
      stdout: { from: IN_BACKUP, to: SIZE, sealed: 0 },
    });
    await expectWhole(database);
  });

  it('goes on where a crash in the middle of the writing left it', async () => {
    const database = restored[1]!;
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    const STALL = 4_711;
    // The head after the eighth entry is inserted as soon as the test lets go of this lock.
    await client.query(`select pg_advisory_lock(${STALL})`);
    await client.query(`
      create function stall() returns trigger language plpgsql as
        'begin if new.size > 8 then perform pg_advisory_xact_lock_shared(${STALL}); end if; return new; end';
      create trigger stall before insert on heads for each row execute function stall()`);
    const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
    const others = `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
    const count = async (sql: string): Promise<number> => (await client.query(sql)).rowCount ?? 0;
    let child: ChildProcess | undefined;
    const crashed = run(database, ['recover', '--from', copy], (started) => {
      child = started;
    });
    await waitUntil('it stands in the middle', async () => (await count(waiting)) > 0);
    child!.kill('SIGKILL');
    expect((await crashed).code).toBeNull();
    expect(await sizeOf(database)).toBe(8);
    await client.query(`select pg_advisory_unlock(${STALL})`);
    await waitUntil('its connections are gone', async () => (await count(others)) === 0);
    await client.query('drop trigger stall on heads');
    await client.end();

    // The statement that was on its way may have been committed, or not.
    const left = await sizeOf(database);
    const again = await run(database, ['recover', '--from', copy, '--json']);
    expect({ ...again, stdout: JSON.parse(again.stdout) }).toMatchObject({ code: 0, stdout: { from: left, to: SIZE } });
    await expectWhole(database);
    const nothing = await run(database, ['recover', '--from', copy, '--json']);
    expect(JSON.parse(nothing.stdout)).toMatchObject({ from: SIZE, to: SIZE });
  });

  it('refuses an empty database, and fills it once a server has come up read-only on it', async () => {
    const empty = await backups.empty();
    const refused = await run(empty, ['recover', '--from', copy]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('No log was ever started on this database');

    const database = await openDatabase({ connectionString: empty });
    const { signer, dataDir } = home;
    const parts = await openParts({ database, signer, origin: ORIGIN, dataDir, logger: silent });
    expect(parts.log.stopReason).toBeDefined();
    await parts.close();
    await database.close();

    const filled = await run(empty, ['recover', '--from', copy, '--json']);
    expect({ ...filled, stdout: JSON.parse(filled.stdout) }).toMatchObject({
      code: 0,
      stdout: { from: 0, to: SIZE, guard: 'adopted' },
    });
    await expectWhole(empty);
    const reopened = await openDatabase({ connectionString: empty });
    const log = await openParts({ database: reopened, signer, origin: ORIGIN, dataDir, logger: silent });
    expect(log.log.stopReason).toBeUndefined();
    expect(await log.log.head()).toMatchObject({ size: SIZE });
    await log.close();
    await reopened.close();
  });
});

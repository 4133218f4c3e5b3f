import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import { createServerHome, httpRequest, type ServerHome } from '@assent/test-support/fault/index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append, logInfo, verdicts } from './support/log-calls.ts';
import { type Outcome, runProgram } from './support/run-program.ts';

// The built program: `npm run test:slow` builds it first.
describe('the built server', () => {
  let folder: string;
  let database: TestDatabase;
  let home: ServerHome;
  const program = (args: readonly string[], environment = {}): Promise<Outcome> =>
    runProgram(args, { DATABASE_URL: database.url, ASSENT_DATA_DIR: home.dataDir, ...environment });

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'assent-log-key-'));
    database = await createTestDatabase();
    home = createServerHome({ origin: 'log.test/keys', databaseUrl: database.url });
  });
  afterAll(async () => {
    await home.remove();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('changes its key while it runs, then ends for good under load', async () => {
    let server = await home.start();
    const [old] = (await logInfo(server)).vkeys;
    expect(await program(['rotate', 'start'])).toMatchObject({ code: 1, stderr: expect.stringContaining('prepare') });
    const prepared = await program(['rotate', 'prepare']);
    expect(prepared).toMatchObject({ code: 0, stderr: expect.stringContaining('restart each server') });
    const keys = [old!, prepared.stdout.trim()] as const;
    expect(await program(['rotate', 'start'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('do not hold the next log key yet'),
    });
    expect(await program(['guard', 'adopt', '--yes'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Servers of this log run'),
    });
    await server.stop();

    server = await home.start();
    const before = (await append(server, home.apiKey)).text;
    expect(await verdicts(before, keys)).toEqual(['authentic', 'invalid', 'authentic']);
    expect(await program(['rotate', 'start'])).toMatchObject({ code: 0, stdout: expect.stringContaining(keys[1]) });
    const during = (await append(server, home.apiKey)).text;
    expect(await verdicts(during, keys)).toEqual(['authentic', 'authentic', 'authentic']);
    expect(await logInfo(server)).toMatchObject({ vkeys: keys, successor: { vkey: keys[1] }, retired: [] });
    const lacking = { ASSENT_NEXT_LOG_KEY_FILE: path.join(folder, 'nothing') };
    await expect(home.start(lacking)).rejects.toThrow(/this one holds one of them/);

    expect(await program(['rotate', 'finish'])).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(await program(['rotate', 'finish', '--yes'])).toMatchObject({ code: 0 });
    const after = (await append(server, home.apiKey)).text;
    expect(await verdicts(after, keys)).toEqual(['invalid', 'authentic', 'authentic']);
    await server.stop();
    renameSync(path.join(home.dataDir, 'next-log-key.pem'), path.join(home.dataDir, 'log-key.pem'));
    server = await home.start();
    expect(await logInfo(server)).toMatchObject({ vkeys: [keys[1]], retired: [{ vkey: keys[0] }] });

    expect(await program(['close', '--yes'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--successor'),
    });
    const next = ['--successor', 'log.test/next'];
    expect(await program(['close', ...next])).toMatchObject({ code: 1, stderr: expect.stringContaining('for ever') });

    const answers: { status: number; text: string }[] = [];
    let ended = false;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!ended) {
          const answer = await append(server, home.apiKey);
          answers.push(answer);
          ended ||= answer.status !== 201;
        }
      }),
    );
    const closing = await program(['close', ...next, '--reason', 'moved', '--yes']);
    await load;
    expect(closing.code).toBe(0);
    const checkpoint = (await httpRequest({ url: `${server.url}/checkpoint` })).body.toString('utf8');
    expect(closing.stdout).toBe(checkpoint);
    expect(readFileSync(path.join(home.dataDir, 'final-checkpoint'), 'utf8')).toBe(checkpoint);
    const size = 3 + answers.filter(({ status }) => status === 201).length;
    expect(checkpoint.split('\n')[1]).toBe(String(size));
    for (const { status, text } of answers) {
      if (status !== 201)
        expect(JSON.parse(text)).toMatchObject({ status: 410, code: 'closed', successor: 'log.test/next' });
    }
    const closed = { final_size: size, successor: 'log.test/next', reason: 'moved', at: expect.any(String) };
    expect(await logInfo(server)).toMatchObject({ size, closed });

    expect(await program(['close', ...next])).toMatchObject({ code: 0, stdout: checkpoint });
    const other = await program(['close', '--without-successor', '--yes']);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('the successor log.test/next') });
    expect(await program(['rotate', 'prepare'])).toMatchObject({ code: 1, stderr: expect.stringContaining('closed') });
    expect(existsSync(path.join(home.dataDir, 'next-log-key.pem'))).toBe(false);
    const { text } = await append(server, home.apiKey);
    expect(JSON.parse(text)).toMatchObject({ code: 'closed' });
    const receipt = await httpRequest({ url: `${server.url}/api/v1/receipts/0` });
    expect(await verdicts(receipt.body.toString('utf8'), keys)).toEqual(['invalid', 'authentic', 'authentic']);
  });
});

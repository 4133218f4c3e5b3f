import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import {
  createRandom,
  createRecordMaker,
  createServerHome,
  httpRequest,
  type ServerHome,
  type ServerProcess,
} from '@assent/test-support/fault/index';
import { verifyReceipt } from '@assent/verifier';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, runProgram } from './support/run-program.ts';

// These tests run the built program: `npm test` builds it first.
const PASSPHRASE = 'correct horse battery staple';
const nextRecord = createRecordMaker('log.test/keys', createRandom('keys', 'records'));

let folder: string;
let passphraseFile: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-log-key-'));
  passphraseFile = path.join(folder, 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function append(server: ServerProcess, apiKey: string, body = nextRecord().body) {
  const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
  const answer = await httpRequest({ method: 'POST', url: `${server.url}/api/v1/entries`, headers, body });
  return { status: answer.status, text: answer.body.toString('utf8') };
}

async function logInfo(server: ServerProcess): Promise<Record<string, unknown> & { vkeys: string[] }> {
  return JSON.parse((await httpRequest({ url: `${server.url}/api/v1/log` })).body.toString('utf8'));
}

/** What verifiers say that pin the old key alone, the new one alone, and both. */
async function verdicts(receipt: string, [old, next]: readonly [string, string]): Promise<readonly string[]> {
  const reports = await Promise.all([[old], [next], [old, next]].map((logKeys) => verifyReceipt(receipt, { logKeys })));
  return reports.map(({ verdict }) => verdict);
}

describe('assent-log log-key', () => {
  let file: string;
  const run = (args: readonly string[], environment = {}): Promise<Outcome> =>
    runProgram(['log-key', ...args, '--log-key-file', file], { ASSENT_ORIGIN: 'log.test/keys', ...environment });

  beforeEach(() => {
    file = path.join(mkdtempSync(path.join(folder, 'key-')), 'log-key.pem');
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(file, pem, { mode: 0o600 });
  });

  it('encrypts a key in place, changes its passphrase, and shows the same vkey throughout', async () => {
    const secret = { ASSENT_LOG_KEY_PASSPHRASE_FILE: passphraseFile };
    const open = await run(['show', '--json']);
    const { vkey, protection } = JSON.parse(open.stdout);
    expect(protection).toBe('none');
    expect(await run(['encrypt'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing to encrypt with'),
    });

    expect(await run(['encrypt'], secret)).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(file, 'utf8')).not.toContain('PRIVATE KEY');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await run(['show', '--json'])).stdout)).toMatchObject({ vkey, protection: 'passphrase' });
    expect(await run(['encrypt'], secret)).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });

    const keyFile = path.join(folder, 'raw-key');
    writeFileSync(keyFile, `${'5a'.repeat(32)}\n`);
    const wrong = { ASSENT_LOG_KEY_PASSPHRASE: 'another horse battery' };
    const refused = await run(['passwd', '--new-encryption-key-file', keyFile], wrong);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be decrypted') });
    expect(refused.stderr).not.toContain('another horse');
    expect(await run(['passwd', '--new-encryption-key-file', keyFile], secret)).toMatchObject({ code: 0 });
    expect((await run(['show'])).stdout).toContain(`encrypted    with a key\nvkey         ${vkey}\n`);
    const stale = await run(['passwd', '--new-passphrase-file', passphraseFile], secret);
    expect(stale).toMatchObject({ code: 1, stderr: expect.stringContaining('ASSENT_LOG_KEY_ENCRYPTION_KEY') });
  });

  it('takes no passphrase on the command line, and says so by not knowing the flag', async () => {
    const { code, stderr } = await run(['encrypt', '--log-key-passphrase', PASSPHRASE]);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--log-key-passphrase'");
  });
});

describe('the built server', () => {
  let database: TestDatabase;
  let home: ServerHome;
  const program = (args: readonly string[], environment = {}): Promise<Outcome> =>
    runProgram(args, { DATABASE_URL: database.url, ASSENT_DATA_DIR: home.dataDir, ...environment });

  beforeEach(async () => {
    database = await createTestDatabase();
    home = createServerHome({ origin: 'log.test/keys', databaseUrl: database.url });
  });
  afterEach(async () => {
    await home.remove();
    await database.drop();
  });

  it('runs in production with an encrypted key, and not without', async () => {
    const production = {
      NODE_ENV: 'production',
      ASSENT_DEFAULT_VISIBILITY: 'open',
      ASSENT_LOG_KEY_PASSPHRASE_FILE: passphraseFile,
    };
    const server = await home.start(production);
    const { status, text } = await append(server, home.apiKey);
    expect(status).toBe(201);
    const { vkeys } = await logInfo(server);
    expect((await verifyReceipt(text, { logKeys: vkeys })).verdict).toBe('authentic');
    const key = readFileSync(path.join(home.dataDir, 'log-key.pem'), 'utf8');
    expect(JSON.parse(key)).toMatchObject({ type: 'assent/log-key/v1', kdf: { name: 'scrypt', n: 131072 } });
    await server.stop();
    expect(home.logs()).not.toContain(PASSPHRASE);

    const wrong = {
      ...production,
      ASSENT_LOG_KEY_PASSPHRASE_FILE: '',
      ASSENT_LOG_KEY_PASSPHRASE: 'wrong horse battery',
    };
    await expect(home.start(wrong)).rejects.toThrow(/the passphrase is not the one/);
    // A key in the open that was put in its place.
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(path.join(home.dataDir, 'log-key.pem'), pem, { mode: 0o600 });
    await expect(home.start(production)).rejects.toThrow(/needs a log key that is encrypted/);
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

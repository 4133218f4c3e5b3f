import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import { createServerHome, type ServerHome } from '@assent/test-support/fault/index';
import { verifyReceipt } from '@assent/verifier';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { append, logInfo } from './support/log-calls.ts';
import { type Outcome, runProgram } from './support/run-program.ts';

// These tests run the built program: `npm test` builds it first.
const PASSPHRASE = 'correct horse battery staple';

let folder: string;
let passphraseFile: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-log-key-'));
  passphraseFile = path.join(folder, 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

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
});

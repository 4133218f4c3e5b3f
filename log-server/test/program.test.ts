import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import { isGone } from '@assent/test-support/fault/index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeys } from '../src/api-keys.ts';
import { openDatabase } from '../src/database/connect.ts';
import { smallSettings, startEmbeddedPostgres } from '../src/database/embedded-postgres.ts';

// These tests run the built program: `npm test` builds it first.
const program = fileURLToPath(new URL('../bin/assent-log.js', import.meta.url));

const children: ChildProcess[] = [];
let folder: string;
let test: TestDatabase;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-program-'));
  test = await createTestDatabase();
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await test.drop();
  rmSync(folder, { recursive: true });
});

type Outcome = { code: number | null; stdout: string; stderr: string };

function run(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, NO_COLOR: '1', ...env },
    });
    const outcome: Outcome = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      outcome.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      outcome.stderr += chunk;
    });
    child.on('close', (code) => resolve({ ...outcome, code }));
  });
}

describe('assent-log', () => {
  it('explains itself: commands, settings with their variables and defaults, exit codes', async () => {
    const top = await run(['--help']);
    expect(top).toMatchObject({ code: 0, stderr: '' });
    for (const words of ['serve', 'keys', 'Exit codes']) expect(top.stdout).toContain(words);
    const serve = await run(['serve', '--help']);
    expect(serve.code).toBe(0);
    for (const words of ['ASSENT_PORT', '6962', 'ASSENT_ORIGIN', 'DATABASE_URL', 'ASSENT_DEMO', '--no-demo']) {
      expect(serve.stdout).toContain(words);
    }
    expect((await run(['keys', 'revoke', '--help'])).stdout).toContain('within 2 seconds');
  });

  it.each<[string, string[], Record<string, string>, string]>([
    ['no command', [], {}, 'serve'],
    ['an unknown command', ['fly'], {}, "unknown command 'fly'"],
    ['an unknown flag', ['serve', '--fly'], {}, "unknown option '--fly'"],
    ['a wrong flag', ['serve', '--port', 'x'], {}, '--port must be a whole number from 0 to 65535, not "x".'],
    ['a wrong variable', ['serve'], { ASSENT_ORIGIN: 'a b' }, 'ASSENT_ORIGIN must be'],
    ['production', ['serve'], { NODE_ENV: 'production' }, 'ASSENT_DEFAULT_VISIBILITY'],
    ['the demo in production', ['serve', '--demo'], { NODE_ENV: 'production' }, 'demo'],
    ['a key without a name', ['keys', 'add', '--service', 'a'], {}, '--name'],
    ['a key for a malformed service', ['keys', 'add', '--name', 'x', '--service', 'a/b'], {}, 'not "a/b"'],
    ['a key that may append nothing', ['keys', 'add', '--name', 'x'], {}, '--service, --boundary'],
    ['a malformed id', ['keys', 'revoke', 'nonsense'], {}, '8 hexadecimal digits'],
  ])('ends with code 2 and one sentence for %s', async (_, args, env, words) => {
    const { code, stdout, stderr } = await run(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(path.join(folder, 'data'))).toBe(false);
  });

  it('ends with code 1 and one sentence when the database cannot be reached', async () => {
    const { code, stderr } = await run(['keys', 'list'], {
      DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1:1/x',
      ASSENT_DATA_DIR: 'away',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('Check DATABASE_URL');
    expect(stderr).not.toContain('hunter2');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('adds, lists and revokes keys, and shows a secret once, on stdout', async () => {
    const env = { DATABASE_URL: test.url, ASSENT_DATA_DIR: 'unused' };
    const added = await run(['keys', 'add', '--name', 'payments', '--service', 'a.example', 'b.example'], env);
    expect(added.code).toBe(0);
    expect(added.stdout).toMatch(/^assent_[0-9a-f]{8}_[A-Za-z0-9_-]{43}\n$/);
    const text = added.stdout.trim();
    const id = text.slice(7, 15);
    expect(added.stderr).not.toContain(text);

    const database = await openDatabase({ connectionString: test.url });
    const authenticate = () => new ApiKeys(database).authenticate(`Bearer ${text}`);
    expect(await authenticate()).toMatchObject({
      id,
      name: 'payments',
      rights: { services: ['a.example', 'b.example'] },
    });

    const listed = await run(['keys', 'list'], env);
    expect(listed.stdout).toMatch(new RegExp(`^${id}  payments  a\\.example,b\\.example  .*  -$`, 'm'));
    expect(listed.stdout).not.toContain(text.slice(16));

    expect(await run(['keys', 'revoke', id], env)).toMatchObject({ code: 0, stdout: '' });
    await expect(authenticate()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect((await run(['keys', 'revoke', id], env)).stderr).toContain('revoked already');
    await database.close();

    const json = await run(['keys', 'list', '--json'], env);
    expect(JSON.parse(json.stdout)).toMatchObject({
      type: 'assent/api-keys/v1',
      keys: [{ id, name: 'payments', services: ['a.example', 'b.example'], revoked_at: expect.any(String) }],
    });
    const unknown = await run(['keys', 'revoke', 'ffffffff'], env);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain('There is no API key ffffffff');
  });

  it('starts the embedded database for the time of a command, and makes none: a mistyped folder is no empty log', async () => {
    const env = { ASSENT_DATA_DIR: 'own' };
    const early = await run(['keys', 'list'], env);
    expect(early).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--data-dir') });
    expect(existsSync(path.join(folder, 'own'))).toBe(false);
    await (await startEmbeddedPostgres({ dataDir: path.join(folder, 'own'), settings: smallSettings() })).stop();
    const added = await run(['keys', 'add', '--name', 'x', '--service', '*'], env);
    expect(added.code).toBe(0);
    const pidFile = path.join(folder, 'own', 'postgres', 'postmaster.pid');
    expect(existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toBe(false);
    expect((await run(['keys', 'list'], env)).stdout).toContain(added.stdout.slice(7, 15));
  });
});

// Linux lets nobody make a folder there, and Node's own recursive mkdir never returns.
it.runIf(existsSync('/proc/self'))(
  'ends with code 1 and one sentence for a data directory that cannot be made',
  async () => {
    const refused = await run(['serve', '--data-dir', '/proc/assent-data'], { DATABASE_URL: test.url });
    const stderr = 'assent-log: The folder /proc/assent-data cannot be made there: choose another one.\n';
    expect(refused).toMatchObject({ code: 1, stderr });
  },
);

describe('assent-log serve', () => {
  /** Starts it and waits until it has said where it is. */
  async function serve(env: Record<string, string>): Promise<{ child: ChildProcess; said(): string; url: string }> {
    const child = spawn(process.execPath, [program, 'serve'], {
      cwd: folder,
      env: { PATH: process.env.PATH, ASSENT_PORT: '0', ASSENT_ORIGIN: 'log.test', ...env },
    });
    children.push(child);
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`serve ended: ${text}`);
    });
    const announced = expect.poll(() => text, { timeout: 30_000 }).toMatch(/verify .*\n/);
    await Promise.race([announced, ended]);
    ended.catch(() => undefined);
    return { child, said: () => text, url: /http:\/\/localhost:\d+/.exec(text)?.[0] ?? '' };
  }

  async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    const exit = once(child, 'exit');
    child.kill(signal);
    return (await exit)[0];
  }

  it('starts from nothing, answers, ends with code 0, and shows the first key once', async () => {
    const env = { ASSENT_DATA_DIR: 'served' };
    const first = await serve(env);
    expect(first.said()).toContain('without a passphrase');
    expect(first.said()).toMatch(/assent_[0-9a-f]{8}_[A-Za-z0-9_-]{43}/);
    expect((await fetch(`${first.url}/livez`)).status).toBe(200);
    const pid = Number(readFileSync(path.join(folder, 'served/postgres/postmaster.pid'), 'utf8').split('\n')[0]);

    const taken = await run(['serve'], { ...env, ASSENT_ORIGIN: 'log.test', ASSENT_PORT: new URL(first.url).port });
    expect(taken.code).toBe(1);
    expect(taken.stderr).toContain('choose another with --port');
    const renamed = await run(['serve'], { ...env, ASSENT_ORIGIN: 'other.test', ASSENT_PORT: '0' });
    expect(renamed).toMatchObject({ code: 1, stderr: expect.stringContaining('log.test') });

    expect(await stop(first.child, 'SIGINT')).toBe(0);
    expect(isGone(pid)).toBe(true);

    const second = await serve(env);
    expect(second.said()).not.toMatch(/assent_[0-9a-f]{8}_/);
    expect(await stop(second.child, 'SIGTERM')).toBe(0);
  });

  it('says no secret of the operator', async () => {
    const key = `assent_0123abcd_${'A'.repeat(43)}`;
    const other = await createTestDatabase();
    const { child, said } = await serve({
      DATABASE_URL: other.url,
      ASSENT_DATA_DIR: 'given',
      ASSENT_BOOTSTRAP_API_KEY: key,
    });
    expect(said()).not.toContain(key);
    expect(await stop(child, 'SIGTERM')).toBe(0);
    await other.drop();
  });
});

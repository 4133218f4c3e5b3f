import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isGone, killIfThere, type ServerHome, waitUntil } from '@assent/test-support/fault/index';
import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { faultTest, withClient } from './fault-test.ts';
import { serversOf, twoServersOf } from './servers-of.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/assent-log.js', import.meta.url));
const TWO = { ASSENT_PROCESSES: '2' };

type Supervisor = { readonly child: ChildProcess; readonly ended: Promise<unknown[]>; said(): string };

/** `serve --processes 2`, which need not come up. */
function supervise(
  { dataDir, origin }: ServerHome,
  databaseUrl: string,
  { node = process.execPath, ...options }: SpawnOptions & { readonly node?: string } = {},
): Supervisor {
  const args = ['serve', '--port', '0', '--origin', origin, '--data-dir', dataDir, '--processes', '2'];
  const child = spawn(node, [PROGRAM, ...args], {
    cwd: dataDir,
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  return { child, ended: once(child, 'exit'), said: () => said };
}

async function firstServerOf({ child }: Supervisor): Promise<number> {
  await waitUntil('there is a server', () => serversOf(child.pid!).length > 0);
  return serversOf(child.pid!)[0]!;
}

/** No server comes up before the transaction ends. */
async function holdHeads(client: pg.ClientBase): Promise<void> {
  await client.query('begin; lock table heads in access exclusive mode');
}

async function isHeldUp(client: pg.ClientBase): Promise<boolean> {
  const { rowCount } = await client.query(
    `select 1 from pg_locks where not granted and relation = 'heads'::regclass
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return (rowCount ?? 0) > 0;
}

describe('serve --processes 2', () => {
  it(
    'leaves no server behind that was still starting when what started it was killed',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, databaseUrl }) => {
      await (await home.start()).stop();
      await withClient(databaseUrl!, async (client) => {
        await holdHeads(client);
        const supervisor = supervise(home, databaseUrl!);
        const server = await firstServerOf(supervisor);
        await waitUntil('it looks for the newest head', () => isHeldUp(client));
        supervisor.child.kill('SIGKILL');
        await supervisor.ended;
        expect(isGone(server)).toBe(false);
        await client.query('rollback');
        await waitUntil('the server has ended', () => isGone(server));
      });
    }),
  );

  it(
    'ends them at once at a second signal, whatever they do',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home }) => {
      const program = await home.start(TWO);
      const servers = await twoServersOf(program);
      for (const pid of servers) process.kill(pid, 'SIGSTOP');
      program.signal('SIGTERM');
      // Two of one kind that come at about the same time are one.
      const again = setInterval(() => program.signal('SIGTERM'), 2_000);
      expect(await program.exited()).toEqual({ code: 143, signal: null });
      clearInterval(again);
      await waitUntil('the servers are gone', () => servers.every(isGone));
    }),
  );

  it(
    'ends one that hangs as well, when another one has ended by itself',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home }) => {
      const program = await home.start(TWO);
      const [first, second] = await twoServersOf(program);
      process.kill(second, 'SIGSTOP');
      killIfThere(first);
      expect(await program.exited()).toEqual({ code: 1, signal: null });
      expect(program.logs()).toContain('Server process 1 of 2 ended by SIGKILL: all are being stopped.');
      expect(isGone(second)).toBe(true);
    }),
  );

  it(
    'ends when one of them cannot be started',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, databaseUrl }) => {
      const node = path.join(home.dataDir, 'node');
      copyFileSync(process.execPath, node);
      await (await home.start()).stop();
      await withClient(databaseUrl!, async (client) => {
        // The second one is started when the first one listens.
        await holdHeads(client);
        const supervisor = supervise(home, databaseUrl!, { node });
        const first = await firstServerOf(supervisor);
        await waitUntil('it looks for the newest head', () => isHeldUp(client));
        rmSync(node);
        await client.query('rollback');
        expect(await supervisor.ended).toEqual([1, null]);
        expect(supervisor.said()).toContain('Server process 2 of 2 could not be started (spawn');
        expect(isGone(first)).toBe(true);
      });
    }),
  );

  it(
    'ends with code 0 at a Ctrl-C that comes before a server can end in order',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, databaseUrl }) => {
      const supervisor = supervise(home, databaseUrl!, { detached: true });
      await firstServerOf(supervisor);
      process.kill(-supervisor.child.pid!, 'SIGINT');
      expect(await supervisor.ended).toEqual([0, null]);
      expect(supervisor.said()).not.toContain('Server process');
    }),
  );
});

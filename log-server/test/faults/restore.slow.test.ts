import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copyFolder, createRecordMaker, type Ledger } from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { Guard } from '../../src/publisher/guard.ts';
import { type Outcome, runProgram } from '../support/run-program.ts';
import { askReadOnly, faultTest, withClient } from './fault-test.ts';

/** Every receipt that was handed out, as its owner keeps it. */
function writeReceipts(ledger: Ledger, folder: string): string[] {
  mkdirSync(folder);
  return [...ledger.acknowledged.values()].map(({ index, receipts }) => {
    const file = path.join(folder, `${index}.receipt.json`);
    writeFileSync(file, receipts[0]!);
    return file;
  });
}

describe('a database that is restored from a backup', () => {
  it(
    'gets back what was signed since, from a copy, from receipts, or from the old database, and goes on as the same log',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, ledger, databaseUrl, random, append, audit }) => {
      const url = new URL(databaseUrl!);
      const live = url.pathname.slice(1);
      const [backup, lost] = [`${live}_backup`, `${live}_lost`];
      const at = (name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;
      const administer = (...statements: string[]): Promise<void> =>
        withClient(at('postgres'), async (client) => {
          for (const statement of statements) await client.query(statement);
        });
      const restore = (): Promise<void> =>
        administer(`drop database if exists ${live} with (force)`, `create database ${live} template ${backup}`);
      const run = (...args: string[]): Promise<Outcome> =>
        runProgram([...args, '--data-dir', home.dataDir], { DATABASE_URL: databaseUrl! });
      const fsck = async (): Promise<Record<string, unknown>> => JSON.parse((await run('fsck', '--json')).stdout);
      const sizes = (): Promise<unknown> =>
        withClient(databaseUrl!, async (client) => (await client.query('select max(size) as size from heads')).rows[0]);
      const folder = mkdtempSync(path.join(tmpdir(), 'assent-restore-'));
      const [copy, shortCopy, badCopy] = ['copy', 'short', 'bad'].map((name) => path.join(folder, name)) as [
        string,
        string,
        string,
      ];
      try {
        // The backup, and what comes after it.
        let server = await home.start();
        await append([server], 40);
        await server.stop();
        await administer(`create database ${backup} template ${live}`);
        expect((await run('export', '--to', shortCopy)).code).toBe(0);
        server = await home.start();
        await append([server], 60);
        await server.stop();
        expect((await run('export', '--to', copy)).stdout).toContain('100 entries (100 new)');
        const receipts = writeReceipts(ledger, path.join(folder, 'receipts'));
        expect(receipts).toHaveLength(100);

        // The loss. What is restored signs nothing.
        await administer(`alter database ${live} rename to ${lost}`);
        await restore();
        server = await home.start();
        const { body } = createRecordMaker(home.origin, random('refused'))();
        const { append: refused } = await askReadOnly(server, home.apiKey, body);
        expect(refused.detail).toMatch(/signed a head of size 100, but the database ends at size 40/);
        expect(await run('recover', '--from', copy)).toMatchObject({
          code: 1,
          stdout: '',
          stderr: expect.stringContaining('stop every server of this log first'),
        });
        await server.stop();
        expect(await fsck()).toMatchObject({ ok: false, findings: [{ code: 'guard_head' }] });

        // Sources that are not enough, or wrong: nothing is written.
        copyFolder(copy, badCopy);
        const bundle = path.join(badCopy, 'tile/entries/000.p/100');
        const text = readFileSync(bundle, 'latin1');
        const index = text.lastIndexOf('"logged_at":1');
        writeFileSync(bundle, `${text.slice(0, index)}"logged_at":2${text.slice(index + 13)}`, 'latin1');
        for (const [from, words] of [
          [[], '60 of the entries up to size 100'],
          [[shortCopy], '40–99'],
          [receipts.filter((file) => !file.endsWith('/77.receipt.json')), 'in none of the sources: 77.'],
          [[badCopy], 'The entries give the root'],
        ] as const) {
          const { code, stderr } = await run('recover', ...(from.length > 0 ? ['--from', ...from] : []));
          expect({ words, stderr, failed: code !== 0 }).toMatchObject({
            stderr: expect.stringContaining(words),
            failed: true,
          });
        }
        expect((await run('recover', '--from', copy, '--dry-run')).stdout).toContain('60 entries can be recovered');
        expect(await sizes()).toEqual({ size: '40' });

        // One that has everything, and two that complete each other.
        const whole = { ok: true, size: 100, findings: [], unchecked: [] };
        for (const from of [
          [copy],
          [shortCopy, ...receipts.filter((file) => Number(path.basename(file).split('.')[0]) >= 40)],
        ]) {
          await restore();
          const recovered = await run('recover', '--json', '--from', ...from);
          expect(recovered).toMatchObject({ code: 0, stderr: '' });
          expect(JSON.parse(recovered.stdout)).toEqual({
            type: 'assent/recovery/v1',
            from: 40,
            to: 100,
            sealed: 0,
            guard: 'kept',
          });
          expect(await fsck()).toMatchObject(whole);
        }
        // Again: there is nothing left to do.
        expect(JSON.parse((await run('recover', '--json', '--from', copy)).stdout)).toMatchObject({
          from: 100,
          to: 100,
        });

        // On another cluster, as after a disaster: what is proven to be whole is adopted.
        await restore();
        const guard = new Guard(home.guardDir);
        const held = (await guard.read())!;
        const elsewhere = { ...held.state, database: { systemIdentifier: '1', timeline: 1 } };
        await guard.compareAndSwap(held, elsewhere);
        const adopted = await run('recover', '--json', '--from', at(lost));
        expect(adopted).toMatchObject({ code: 0, stderr: '' });
        expect(JSON.parse(adopted.stdout)).toMatchObject({ from: 40, to: 100, guard: 'adopted' });
        expect(await fsck()).toMatchObject(whole);

        // The same log: it goes on, and holds everything that anybody was ever given.
        server = await home.start();
        await append([server], 10);
        expect(await audit(server)).toMatchObject({ size: 110, acknowledged: 110, recovered: 110 });
        expect(await fsck()).toMatchObject({ ok: true, size: 110 });
      } finally {
        rmSync(folder, { recursive: true });
        await administer(
          `drop database if exists ${backup} with (force)`,
          `drop database if exists ${lost} with (force)`,
        );
      }
    }),
  );
});

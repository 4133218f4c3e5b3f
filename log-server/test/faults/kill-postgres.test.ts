import { childrenOf, commandLine, findPostgres, killIfThere } from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { faultTest } from './fault-test.ts';

/** The whole server, which its log server starts again; or one backend, after which PostgreSQL restarts itself. */
const VICTIMS = ['postmaster', 'backend'] as const;

describe('kill -9 of PostgreSQL under load', () => {
  it(
    'loses nothing that was acknowledged, and the log goes on by itself',
    faultTest({ database: 'embedded' }, async ({ run, home, ledger, random, load, audit }) => {
      const moments = random('moments');
      const server = await home.start();
      const appending = load(() => [server], { duplicates: 0.1 });
      const acknowledge = (count: number): Promise<void> => {
        const target = ledger.acknowledged.size + count;
        return appending.until(`${target} are acknowledged`, () => ledger.acknowledged.size >= target);
      };
      for (let round = 1; round <= run.rounds; round++) {
        await acknowledge(moments.integer(20, 200));
        const { pid } = findPostgres(home.dataDir)!;
        const victim = VICTIMS[(round + moments.integer(0, 1)) % VICTIMS.length];
        const backends = childrenOf(pid).filter((child) => /^postgres: assent assent/.test(commandLine(child)));
        killIfThere(victim === 'postmaster' ? pid : backends[moments.integer(0, backends.length - 1)]!);
        await acknowledge(20);
        expect(server.running()).toBe(true);
      }
      await appending.finish();
      const result = await audit(server);
      expect(result.recovered).toBe(result.acknowledged);
    }),
    120_000,
  );
});

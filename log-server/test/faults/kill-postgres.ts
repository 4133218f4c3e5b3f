import { childrenOf, commandLine, findPostgres, killIfThere } from '@assent/test-support/fault/index';
import { expect } from 'vitest';
import { type FaultTestOptions, faultTest } from './fault-test.ts';

/** In turn: one backend, after which PostgreSQL restarts itself, and the whole server, which its log server starts again. */
const VICTIMS = ['postmaster', 'backend'] as const;

export function killPostgres(rounds: Pick<FaultTestOptions, 'rounds' | 'leastRounds'>): () => Promise<void> {
  return faultTest({ database: 'embedded', ...rounds }, async ({ run, home, ledger, random, load, audit }) => {
    const moments = random('moments');
    const server = await home.start();
    const appending = load(() => [server], { duplicates: 0.1 });
    const acknowledge = (count: number): Promise<void> => {
      const target = ledger.acknowledged.size + count;
      return appending.until(`${target} are acknowledged`, () => ledger.acknowledged.size >= target);
    };
    for (let round = 1; round <= run.rounds; round++) {
      await acknowledge(moments.integer(1, 100));
      const { pid } = findPostgres(home.dataDir)!;
      const victim = VICTIMS[round % VICTIMS.length];
      const backends = childrenOf(pid).filter((child) => /^postgres: assent assent/.test(commandLine(child)));
      killIfThere(victim === 'postmaster' ? pid : backends[moments.integer(0, backends.length - 1)]!);
      await acknowledge(20);
      expect(server.running()).toBe(true);
    }
    await appending.finish();
    // The server itself outlived every one of them, and answered.
    expect(appending.outcomes.get('no answer')).toBeUndefined();
    const result = await audit(server);
    expect(result.recovered).toBe(result.acknowledged);
  });
}

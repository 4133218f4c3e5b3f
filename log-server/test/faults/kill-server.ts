import { findPostgres } from '@assent/test-support/fault/index';
import { expect } from 'vitest';
import { type FaultTestOptions, faultTest } from './fault-test.ts';

/** The server alone is killed: its embedded PostgreSQL lives on, and the next start has to adopt it. */
export function killServer(rounds: Pick<FaultTestOptions, 'rounds' | 'leastRounds'>): () => Promise<void> {
  return faultTest({ database: 'embedded', ...rounds }, async ({ run, home, ledger, random, load, audit }) => {
    const moments = random('moments');
    let servers = [await home.start()];
    const postgres = findPostgres(home.dataDir)?.pid;
    const appending = load(() => servers, { duplicates: 0.1 });
    const acknowledge = (count: number): Promise<void> => {
      const target = ledger.acknowledged.size + count;
      return appending.until(`${target} are acknowledged`, () => ledger.acknowledged.size >= target);
    };
    for (let round = 1; round <= run.rounds; round++) {
      await acknowledge(moments.integer(1, 100));
      await servers[0]!.kill9();
      servers = [];
      expect(findPostgres(home.dataDir)?.pid).toBe(postgres);
      servers = [await home.start()];
    }
    await acknowledge(20);
    await appending.finish();
    expect(appending.outcomes.get('no answer')).toBeGreaterThan(0);
    expect(findPostgres(home.dataDir)?.pid).toBe(postgres);
    const result = await audit(servers[0]!);
    expect(result.recovered).toBe(result.acknowledged);
    // The one that adopted the database also ends it.
    expect(await servers[0]!.stop()).toMatchObject({ code: 0 });
    expect(findPostgres(home.dataDir)).toBeUndefined();
  });
}

import { describe, expect, it } from 'vitest';
import { faultTest } from './fault-test.ts';

describe('a process that is stopped in the middle of load', () => {
  it(
    'does not hold up the other one, and comes back without harm',
    faultTest({ database: 'shared' }, async ({ run, home, ledger, random, load, audit }) => {
      const choices = random('choices');
      const both = [await home.start(), await home.start()];
      let serving = both;
      const appending = load(() => serving, { connections: 32, duplicates: 0.1 });
      const acknowledge = (count: number): Promise<void> => {
        const target = ledger.acknowledged.size + count;
        return appending.until(`${target} are acknowledged`, () => ledger.acknowledged.size >= target);
      };
      for (let round = 1; round <= run.rounds; round++) {
        await acknowledge(choices.integer(20, 100));
        const stalled = choices.integer(0, 1);
        both[stalled]!.signal('SIGSTOP');
        serving = [both[1 - stalled]!];
        await acknowledge(100);
        both[stalled]!.signal('SIGCONT');
        serving = both;
      }
      await acknowledge(20);
      await appending.finish();
      for (const server of both) {
        const result = await audit(server);
        expect(result.recovered).toBe(result.acknowledged);
      }
    }),
  );
});

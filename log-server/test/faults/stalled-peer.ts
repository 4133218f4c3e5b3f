import { expect } from 'vitest';
import { faultTest } from './fault-test.ts';

/** A peer that waited for a lock of the stopped process would be released by this timeout of the database's. */
const LOCK_TIMEOUT_MS = 10_000;

/** Two processes on one database; one of them is stopped wherever it happens to be, and later goes on from there. */
export function stalledPeer(leastRounds: number): () => Promise<void> {
  return faultTest({ database: 'shared', leastRounds }, async ({ run, home, ledger, random, load, append, audit }) => {
    const choices = random('choices');
    const both = [await home.start(), await home.start()];
    const appending = load(() => both, { connections: 32, duplicates: 0.1 });
    const acknowledge = (count: number): Promise<void> => {
      const target = ledger.acknowledged.size + count;
      return appending.until(`${target} are acknowledged`, () => ledger.acknowledged.size >= target);
    };
    for (let round = 1; round <= run.rounds; round++) {
      await acknowledge(choices.integer(20, 100));
      const stalled = choices.integer(0, 1);
      both[stalled]!.signal('SIGSTOP');
      // Clients of its own: those of the load soon all wait for the one that is stopped.
      const begun = performance.now();
      await append([both[1 - stalled]!], 50);
      expect(performance.now() - begun).toBeLessThan(LOCK_TIMEOUT_MS);
      both[stalled]!.signal('SIGCONT');
    }
    await acknowledge(20);
    await appending.finish();
    for (const server of both) {
      const result = await audit(server);
      expect(result.recovered).toBe(result.acknowledged);
    }
  });
}

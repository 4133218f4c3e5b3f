/** A hundred thousand random mutations of good records. The seed is printed, and ASSENT_SEED repeats a run. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createJudge, mutants } from '../src/mutations.ts';
import { goodRecords } from '../src/records.ts';

const RUNS = 100_000;

it(`gives each of ${RUNS} mutated receipts a report, and no verdict that it has no right to`, async () => {
  const given = Number(process.env.ASSENT_SEED);
  const seed = Number.isSafeInteger(given) && given !== 0 ? given : Date.now() % 2 ** 31;
  console.log(`mutations: ASSENT_SEED=${seed}`);
  const records = goodRecords();
  const judge = createJudge(records);
  await fc.assert(
    fc.asyncProperty(mutants(records), async (mutant) => {
      expect(await judge(mutant)).toBeUndefined();
    }),
    { numRuns: RUNS, seed },
  );
});

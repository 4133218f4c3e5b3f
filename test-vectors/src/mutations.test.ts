/** A few of the mutations that the slow suite makes a hundred thousand of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJudge, mutants } from './mutations.ts';
import { goodRecords } from './records.ts';

const records = goodRecords();
const judge = createJudge(records);

describe('a mutated receipt', () => {
  it('gets a report, and no verdict that it has no right to', async () => {
    await fc.assert(
      fc.asyncProperty(mutants(records), async (mutant) => {
        expect(await judge(mutant)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('is told from one that the judge should not let pass', async () => {
    const [record] = records;
    const [, other] = records.filter(({ verdict }) => verdict === 'authentic');
    const strict = createJudge([other!]);
    expect(await strict({ record: record!, receipt: record!.receipt })).toMatch(/^authorized, and what is logged/);
  });
});

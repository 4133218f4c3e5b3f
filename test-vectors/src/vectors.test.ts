import { mlDsaPrimitives } from '@assent/test-support/ml-dsa';
import { FAILURE_CODES } from '@assent/verifier';
import * as singleFile from '@assent/verifier/single-file';
import { describe, expect, it } from 'vitest';
import { changedFiles, generateVectors, readVectorFiles } from './generate.ts';
import { runCase, runVectors } from './run.ts';
import { codesOf, type VectorCase } from './vectors.ts';

const files = readVectorFiles();
const cases = files.flatMap(({ format, cases: vectors }) => vectors.map((vector) => ({ format, ...vector })));

/** Formats whose operations cannot fail, or report failures in their results. */
const WITHOUT_FAILURE = ['merkle', 'receipt', 'profile', 'gate'];

describe('the vector files', () => {
  it('are reproduced byte for byte', () => {
    expect(changedFiles(generateVectors())).toEqual([]);
  });

  it('hold what the verifier says', async () => {
    const { cases: count, mismatches } = await runVectors(singleFile, files, mlDsaPrimitives);
    expect(mismatches).toEqual([]);
    expect(count).toBe(cases.length);
    expect(count).toBeGreaterThanOrEqual(400);
  });

  it('have a case for each failure code, and name no other', () => {
    expect([...codesOf(files)].sort()).toEqual([...FAILURE_CODES].sort());
  });

  it.each(files.map(({ format, cases: vectors }) => [format, vectors] as const))(
    'have good and bad cases of %s, each told apart',
    (format, vectors) => {
      expect(vectors.some((vector) => 'result' in vector)).toBe(true);
      expect(vectors.some((vector) => 'code' in vector)).toBe(!WITHOUT_FAILURE.includes(format));
      expect(new Set(vectors.map(({ about }) => about)).size).toBe(vectors.length);
      // Whatever an operation refuses, it takes something else.
      const good = new Set(vectors.filter((vector) => 'result' in vector).map(({ operation }) => operation));
      expect(vectors.map(({ operation }) => operation).filter((operation) => !good.has(operation))).toEqual([]);
    },
  );

  it('have receipts of every verdict, and each check passes, is skipped, and fails where it can', () => {
    const reports = cases
      .filter(({ format }) => format === 'receipt')
      .map((vector) => (vector as unknown as { readonly result: ReportVector }).result);
    expect([...new Set(reports.map(({ verdict }) => verdict))].sort()).toEqual(
      ['authentic', 'authorized', 'incomplete', 'invalid', 'refused'].sort(),
    );
    for (const id of singleFile.CHECK_IDS) {
      const statuses = new Set(reports.map(({ checks }) => checks.find((check) => check.id === id)?.status));
      // A quorum that is not reached is never a failure: cosignatures may still arrive.
      const all = id === 'witnesses' ? ['pass', 'skip'] : ['fail', 'pass', 'skip'];
      expect([id, ...[...statuses].sort()]).toEqual([id, ...all]);
    }
  });
});

type ReportVector = {
  readonly verdict: string;
  readonly checks: readonly { readonly id: string; readonly status: string }[];
};

describe('runVectors', () => {
  const good: VectorCase = { about: 'a', operation: 'parse', input: { text: '7' }, result: 7 };

  it('counts, and says what is other than expected', async () => {
    const wrong: VectorCase = { ...good, about: 'b', result: 8 };
    const refused: VectorCase = { ...good, about: 'c', input: { text: '07' } };
    const outcome = await runVectors(singleFile, [{ format: 'decimal', about: '', cases: [good, wrong, refused] }]);
    expect(outcome.cases).toBe(3);
    expect(outcome.mismatches).toEqual([
      { format: 'decimal', about: 'b', expected: '{"result":8}', actual: '{"result":7}' },
      { format: 'decimal', about: 'c', expected: '{"result":7}', actual: '{"code":"bad_value"}' },
    ]);
  });

  it('takes what a verifier throws for an answer, and an operation that there is not', async () => {
    expect(await runCase(singleFile, 'decimal', { ...good, input: {} })).toMatch(/^threw TypeError/);
    expect(await runCase(singleFile, 'decimal', { ...good, operation: 'guess' })).toMatch(/^no such operation/);
    expect(await runCase(singleFile, 'astrology', good)).toMatch(/^no such operation/);
  });
});

import { expect, it } from 'vitest';
import { countOf } from './count-of.ts';

it('counts one and many', () => {
  expect([0, 1, 2, 1_234].map((count) => countOf(count, 'entry'))).toEqual([
    '0 entries',
    '1 entry',
    '2 entries',
    '1,234 entries',
  ]);
  expect(['key', 'hash', 'witness', 'log'].map((noun) => countOf(2, noun))).toEqual([
    '2 keys',
    '2 hashes',
    '2 witnesses',
    '2 logs',
  ]);
});

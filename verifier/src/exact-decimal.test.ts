import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareExactDecimals, isExactDecimal } from './exact-decimal.ts';

const LONGEST = `${'9'.repeat(31)}.${'9'.repeat(18)}`;

describe('isExactDecimal', () => {
  it.each(['0', '-0', '1', '-1', '0.5', '-0.50', '100.00', '9007199254740993', LONGEST, `-${LONGEST}`])(
    'takes %s',
    (text) => {
      expect(isExactDecimal(text)).toBe(true);
    },
  );

  it.each([
    ...['', '-', '+1', '01', '-01', '1.', '.5', '1e3', '0x1', ' 1', '1 ', '1\n', '1,5', '1_000', '--1', 'NaN'],
    ...['Infinity', '١', `1${'0'.repeat(31)}`, `0.${'0'.repeat(19)}`],
  ])('refuses %j', (text) => {
    expect(isExactDecimal(text)).toBe(false);
    expect(compareExactDecimals(text, '1')).toBeUndefined();
    expect(compareExactDecimals('1', text)).toBeUndefined();
  });
});

describe('compareExactDecimals', () => {
  it.each([
    ['100', '100.00', 0],
    ['-0', '0', 0],
    ['-0.0', '0.000', 0],
    ['100.000000000000000001', '100', 1],
    ['9007199254740993', '9007199254740992', 1],
    ['0.1', '0.10000000000000001', -1],
    ['-2', '-1', -1],
    ['-0.5', '0.5', -1],
    ['9', '10', -1],
  ])('%s against %s', (a, b, order) => {
    expect(compareExactDecimals(a, b)).toBe(order);
    expect(compareExactDecimals(b, a)).toBe(order === 0 ? 0 : -order);
  });

  it('agrees with BigInt arithmetic on units of any size, however many zeros follow', () => {
    const units = fc.bigInt({ min: -(10n ** 49n) + 1n, max: 10n ** 49n - 1n });
    const near = units.chain((a) => fc.constantFrom(a, a + 1n, a - 1n, -a).map((b) => [a, b] as const));
    const pair = fc.oneof(near, fc.tuple(units, units), fc.tuple(fc.bigInt(-3n, 3n), fc.bigInt(-3n, 3n)));
    fc.assert(
      fc.property(pair, fc.boolean(), fc.boolean(), ([a, b], trimA, trimB) => {
        fc.pre(a < 10n ** 49n && b < 10n ** 49n && a > -(10n ** 49n) && b > -(10n ** 49n));
        const expected = a === b ? 0 : a < b ? -1 : 1;
        expect(compareExactDecimals(decimal(a, trimA), decimal(b, trimB))).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });
});

/** `units` of 10^-18 as a person might write them. */
function decimal(units: bigint, trim: boolean): string {
  const digits = String(units < 0n ? -units : units).padStart(19, '0');
  const written = `${units < 0n ? '-' : ''}${digits.slice(0, -18)}.${digits.slice(-18)}`;
  return trim ? written.replace(/\.?0+$/, '') : written;
}

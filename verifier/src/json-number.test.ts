import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactNumber } from './json-number.ts';

/** The decimal as a fraction of big integers: an independent way to say when two texts have one value. */
function fraction(token: string): { over: bigint; under: bigint } {
  const [, sign, whole = '', decimals = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const exponent = BigInt(power) - BigInt(decimals.length);
  const digits = BigInt(whole + decimals) * (sign === '-' ? -1n : 1n);
  return exponent >= 0n ? { over: digits * 10n ** exponent, under: 1n } : { over: digits, under: 10n ** -exponent };
}

function sameValue(a: string, b: string): boolean {
  const [x, y] = [fraction(a), fraction(b)];
  return x.over * y.under === y.over * x.under;
}

describe('exactNumber', () => {
  it.each([
    ['1.50', 1.5],
    ['1.0', 1],
    ['1e2', 100],
    ['1000e-3', 1],
    ['0.001E3', 1],
    ['10.50', 10.5],
    ['-2.500e-1', -0.25],
    ['0', 0],
    ['0e999999999999999999', 0],
    ['0.0', 0],
    ['100000000000000000000000', 1e23],
    ['5e-324', 5e-324],
    ['1.7976931348623157e308', Number.MAX_VALUE],
  ])('%s is %d', (token, value) => {
    expect(exactNumber(token)).toBe(value);
  });

  it.each([
    '-0',
    '-0.00',
    '-0e7',
    '1e309',
    '9007199254740993',
    '1.00000000000000000001',
    '4.9e-324',
    '2e-324',
    '0.30000000000000004441',
  ])('%s would change', (token) => {
    expect(exactNumber(token)).toBeUndefined();
  });

  it('agrees with exact arithmetic', () => {
    const digits = (maxLength: number) =>
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength }).map((all) => all.join(''));
    const token = fc
      .tuple(
        fc.constantFrom('', '-'),
        digits(20).map((text) => text.replace(/^0+(?=.)/, '')),
        fc.option(digits(20), { nil: undefined }),
        fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), digits(2)), { nil: undefined }),
      )
      .map(
        ([sign, whole, decimals, power]) =>
          `${sign}${whole}${decimals === undefined ? '' : `.${decimals}`}${power?.join('') ?? ''}`,
      );
    let exact = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          token,
          fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential(17)),
        ),
        (text) => {
          const value = Number(text);
          const keeps = !Object.is(value, -0) && sameValue(text, String(value));
          if (keeps) exact++;
          expect(exactNumber(text), text).toBe(keeps ? value : undefined);
        },
      ),
      { numRuns: 5000 },
    );
    expect(exact).toBeGreaterThan(100);
  });
});

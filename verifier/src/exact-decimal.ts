/**
 * Decimals in arguments and policies (formats.md §8): `-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,18})?`, compared exactly.
 *
 * Never as floating-point numbers: 0.1 + 0.2 is not 0.3 there, and `9007199254740993` would be no more than
 * `9007199254740992`. Nor is a decimal rewritten first: `100`, `100.0` and `100.00` are equal and stay as they are.
 */
const DECIMAL = /^(-?)(0|[1-9][0-9]{0,30})(?:\.([0-9]{1,18}))?$/;
const FRACTION_DIGITS = 18;

export function isExactDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. Undefined if one of them is no decimal. */
export function compareExactDecimals(a: string, b: string): number | undefined {
  const [left, right] = [scaled(a), scaled(b)];
  if (left === undefined || right === undefined) return undefined;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** In units of the last digit that a decimal can have. `-0` is 0. */
function scaled(text: string): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match;
  return BigInt(`${sign}${whole}${fraction.padEnd(FRACTION_DIGITS, '0')}`);
}

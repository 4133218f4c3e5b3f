/**
 * Numbers in JSON that keep their value.
 *
 * A JSON number becomes a double, and RFC 8785 prints the shortest decimal that names that double. Where the two decimals
 * differ in value (`9007199254740993` prints as 9007199254740992), what a person read is not what is signed.
 */

/** Takes a number token of RFC 8259 §6; undefined if it is minus zero or its value would change. `1.50` gives 1.5. */
export function exactNumber(token: string): number | undefined {
  const value = Number(token);
  const canonical = String(value);
  if (canonical === token) return value;
  if (!Number.isFinite(value) || Object.is(value, -0)) return undefined;
  const written = decimal(token);
  const kept = decimal(canonical);
  return written.digits === kept.digits && written.exponent === kept.exponent ? value : undefined;
}

/** The magnitude as digits · 10^exponent with no zero at either end of the digits: equal values have equal parts. */
function decimal(token: string): { digits: string; exponent: number } {
  const [mantissa = '', power = '0'] = token.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  // Loops and not /0+$/: that expression takes quadratic time on a long run of zeros that is not at the end.
  let start = 0;
  while (digits[start] === '0') start++;
  let end = digits.length;
  while (end > start && digits[end - 1] === '0') end--;
  if (start === end) return { digits: '', exponent: 0 };
  return {
    digits: digits.slice(start, end),
    exponent: Number(power) - fraction.length + digits.length - end,
  };
}

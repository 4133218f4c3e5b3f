/** Sizes and indexes as text: a canonical decimal of a non-negative safe integer (at most 2^53 − 1). */
import { fail, ok, type Result } from './result.ts';

const CANONICAL_DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/**
 * No sign, no leading zero, no white space: one number, one spelling. Fails with `bad_value`. Example: `"1207"` gives
 * 1207.
 */
export function parseDecimal(text: string): Result<number> {
  if (!CANONICAL_DECIMAL.test(text)) return fail('bad_value', 'not a canonical decimal number');
  const value = Number(text);
  if (!Number.isSafeInteger(value)) return fail('bad_value', 'the number is larger than 2^53 - 1');
  return ok(value);
}

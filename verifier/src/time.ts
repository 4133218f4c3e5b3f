/**
 * Times in our documents: RFC 3339 in UTC with exactly three decimals, such as `2026-04-03T17:00:00.000Z`.
 * One instant has one spelling, so that equal documents have equal bytes.
 */
import { fail, ok, type Result } from './result.ts';

const LEAP_DAY = '02-29';
const DAY = `(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31|${LEAP_DAY})`;
const SHAPE = new RegExp(`^[0-9]{4}-${DAY}T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}\\.[0-9]{3}Z$`);
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Milliseconds since 1970-01-01T00:00:00Z. Fails with `bad_time`; leap seconds (`:60`) are refused, as our clocks never
 * show one.
 */
export function parseTime(text: string): Result<number> {
  return isTimeText(text) ? ok(Date.parse(text)) : fail('bad_time', 'not a time such as 2026-04-03T17:00:00.000Z');
}

/** As {@link parseTime} takes it. Not by `Date.parse`, which moves 24:00:00, and in some engines 30 February, to the next day. */
export function isTimeText(text: string): boolean {
  // In a year without that day it becomes the 1st of March, or no day at all.
  return SHAPE.test(text) && (text.slice(5, 10) !== LEAP_DAY || new Date(text).getUTCDate() === 29);
}

/** Throws RangeError unless `ms` is an integer within the years 0000 to 9999. */
export function formatTime(ms: number): string {
  if (!Number.isInteger(ms) || ms < FIRST_MS || ms > LAST_MS) {
    throw new RangeError('ms: not whole milliseconds within the years 0000 to 9999');
  }
  return new Date(ms).toISOString();
}

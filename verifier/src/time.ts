/**
 * Times in our documents: RFC 3339 in UTC with exactly three decimals, such as `2026-04-03T17:00:00.000Z`.
 * One instant has one spelling, so that equal documents have equal bytes.
 */
import { fail, ok, type Result } from './result.ts';

const SHAPE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Milliseconds since 1970-01-01T00:00:00Z. Fails with `bad_time`; leap seconds (`:60`) are refused, as our clocks never
 * show one.
 */
export function parseTime(text: string): Result<number> {
  if (!SHAPE.test(text)) return fail('bad_time', 'a time is written as 2026-04-03T17:00:00.000Z');
  const ms = Date.parse(text);
  // Date.parse takes 24:00:00, and in some engines 30 February, and moves them to the next day: a real time formats back
  // to itself.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== text) return fail('bad_time', 'there is no such date or time');
  return ok(ms);
}

/** Throws RangeError unless `ms` is an integer within the years 0000 to 9999. */
export function formatTime(ms: number): string {
  if (!Number.isInteger(ms) || ms < FIRST_MS || ms > LAST_MS) {
    throw new RangeError('ms: not whole milliseconds within the years 0000 to 9999');
  }
  return new Date(ms).toISOString();
}

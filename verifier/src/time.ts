/**
 * Times in our documents: RFC 3339 in UTC with exactly three decimals, such as `2026-04-03T17:00:00.000Z`.
 * One instant has one spelling, so that equal documents have equal bytes.
 */
import { fail, ok, type Result } from './result.ts';

const SHAPE = '0000-00-00T00:00:00.000Z';
const LENGTH = SHAPE.length;
const ZERO = 0x30;
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAY_MS = 86_400_000;

/**
 * Milliseconds since 1970-01-01T00:00:00Z. Fails with `bad_time`; leap seconds (`:60`) are refused, as our clocks never
 * show one.
 *
 * Computed from the digits, as every record holds several times, and Date.parse takes 24:00:00, and in some engines 30 February, and
 * moves them to the next day.
 */
export function parseTime(text: string): Result<number> {
  if (!hasShape(text)) return fail('bad_time', 'a time is written as 2026-04-03T17:00:00.000Z');
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month < 1 || month > 12 ? 0 : DAYS_OF_MONTH[month - 1]! + (month === 2 && isLeap ? 1 : 0);
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59) {
    return fail('bad_time', 'there is no such date or time');
  }
  // The Gregorian calendar repeats itself every 400 years, of 146,097 days.
  const leapDays = Math.floor((year + 3) / 4) - Math.floor((year + 99) / 100) + Math.floor((year + 399) / 400);
  const dayOfYear = DAYS_BEFORE_MONTH[month - 1]! + (month > 2 && isLeap ? 1 : 0) + day - 1;
  const seconds = (hour * 60 + minute) * 60 + second;
  return ok(FIRST_MS + (year * 365 + leapDays + dayOfYear) * DAY_MS + seconds * 1000 + digits(text, 20, 3));
}

/** Whether it is digits and punctuation at the places of `0000-00-00T00:00:00.000Z`. */
function hasShape(text: string): boolean {
  if (text.length !== LENGTH) return false;
  for (let i = 0; i < LENGTH; i++) {
    const code = text.charCodeAt(i);
    const expected = SHAPE.charCodeAt(i);
    if (expected === ZERO ? code < ZERO || code > ZERO + 9 : code !== expected) return false;
  }
  return true;
}

function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) value = value * 10 + text.charCodeAt(i) - ZERO;
  return value;
}

/** Throws RangeError unless `ms` is an integer within the years 0000 to 9999. */
export function formatTime(ms: number): string {
  if (!Number.isInteger(ms) || ms < FIRST_MS || ms > LAST_MS) {
    throw new RangeError('ms: not whole milliseconds within the years 0000 to 9999');
  }
  return new Date(ms).toISOString();
}

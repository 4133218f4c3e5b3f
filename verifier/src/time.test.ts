import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from './time.ts';

describe('parseTime', () => {
  it.each([
    ['2026-04-03T17:00:00.000Z', 1775235600000],
    ['1970-01-01T00:00:00.000Z', 0],
    ['1969-12-31T23:59:59.999Z', -1],
    ['2024-02-29T23:59:59.999Z', 1709251199999],
    ['2000-02-29T00:00:00.000Z', 951782400000],
    ['0000-01-01T00:00:00.000Z', -62167219200000],
    ['9999-12-31T23:59:59.999Z', 253402300799999],
  ])('takes %s', (text, ms) => {
    expect(parseTime(text)).toEqual({ ok: true, value: ms });
    expect(formatTime(ms)).toBe(text);
  });

  it.each([
    ['a day that February has not', '2026-02-30T00:00:00.000Z'],
    ['29 February in a common year', '2026-02-29T00:00:00.000Z'],
    ['29 February in a century year', '2100-02-29T00:00:00.000Z'],
    ['31 April', '2026-04-31T00:00:00.000Z'],
    ['day 0', '2026-04-00T00:00:00.000Z'],
    ['day 32', '2026-01-32T00:00:00.000Z'],
    ['month 0', '2026-00-03T00:00:00.000Z'],
    ['month 13', '2026-13-03T00:00:00.000Z'],
    ['hour 24', '2026-04-03T24:00:00.000Z'],
    ['hour 25', '2026-04-03T25:00:00.000Z'],
    ['minute 60', '2026-04-03T17:60:00.000Z'],
    ['a leap second', '2016-12-31T23:59:60.000Z'],
    ['no fraction', '2026-04-03T17:00:00Z'],
    ['one decimal', '2026-04-03T17:00:00.0Z'],
    ['microseconds', '2026-04-03T17:00:00.000000Z'],
    ['a comma', '2026-04-03T17:00:00,000Z'],
    ['an offset of zero', '2026-04-03T17:00:00.000+00:00'],
    ['another offset', '2026-04-03T19:00:00.000+02:00'],
    ['no zone', '2026-04-03T17:00:00.000'],
    ['a small t', '2026-04-03t17:00:00.000Z'],
    ['a small z', '2026-04-03T17:00:00.000z'],
    ['a space', '2026-04-03 17:00:00.000Z'],
    ['space before', ' 2026-04-03T17:00:00.000Z'],
    ['a line feed after', '2026-04-03T17:00:00.000Z\n'],
    ['five digits of year', '12026-04-03T17:00:00.000Z'],
    ['an expanded year', '+002026-04-03T17:00:00.000Z'],
    ['a negative year', '-00001-04-03T17:00:00.000Z'],
    ['missing zeros', '2026-4-3T17:00:00.000Z'],
    ['a date alone', '2026-04-03'],
    ['milliseconds since the epoch', '1775235600000'],
    ['other digits', '２026-04-03T17:00:00.000Z'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(parseTime(text)).toMatchObject({ ok: false, code: 'bad_time' });
  });

  it('agrees with Date on every day from year 0 to 9999, and on the days that there are not', () => {
    const pad = (value: number, length = 2) => String(value).padStart(length, '0');
    for (let year = 0; year <= 9999; year += year % 100 > 4 && year % 100 < 95 ? 7 : 1) {
      for (let month = 0; month <= 13; month++) {
        for (const day of [0, 1, 28, 29, 30, 31, 32]) {
          const text = `${pad(year, 4)}-${pad(month)}-${pad(day)}T23:59:59.999Z`;
          const ms = Date.parse(text);
          const exists = !Number.isNaN(ms) && new Date(ms).toISOString() === text;
          const parsed = parseTime(text);
          if (exists ? !parsed.ok || parsed.value !== ms : parsed.ok) expect.fail(`${text}: ${JSON.stringify(parsed)}`);
        }
      }
    }
  });
});

describe('formatTime', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, -62167219200001, 253402300800000, 2 ** 53])(
    'throws on %d',
    (ms) => {
      expect(() => formatTime(ms)).toThrow(RangeError);
    },
  );

  it('is the inverse of parseTime over all years', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62167219200000, max: 253402300799999 }), (ms) => {
        expect(parseTime(formatTime(ms))).toEqual({ ok: true, value: ms });
      }),
    );
  });
});

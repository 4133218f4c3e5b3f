import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayOf } from './times.ts';

/** As in a sentence, in which no day is parted at the end of a line. */
const day = (time: string) => {
  expect(dayOf(time)).not.toContain(' 2026');
  return dayOf(time).replaceAll('\u00a0', ' ');
};

describe.each([
  ['UTC', '29 November 2026', '29 November 2026'],
  ['Asia/Tokyo', '30 November 2026 (29 November 2026 UTC)', '29 November 2026'],
  ['America/Los_Angeles', '29 November 2026', '28 November 2026 (29 November 2026 UTC)'],
])('the day of a time, read in %s', (zone, late, early) => {
  const before = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = zone;
  });
  afterAll(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });

  it('has the day of UTC beside it where that is another one', () => {
    expect([day('2026-11-29T23:30:00.000Z'), day('2026-11-29T03:30:00.000Z')]).toEqual([late, early]);
  });
});

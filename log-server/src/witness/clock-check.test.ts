import { describe, expect, it } from 'vitest';
import { clockSkew } from './clock-check.ts';

const NOW = 1_800_000_000_000;
/** How far each witness's clock is ahead, in seconds, and how many minutes ago it answered. */
const skewOf = (ahead: readonly number[], minutesAgo = 0): number | undefined => {
  const arrivedAt = NOW - minutesAgo * 60_000;
  return clockSkew(
    ahead.map((seconds) => ({ time: arrivedAt + seconds * 1000, arrivedAt })),
    NOW,
  );
};

describe('clockSkew', () => {
  it('is the median of at least three, beyond a minute', () => {
    expect(skewOf([61, 61, 61])).toBe(61_000);
    expect(skewOf([-61, -61, -61])).toBe(-61_000);
    expect(skewOf([0, 70, 90])).toBe(70_000);
    expect(skewOf([0, 60, 80, 90])).toBe(70_000);
  });

  it('is nothing up to a minute, for fewer than three, or when most say otherwise', () => {
    expect(skewOf([60, 60, 60])).toBeUndefined();
    expect(skewOf([-60, -60, -60])).toBeUndefined();
    expect(skewOf([1000, 1000])).toBeUndefined();
    expect(skewOf([])).toBeUndefined();
    expect(skewOf([1000, 0, -1000])).toBeUndefined();
    expect(skewOf([1000, 0, 0])).toBeUndefined();
  });

  it('counts what came within the last ten minutes', () => {
    expect(skewOf([90, 90, 90], 10)).toBe(90_000);
    expect(skewOf([90, 90, 90], 10.01)).toBeUndefined();
  });
});

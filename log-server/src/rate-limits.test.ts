import { beforeEach, describe, expect, it } from 'vitest';
import { RateLimits } from './rate-limits.ts';

describe('RateLimits', () => {
  const rate = { perSecond: 2, burst: 5 };
  let now: number;
  let limits: RateLimits;
  beforeEach(() => {
    now = 1_000;
    limits = new RateLimits(() => now);
  });

  it('gives the burst at once, and says when there is enough again', () => {
    expect(limits.take('a', 5, rate)).toBe(0);
    expect(limits.take('a', 1, rate)).toBe(1);
    expect(limits.take('a', 4, rate)).toBe(2);
    now += 499;
    expect(limits.take('a', 1, rate)).toBe(1);
    now += 1;
    expect(limits.take('a', 1, rate)).toBe(0);
    expect(limits.take('a', 1, rate)).toBe(1);
  });

  it('keeps its word: after the seconds that it named, the tokens are there', () => {
    const slow = { perSecond: 0.3, burst: 4 };
    expect(limits.take('a', 4, slow)).toBe(0);
    const seconds = limits.take('a', 3, slow);
    expect(seconds).toBe(10);
    now += seconds * 1_000;
    expect(limits.take('a', 3, slow)).toBe(0);
  });

  it('takes nothing when it refuses, and never holds more than the burst', () => {
    limits.take('a', 3, rate);
    expect(limits.take('a', 3, rate)).toBe(1);
    expect(limits.take('a', 2, rate)).toBe(0);
    now += 3_600_000;
    expect(limits.take('a', 5, rate)).toBe(0);
    expect(limits.take('a', 1, rate)).toBe(1);
  });

  it('tells the wait without taking anything', () => {
    expect(limits.wait('a', 5, rate)).toBe(0);
    expect(limits.take('a', 5, rate)).toBe(0);
    expect(limits.wait('a', 1, rate)).toBe(1);
    expect(limits.wait('a', 5, rate)).toBe(3);
    expect(limits.wait('a', 6, rate)).toBe(Number.POSITIVE_INFINITY);
  });

  it('says that more than the burst can never be had', () => {
    expect(limits.take('a', 6, rate)).toBe(Number.POSITIVE_INFINITY);
    expect(limits.take('a', 5, rate)).toBe(0);
  });

  it('keeps callers apart, and follows a rate that was changed', () => {
    limits.take('a', 5, rate);
    expect(limits.take('b', 5, rate)).toBe(0);
    now += 1_000;
    expect(limits.take('a', 10, { perSecond: 10, burst: 20 })).toBe(0);
    expect(limits.take('b', 3, { perSecond: 1, burst: 3 })).toBe(2);
  });

  it('forgets the caller that rested longest, not the one that is busy', () => {
    const small = new RateLimits(() => now, 2);
    small.take('rests', 5, rate);
    small.take('busy', 5, rate);
    small.take('new', 1, rate);
    expect(small.take('busy', 1, rate)).toBe(1);
    expect(small.take('rests', 5, rate)).toBe(0);
  });
});

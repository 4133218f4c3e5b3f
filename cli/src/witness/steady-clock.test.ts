import { describe, expect, it } from 'vitest';
import { steadyClock } from './steady-clock.ts';

const START = 1_700_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A clock that is `ahead` of the time that goes by. */
function testClock(): { read: () => number | undefined; pass(ms: number): void; leap(ms: number): void } {
  let passed = 0;
  let ahead = 0;
  const read = steadyClock(
    () => START + passed + ahead,
    () => 5000 + passed,
  );
  return {
    read,
    pass(ms) {
      passed += ms;
    },
    leap(ms) {
      ahead += ms;
    },
  };
}

describe('a steady clock', () => {
  it('is the clock, however long nobody asks it', () => {
    const { read, pass } = testClock();
    expect(read()).toBe(START);
    pass(100 * HOUR);
    expect(read()).toBe(START + 100 * HOUR);
  });

  it('takes corrections, and what a clock gains in days', () => {
    const { read, pass, leap } = testClock();
    leap(MINUTE);
    expect(read()).toBe(START + MINUTE);
    leap(MINUTE);
    expect(read()).toBe(START + 2 * MINUTE);
    pass(100 * HOUR);
    leap(7 * MINUTE - 1);
    expect(read()).toBeDefined();
  });

  it('is not believed after a leap, and is again once that was taken back', () => {
    const { read, pass, leap } = testClock();
    leap(HOUR);
    expect(read()).toBeUndefined();
    pass(9 * MINUTE);
    expect(read()).toBeUndefined();
    leap(-HOUR);
    expect(read()).toBe(START + 9 * MINUTE);
    leap(HOUR);
    expect(read()).toBeUndefined();
  });

  it('is believed when a leap lasts, as after a sleep', () => {
    const { read, pass, leap } = testClock();
    leap(HOUR);
    expect(read()).toBeUndefined();
    pass(10 * MINUTE - 1);
    expect(read()).toBeUndefined();
    pass(1);
    expect(read()).toBe(START + HOUR + 10 * MINUTE);
    expect(read()).toBeDefined();
  });

  it('counts anew when it leaps on', () => {
    const { read, pass, leap } = testClock();
    leap(HOUR);
    read();
    pass(9 * MINUTE);
    leap(HOUR);
    expect(read()).toBeUndefined();
    pass(9 * MINUTE);
    expect(read()).toBeUndefined();
    pass(MINUTE);
    expect(read()).toBeDefined();
  });

  it('follows a clock that goes back', () => {
    const { read, leap } = testClock();
    leap(-HOUR);
    expect(read()).toBe(START - HOUR);
    leap(HOUR);
    expect(read()).toBeUndefined();
  });
});

import { createApproval, createServiceKey } from '@assent/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Growth, STEPS } from '../src/growth.ts';
import { sizesAt } from '../src/store/heads.ts';
import { createLogHome, ORIGIN, type TestLogHome } from './support/test-log.ts';

const DAY = 86_400_000;
const BEGAN = Date.UTC(2026, 3, 3);

describe('how the log grew', () => {
  let home: TestLogHome;
  let now = BEGAN;
  let opened: Awaited<ReturnType<TestLogHome['open']>>;
  /** What was told after each append: when, and how large the log then was. */
  const appended: { at: number; size: number }[] = [];

  beforeAll(async () => {
    home = await createLogHome();
    opened = await home.open({ now: () => now });
    const serviceKey = createServiceKey();
    for (const days of [1, 1.5, 9, 9.25, 9.5, 30, 36, 39.9, 40]) {
      now = BEGAN + days * DAY;
      const { envelope } = createApproval({ origin: ORIGIN, serviceKey, now });
      await opened.log.append({ kind: 'approval', content: envelope }, { services: ['*'] });
      appended.push({ at: now, size: appended.length + 1 });
    }
  });
  afterAll(() => home.remove());

  const sizeAt = (time: number): number => appended.findLast(({ at }) => at <= time)?.size ?? 0;

  it('is told by its own heads, at any time', async () => {
    const { seq } = await opened.log.head();
    const times = [BEGAN - DAY, BEGAN, ...appended.flatMap(({ at }) => [at - 1, at, at + 1]), BEGAN + 400 * DAY];
    expect(await sizesAt(opened.database.kysely, times, seq)).toEqual(times.map(sizeAt));
    // Up to a head that is not the newest, as for one that is not signed yet.
    expect(await sizesAt(opened.database.kysely, [BEGAN + 400 * DAY], seq - 2)).toEqual([7]);
    await expect(sizesAt(opened.database.kysely, times, seq + 10_000)).rejects.toThrow('gap');
  });

  it('is shown at even steps, and for the last day and week', async () => {
    const growth: Growth = await opened.log.growth();
    const until = BEGAN + 40 * DAY;
    expect(growth).toMatchObject({ began: BEGAN, until, lastDay: 2, lastWeek: 3 });
    expect(growth.sizes).toEqual(
      Array.from({ length: STEPS + 1 }, (_, step) => sizeAt(Math.round(BEGAN + (40 * DAY * step) / STEPS))),
    );
    // Whoever asks at the same time gets the same reading.
    expect(await opened.log.growth()).toBe(growth);
  });
});

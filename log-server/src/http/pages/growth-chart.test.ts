import { describe, expect, it } from 'vitest';
import { axisTop, curve, growthChart } from './growth-chart.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const began = Date.UTC(2026, 3, 3);

describe('growthChart', () => {
  it('draws each size where it belongs, and says the same in words', async () => {
    const chart = String(
      await growthChart({ began, until: began + 30 * DAY, sizes: [0, 5, 5, 1_500], lastDay: 40, lastWeek: 1_495 }),
    );
    expect(chart).toContain('d="M0 120L200 119.7L400 119.7L600 30"');
    expect(chart).toContain('<li>2,000</li>');
    expect(chart).toContain('<li>1,000</li>');
    expect(chart).toContain('From 3 April 2026 to 3 May 2026 this log grew to 1,500 entries.');
    expect(chart).toContain('1,495 entries in the last seven days, 40 of them in the last 24 hours.');
    expect(chart).not.toMatch(/\sstyle=/);
  });

  it('does not say the same number twice', async () => {
    const growth = { began, until: began + 30 * DAY, sizes: [0, 5], lastDay: 5, lastWeek: 5 };
    expect(String(await growthChart(growth))).toContain(
      '5 entries in the last seven days, all of them in the last 24 hours.',
    );
  });

  it('tells the hours of a young log, and draws nothing of one that has no past yet', async () => {
    const young = await growthChart({ began, until: began + HOUR, sizes: [0, 3], lastDay: 3, lastWeek: 3 });
    expect(String(young)).toContain(
      'From 3 Apr, 00:00 UTC to 3 Apr, 01:00 UTC this log grew to 3 entries. 3 entries in the last 24 hours.',
    );
    const empty = await growthChart({ began, until: began + DAY, sizes: [0, 0], lastDay: 0, lastWeek: 0 });
    expect(String(empty)).toBe('');
    const few = await growthChart({ began, until: began + DAY, sizes: [0, 2], lastDay: 2, lastWeek: 2 });
    expect(String(few)).toBe('');
    const short = await growthChart({ began, until: began + HOUR - 1, sizes: [0, 3], lastDay: 3, lastWeek: 3 });
    expect(String(short)).toBe('');
  });
});

it.each([
  [1, 2],
  [2, 2],
  [3, 4],
  [10, 10],
  [11, 20],
  [99_999, 100_000],
  [100_001, 200_000],
])('an axis for %i ends at %i', (size, top) => {
  expect(axisTop(size)).toBe(top);
});

it('gives a log of one head one point', () => {
  expect(curve([2], 2)).toBe('0 0');
});

import { describe, expect, it } from 'vitest';
import { Growth } from './growth.ts';

describe('Growth', () => {
  it('keeps a bounded number of points, and every entry and failure in them', () => {
    const growth = new Growth();
    for (let i = 0; i < 10_000; i++) growth.add({ time: i, entries: 256, failures: i % 100 === 0 ? 1 : 0 });
    growth.add({ time: 10_000, entries: 3, failures: 0 });
    expect(growth.points.length).toBeLessThanOrEqual(512);
    expect(growth.points.reduce((sum, { entries }) => sum + entries, 0)).toBe(2_560_003);
    expect(growth.points.reduce((sum, { failures }) => sum + failures, 0)).toBe(100);
    expect(growth.points.at(-1)!.time).toBe(10_000);
    const times = growth.points.map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('puts a failure that is found later where its entry is, also after going on', () => {
    const growth = new Growth();
    for (let i = 0; i < 700; i++) growth.add({ time: i, entries: 256, failures: 0 });
    const again = new Growth(growth.width, growth.points);
    for (let i = 700; i < 1500; i++) again.add({ time: i, entries: 256, failures: 0 });
    const index = 1000 * 256 + 5;
    again.addFailure(index);
    const place = again.points.findIndex(({ failures }) => failures === 1);
    const before = again.points.slice(0, place).reduce((sum, { entries }) => sum + entries, 0);
    expect(before).toBeLessThanOrEqual(index);
    expect(before + again.points[place]!.entries).toBeGreaterThan(index);
  });

  it('keeps the last time that is known', () => {
    const growth = new Growth(512);
    growth.add({ time: 5, entries: 256, failures: 0 });
    growth.add({ time: -1, entries: 256, failures: 0 });
    expect(growth.points).toEqual([{ time: 5, entries: 512, failures: 0 }]);
  });
});

import { describe, expect, it } from 'vitest';
import { parseMoment } from './moment.ts';

const from = Date.parse('2026-04-03T17:00:00.000Z');

describe('parseMoment', () => {
  it.each([
    ['2026-04-03T17:00:00.000Z', '2026-04-03T17:00:00.000Z'],
    ['2026-04-03T17:00:00Z', '2026-04-03T17:00:00.000Z'],
    ['+90d', '2026-07-02T17:00:00.000Z'],
    ['+12h', '2026-04-04T05:00:00.000Z'],
    ['+30m', '2026-04-03T17:30:00.000Z'],
  ])('takes %s', (text, time) => {
    expect(parseMoment(text, '--at', from)).toBe(time);
  });

  it('takes now', () => {
    const before = Date.now();
    const now = Date.parse(parseMoment('now', '--at', from));
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it.each(['', 'tomorrow', '+0d', '+1w', '-1d', '+01h', '2026-04-03', '2026-02-30T00:00:00Z', '+1234567d'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseMoment(text, '--at', from)).toThrow('--at takes "now"');
    },
  );
});

import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from './retry.ts';

describe('parseRetryAfter', () => {
  it('reads seconds and HTTP dates', () => {
    expect(parseRetryAfter('0')).toBe(0);
    expect(parseRetryAfter('120')).toBe(120_000);
    const now = Date.parse('2026-04-03T17:00:00Z');
    expect(parseRetryAfter('Fri, 03 Apr 2026 17:00:05 GMT', now)).toBe(5000);
    expect(parseRetryAfter('Fri, 03 Apr 2026 16:00:00 GMT', now)).toBe(0);
  });

  it.each([null, '', '-5', '1.5', 'soon', '1e9', '99999999999', '\u001b[2J'])('ignores %j', (value) => {
    expect(parseRetryAfter(value)).toBeUndefined();
  });
});

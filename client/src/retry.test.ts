import { describe, expect, it } from 'vitest';
import { isTransient, parseRetryAfter, pause, pauseAfter } from './retry.ts';

describe('pauseAfter', () => {
  it('doubles its bound up to five seconds, and takes a random part of it', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7, 20].map((attempt) => pauseAfter(attempt, undefined, () => 1));
    expect(bounds).toEqual([200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    expect(pauseAfter(3, undefined, () => 0.5)).toBe(400);
  });

  it('is what the log asked for, where it did', () => {
    expect(pauseAfter(1, 7_000)).toBe(7_000);
    expect(pauseAfter(9, 0)).toBe(0);
  });
});

describe('parseRetryAfter', () => {
  it('reads seconds and HTTP dates', () => {
    expect(parseRetryAfter('0')).toBe(0);
    expect(parseRetryAfter('120')).toBe(120_000);
    const now = Date.parse('2026-04-03T17:00:00Z');
    expect(parseRetryAfter('Fri, 03 Apr 2026 17:00:05 GMT', now)).toBe(5000);
    expect(parseRetryAfter('Fri, 03 Apr 2026 16:00:00 GMT', now)).toBe(0);
  });

  it.each([null, '', '-5', '1.5', 'soon', '1e9', '99999999999'])('ignores %j', (value) => {
    expect(parseRetryAfter(value)).toBeUndefined();
  });
});

describe('isTransient', () => {
  it.each([429, 500, 502, 503, 504])('%i may pass', (status) => expect(isTransient(status)).toBe(true));
  it.each([200, 301, 400, 401, 403, 404, 409, 410, 413, 422, 451, 501])('%i will not', (status) =>
    expect(isTransient(status)).toBe(false),
  );
});

describe('pause', () => {
  it('ends when it is told to', async () => {
    const abort = new AbortController();
    const paused = pause(60_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(paused).rejects.toThrow('enough');
    await expect(pause(60_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });
});

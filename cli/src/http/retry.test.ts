import { describe, expect, it } from 'vitest';
import { CommandFailure, type FailureKind } from '../failure.ts';
import type { HttpAnswer } from './request.ts';
import { Calm, parseRetryAfter, type RetryOptions, withRetries } from './retry.ts';

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

describe('withRetries', () => {
  const answer = (status: number, retryAfter: string | null = '0'): HttpAnswer => {
    const url = new URL('http://log.example.com/');
    return { url, status, statusText: '', mediaType: '', retryAfter, date: null, body: new Uint8Array(0) };
  };

  /** Sends these outcomes one after the other; how the last one ended, and how many were sent. */
  async function send(outcomes: readonly (HttpAnswer | FailureKind)[], options: RetryOptions = {}) {
    let sent = 0;
    const outcome = await withRetries(async () => {
      const next = outcomes[sent++];
      if (typeof next === 'string') throw new CommandFailure(next, next);
      return next!;
    }, options).then(
      ({ status }) => status,
      (error: CommandFailure) => error.kind,
    );
    return [outcome, sent];
  }

  it('sends again what may be answered in a moment, and nothing else', async () => {
    expect(await send([answer(503), answer(429), answer(200)])).toEqual([200, 3]);
    expect(await send([answer(404), answer(200)])).toEqual([404, 1]);
    expect(await send(['redirect', answer(200)])).toEqual(['redirect', 1]);
    expect(await send(['timeout', answer(200)])).toEqual(['timeout', 1]);
  });

  it('gives up after so many, and where it would have to wait too long', async () => {
    expect(await send([answer(503), answer(503), answer(503), answer(200)])).toEqual([503, 3]);
    expect(await send([answer(503), answer(200)], { attempts: 1 })).toEqual([503, 1]);
    expect(await send([answer(503, '21'), answer(200)])).toEqual([503, 1]);
  });

  it('leaves a host alone with all requests while that wants to be, and stops when it is told to', async () => {
    const calm = new Calm();
    const stop = new AbortController();
    calm.pause(60_000, 'it is busy');
    const waiting = send([answer(200)], { calm, signal: stop.signal });
    stop.abort(new CommandFailure('interrupted', 'enough'));
    expect(await waiting).toEqual(['interrupted', 0]);
  });
});

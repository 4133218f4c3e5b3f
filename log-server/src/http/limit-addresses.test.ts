import { Hono } from 'hono';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Problem } from '../problems.ts';
import { callerAddresses } from './caller-address.ts';
import { type AddressLimits, limitAddresses } from './limit-addresses.ts';
import { problemResponse } from './problem-response.ts';

const LOG = pino({ level: 'silent' });
const OFF: AddressLimits = { reads: undefined, failedAuthentications: undefined };
const DIRECT = callerAddresses([], LOG);

type Ask = (path: string, from: string, init?: RequestInit & { headers?: Record<string, string> }) => Promise<Response>;

function appWith(limits: Partial<AddressLimits>, caller = DIRECT): Ask {
  const app = new Hono();
  app.onError((error, c) => problemResponse(error, c, LOG));
  const limiter = limitAddresses({ ...OFF, ...limits }, caller);
  if (limiter !== undefined) app.use(limiter);
  app.get('*', (c) => {
    if (c.req.header('authorization') === 'wrong') throw new Problem('unauthenticated', 'wrong');
    return c.text('read');
  });
  app.post('*', (c) => {
    if (c.req.header('authorization') !== 'right') throw new Problem('unauthenticated', 'wrong');
    return c.text('appended');
  });
  return async (path, from, init) => app.request(path, init, { incoming: { socket: { remoteAddress: from } } });
}

const slow = { perSecond: 0.001, burst: 3 };
const wrong = { method: 'POST', headers: { authorization: 'wrong' } };
const right = { method: 'POST', headers: { authorization: 'right' } };

async function statuses(answers: Promise<Response>[]): Promise<number[]> {
  return (await Promise.all(answers)).map(({ status }) => status);
}

describe('limitAddresses', () => {
  it('is nothing at all when nothing is limited', () => {
    expect(limitAddresses(OFF, DIRECT)).toBeUndefined();
  });

  it('limits the reads of one address, and says when to go on', async () => {
    const ask = appWith({ reads: slow });
    expect(await statuses([1, 2, 3, 4].map(() => ask('/checkpoint', '198.51.100.1')))).toEqual([200, 200, 200, 429]);
    const refused = await ask('/checkpoint', '198.51.100.1', { method: 'HEAD' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(900);
    const problem = await (await ask('/', '198.51.100.1')).json();
    expect(problem).toMatchObject({ code: 'rate_limited', status: 429 });
    expect((await ask('/checkpoint', '198.51.100.2')).status).toBe(200);
    expect((await ask('/checkpoint', '198.51.100.1', right)).status).toBe(200);
  });

  it('never refuses those who watch over the log', async () => {
    const ask = appWith({ reads: slow });
    for (const path of ['/livez', '/healthz', '/readyz?verbose', '/metrics']) {
      expect(await statuses([1, 2, 3, 4, 5].map(() => ask(path, '198.51.100.1'))), path).not.toContain(429);
    }
  });

  it('counts the /64 of an IPv6 address', async () => {
    const ask = appWith({ reads: slow });
    const answers = [1, 2, 3, 4].map((host) => ask('/', `2001:db8:1:2::${host}`));
    expect(await statuses(answers)).toEqual([200, 200, 200, 429]);
    expect((await ask('/', '2001:db8:1:3::1')).status).toBe(200);
  });

  it('is not deceived by a forged X-Forwarded-For', async () => {
    const ask = appWith({ reads: slow }, callerAddresses(['loopback'], LOG));
    const forged = (n: number, from: string, last = '') =>
      ask('/', from, { headers: { 'x-forwarded-for': `203.0.113.${n}${last}` } });
    expect(await statuses([1, 2, 3, 4].map((n) => forged(n, '198.51.100.1')))).toEqual([200, 200, 200, 429]);
    const through = [1, 2, 3, 4].map((n) => forged(n, '127.0.0.1', ', 198.51.100.9'));
    expect(await statuses(through)).toEqual([200, 200, 200, 429]);
    expect((await forged(1, '127.0.0.1', ', 198.51.100.10')).status).toBe(200);
  });

  it('turns an address away that keeps sending wrong keys, before its key is looked at', async () => {
    const ask = appWith({ failedAuthentications: slow });
    expect(await statuses([1, 2, 3].map(() => ask('/', '198.51.100.1', wrong)))).toEqual([401, 401, 401]);
    expect((await ask('/', '198.51.100.1', right)).status).toBe(429);
    expect((await ask('/', '198.51.100.2', right)).status).toBe(200);
    expect((await ask('/', '198.51.100.1')).status).toBe(200);
  });

  it('counts wrong keys of those who read, too', async () => {
    const ask = appWith({ failedAuthentications: slow });
    const read = { headers: { authorization: 'wrong' } };
    expect(await statuses([1, 2, 3].map(() => ask('/', '198.51.100.1', read)))).toEqual([401, 401, 401]);
    expect((await ask('/', '198.51.100.1', read)).status).toBe(429);
    expect((await ask('/', '198.51.100.1')).status).toBe(200);
  });

  it('does not count requests with the right key', async () => {
    const ask = appWith({ failedAuthentications: slow });
    expect(new Set(await statuses(Array.from({ length: 20 }, () => ask('/', '198.51.100.1', right))))).toEqual(
      new Set([200]),
    );
  });

  it('does not limit a caller without an address', async () => {
    const app = new Hono();
    app.use(limitAddresses({ ...OFF, reads: slow }, DIRECT)!);
    app.get('*', (c) => c.text('read'));
    for (let i = 0; i < 10; i++) expect((await app.request('/')).status).toBe(200);
  });
});

import { serve } from '@hono/node-server';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeys } from '../src/api-keys.ts';
import { createApp } from '../src/http/app.ts';
import { Problem } from '../src/problems.ts';
import { appendTogether, rawApproval } from './support/append-together.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const EXPOSED = 'ETag, Location, Retry-After, X-Request-Id';
/** The client ends its connection after HEAD. */
const OF_THE_CONNECTION = ['connection', 'date', 'keep-alive'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const READS = [
  '/checkpoint',
  '/tile/0/000.p/2',
  '/tile/entries/000.p/2',
  '/api/v1/log',
  '/api/v1/entries/0',
  '/api/v1/receipts/0',
  '/api/v1/receipts/0?size=2',
  '/api/v1/proofs/inclusion?index=0',
  '/api/v1/proofs/consistency?from=0',
  '/livez',
  '/openapi.json',
];

describe('what holds for every request', () => {
  let test: TestApp;
  let server: ReturnType<typeof serve>;
  let base: string;

  beforeAll(async () => {
    test = await createTestApp();
    await appendTogether(test.parts.sequencer, [rawApproval(), rawApproval()]);
    server = serve({ fetch: test.app.fetch, port: 0, hostname: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await test.remove();
  });

  it.each(READS)('HEAD %s: the headers of GET, its length, and no body', async (path) => {
    const headers = { 'accept-encoding': 'identity', 'x-request-id': 'the-same' };
    const get = await fetch(base + path, { headers });
    const head = await fetch(base + path, { headers, method: 'HEAD' });
    const body = await get.arrayBuffer();
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    expect(head.headers.get('content-length')).toBe(String(body.byteLength));
    const compared = ({ headers }: Response) => [...headers].filter(([name]) => !OF_THE_CONNECTION.includes(name));
    expect([head.status, ...compared(head)]).toEqual([get.status, ...compared(get)]);
  });

  it.each([
    ['/api/v1/entries/9', 404],
    ['/nothing', 404],
    ['/api/v1/consumptions', 405],
    ['/api/v1/entries/batch', 405],
  ])('HEAD %s is %i, as long as the problem of GET', async (path, status) => {
    const headers = { 'x-request-id': 'the-same' };
    const get = await fetch(base + path, { headers });
    const head = await fetch(base + path, { headers, method: 'HEAD' });
    expect([get.status, head.status]).toEqual([status, status]);
    expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength));
  });

  it('lets every site read, and see the headers that a client needs', async () => {
    for (const path of [...READS, '/nothing', '/api/v1/entries/9']) {
      const { headers } = await test.app.request(path, { headers: { origin: 'https://elsewhere.example' } });
      expect(headers.get('access-control-allow-origin'), path).toBe('*');
      expect(headers.get('access-control-expose-headers'), path).toBe(EXPOSED);
      expect(headers.get('access-control-allow-credentials'), path).toBeNull();
    }
  });

  it.each(['GET', 'HEAD'])('answers a preflight for %s', async (asked) => {
    const response = await test.app.request('/api/v1/receipts/a.example/b', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://elsewhere.example',
        'access-control-request-method': asked,
        'access-control-request-headers': 'last-event-id',
      },
    });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'Accept, If-None-Match, Last-Event-ID, X-Request-Id',
      'access-control-max-age': '86400',
    });
  });

  it.each([
    ['POST', '/api/v1/entries'],
    ['POST', '/checkpoint'],
    ['DELETE', '/api/v1/entries/0'],
    [undefined, '/checkpoint'],
  ])('gives no permission to a preflight for %s %s', async (asked, path) => {
    const headers = { origin: 'https://elsewhere.example', ...(asked && { 'access-control-request-method': asked }) };
    const response = await test.app.request(path, { method: 'OPTIONS', headers });
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('gives no permission with an answer to POST', async () => {
    const response = await test.post({ kind: 'approval' }, { origin: 'https://elsewhere.example' });
    expect(response.status).toBe(400);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each(['a', 'trace.1_2-3', 'x'.repeat(64)])('keeps the request id %s', async (id) => {
    const response = await test.app.request('/api/v1/entries/9', { headers: { 'x-request-id': id } });
    expect(response.headers.get('x-request-id')).toBe(id);
    expect(await response.json()).toMatchObject({ code: 'not_found', instance: `urn:assent:request:${id}` });
  });

  it.each(['', 'x'.repeat(65), 'a b', 'a"b', 'a,b', 'é'])('replaces the request id %j', async (id) => {
    const response = await test.app.request('/livez', { headers: { 'x-request-id': id } });
    expect(response.headers.get('x-request-id')).toMatch(UUID);
  });

  it('gives every answer an id of its own, also where nothing is', async () => {
    const ids = new Set<string | null>();
    for (const path of [...READS, '/nothing']) ids.add((await test.app.request(path)).headers.get('x-request-id'));
    expect(ids.size).toBe(READS.length + 1);
    for (const id of ids) expect(id).toMatch(UUID);
  });

  it('names the request in the log line of a failure', async () => {
    const lines: string[] = [];
    const app = createApp({
      log: { ...test.log, head: () => Promise.reject(new Problem('internal', 'planned')) } as never,
      apiKeys: new ApiKeys({} as never),
      health: {},
      logger: pino({ level: 'error' }, { write: (line: string) => void lines.push(line) }),
    });
    const response = await app.request('/checkpoint', { headers: { 'x-request-id': 'find-me' } });
    expect(await response.json()).toMatchObject({ instance: 'urn:assent:request:find-me' });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ requestId: 'find-me', path: '/checkpoint' }]);
  });
});

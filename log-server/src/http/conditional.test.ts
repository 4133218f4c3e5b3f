import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { etagOf, isFresh, tagged } from './conditional.ts';

const app = new Hono();
const headers = { 'Cache-Control': 'no-cache', 'Content-Type': 'text/plain', Vary: 'Accept' };
const etag = etagOf('the body é');
app.get('/', (c) => tagged(c, 'the body é', { ETag: etag, ...headers }));
app.get('/fresh', (c) => c.text(String(isFresh(c, '"a,b"'))));

const get = (ifNoneMatch?: string, method = 'GET') =>
  app.request('/', { method, headers: ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch } });

describe('tagged', () => {
  it('sends the body with its tag', async () => {
    const response = await get();
    expect([response.status, await response.text()]).toEqual([200, 'the body é']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag,
      'cache-control': 'no-cache',
      'content-type': 'text/plain',
      vary: 'Accept',
    });
  });

  it('answers HEAD with the same header fields and the length', async () => {
    const response = await get(undefined, 'HEAD');
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag,
      'content-type': 'text/plain',
      'content-length': '11',
    });
  });

  it.each(['GET', 'HEAD'])('%s: 304 with what a cache keeps, and no body', async (method) => {
    const response = await get(etag, method);
    expect([response.status, await response.text()]).toEqual([304, '']);
    expect(Object.fromEntries(response.headers)).toMatchObject({ etag, 'cache-control': 'no-cache', vary: 'Accept' });
    expect(response.headers.has('content-type')).toBe(false);
  });

  it.each([
    ['*', 304],
    [' * ', 304],
    [`W/${etag}`, 304],
    [`"other", ${etag}`, 304],
    [`"other",W/"more"\t, W/${etag} `, 304],
    ['"other"', 200],
    [etag.slice(1, -1), 200],
    [`${etag}x`, 200],
    [`w/${etag}`, 200],
    [`"a ${etag}`, 200],
    ['', 200],
  ])('If-None-Match: %s gives %i', async (header, status) => {
    expect((await get(header)).status).toBe(status);
  });
});

describe('a tag', () => {
  it('differs with the bytes and with the suffix', () => {
    expect(etagOf('a')).toMatch(/^"[A-Za-z0-9_-]{22}"$/);
    expect(etagOf('a')).toBe(etagOf(Uint8Array.of(0x61)));
    expect(etagOf('a')).not.toBe(etagOf('b'));
    expect(etagOf('a', '-gzip')).toBe(`${etagOf('a').slice(0, -1)}-gzip"`);
  });

  it('may hold a comma', async () => {
    const response = await app.request('/fresh', { headers: { 'if-none-match': '"x","a,b"' } });
    expect(await response.text()).toBe('true');
    const parts = await app.request('/fresh', { headers: { 'if-none-match': '"a", "b"' } });
    expect(await parts.text()).toBe('false');
  });
});

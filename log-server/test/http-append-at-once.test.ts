import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApproval, createServiceKey } from '@assent/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKeyText } from '../src/api-key-text.ts';
import { ApiKeys } from '../src/api-keys.ts';
import { createApp } from '../src/http/app.ts';
import { appendAtOnce } from '../src/http/append-at-once.ts';
import { countGuesses } from '../src/http/limit-addresses.ts';
import { Observer } from '../src/http/observe.ts';
import { MAX_BYTES_ARRIVING } from '../src/http/read-body.ts';
import { requestListener } from '../src/http/unreadable.ts';
import { createTestApp, SERVICE, type TestApp } from './support/test-app.ts';
import { ORIGIN, silent } from './support/test-log.ts';

type Sent = { readonly headers?: Record<string, string | string[]>; readonly body?: string; readonly path?: string };
type Got = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

const GUESSES = { perSecond: 0.001, burst: 3 };

let test: TestApp;
let server: Server;
/** How many requests were taken at once, and how many by the interface behind. */
let atOnce = 0;
let others = 0;
let rated: string;

beforeAll(async () => {
  test = await createTestApp();
  rated = await test.addKey({ rate: { perSecond: 1000, burst: 1000 } });
  const { log, metrics, database } = test;
  // What was looked up is believed for the whole test.
  const apiKeys = new ApiKeys(database, { now: () => 0 });
  const limits = { reads: undefined, failedAuthentications: GUESSES, trustedProxies: ['loopback'], eventStreams: 1 };
  const guessers = countGuesses();
  const observer = new Observer(metrics, silent);
  const parts = { log, apiKeys, observer, guessers, limits, logger: silent };
  const app = createApp({ ...parts, metrics, health: {} });
  const append = appendAtOnce(parts);
  const listener = requestListener(app.fetch, 'localhost', { metrics, logger: silent });
  server = createServer({ requireHostHeader: false }, (request, response) => {
    if (append(request, response)) {
      atOnce++;
      return;
    }
    others++;
    void listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A key is recognized once it was looked up.
  for (const key of [test.key, rated]) await send({ headers: { authorization: `Bearer ${key}` }, body: submission() });
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await test.remove();
});

const serviceKey = createServiceKey();

function submission(): string {
  const { envelope } = createApproval({ origin: ORIGIN, serviceKey, overrides: { service: SERVICE } });
  return JSON.stringify({ kind: 'approval', content: envelope });
}

function send({ headers = {}, body = '', path = '/api/v1/entries' }: Sent): Promise<Got> {
  const { port } = server.address() as AddressInfo;
  const own = { authorization: `Bearer ${test.key}`, 'content-type': 'application/json', ...headers };
  const length = 'transfer-encoding' in own ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, method: 'POST', headers: { ...length, ...own } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() });
      });
    });
    request.on('error', reject).end(body);
  });
}

/** What it was answered with, and by whom. */
async function sendAndCount(sent: Sent): Promise<Got & { readonly by: 'at once' | 'the others' }> {
  const before = { atOnce, others };
  const got = await send(sent);
  expect(atOnce + others).toBe(before.atOnce + before.others + 1);
  return { ...got, by: atOnce > before.atOnce ? 'at once' : 'the others' };
}

/** The headers that depend neither on the time nor on the request. */
function lasting({ headers }: Got): IncomingHttpHeaders {
  const { date, 'x-request-id': id, ...rest } = headers;
  expect(date).toBeDefined();
  expect(id).toBeDefined();
  return rest;
}

describe('POST /api/v1/entries, answered at once', () => {
  /** The same request with an empty query goes to the others. */
  async function both(sent: Sent): Promise<[Got, Got]> {
    const first = await sendAndCount(sent);
    const second = await sendAndCount({ ...sent, path: '/api/v1/entries?' });
    expect([first.by, second.by]).toEqual(['at once', 'the others']);
    return [first, second];
  }

  it('answers as the interface does', async () => {
    const body = submission();
    const created = await sendAndCount({ body });
    expect(created).toMatchObject({ status: 201, by: 'at once' });
    const [first, second] = await both({ body });
    expect(first.status).toBe(200);
    expect(lasting(first)).toEqual(lasting(second));
    expect(JSON.parse(first.body)).toMatchObject({ entry: JSON.parse(second.body).entry });
    expect(lasting(created)).toEqual({ ...lasting(first), 'content-length': created.headers['content-length'] });
  });

  it('counts bytes, not characters, of a receipt that is not all ASCII', async () => {
    const { envelope, intent } = createApproval({
      origin: ORIGIN,
      serviceKey,
      intent: { args: { reason: 'Rückerstattung über 42 € 👍' } },
    });
    const body = JSON.stringify({ kind: 'approval', visibility: 'revealed', content: envelope, intent });
    const [first, second] = await both({ body });
    expect(first.status, first.body).toBe(201);
    expect(second.status).toBe(200);
    expect(JSON.parse(first.body).entry).toBe(JSON.parse(second.body).entry);
    expect(first.body).toContain('€ 👍');
    expect(Number(first.headers['content-length'])).toBe(Buffer.byteLength(first.body));
  });

  it.each([
    ['no JSON', '{', 400, 'invalid_json'],
    ['another shape', '{"kind":"approval"}', 400, 'invalid_request'],
    ['content that is refused', '{"kind":"approval","content":{}}', 422, 'content_refused'],
    [
      'a commitment without the right to it',
      `{"kind":"approval","sealed":"sha256:${'0'.repeat(64)}"}`,
      403,
      'forbidden',
    ],
  ])('refuses %s with the same problem', async (_, body, status, code) => {
    const [first, second] = await both({ body, headers: { 'x-request-id': 'mine-1' } });
    expect(first.status).toBe(status);
    expect(JSON.parse(first.body)).toMatchObject({ code, instance: 'urn:assent:request:mine-1' });
    expect(JSON.parse(first.body)).toEqual(JSON.parse(second.body));
    expect(lasting(first)).toEqual(lasting(second));
    expect(first.headers['x-request-id']).toBe('mine-1');
  });

  it.each<[string, () => Sent, number]>([
    ['a query', () => ({ path: '/api/v1/entries?wait=none' }), 202],
    ['a key that is not known', () => ({ headers: { authorization: `Bearer ${createApiKeyText()}` } }), 401],
    ['a key with a rate', () => ({ headers: { authorization: `Bearer ${rated}` } }), 201],
    ['no length', () => ({ headers: { 'transfer-encoding': 'chunked' } }), 201],
    ['an empty body', () => ({ body: '' }), 400],
    ['too much', () => ({ body: ' '.repeat(256 * 1024 + 1) }), 413],
    ['another media type', () => ({ headers: { 'content-type': 'text/plain' } }), 415],
    ['a coding', () => ({ headers: { 'content-encoding': 'gzip' } }), 415],
    ['a host that is none', () => ({ headers: { host: 'a b' } }), 400],
  ])('leaves a request with %s to the interface', async (_, make, status) => {
    const got = await sendAndCount({ body: submission(), ...make() });
    expect(got, got.body).toMatchObject({ by: 'the others', status });
  });

  it('does not tell a right key from wrong ones to an address that guesses', async () => {
    const from = { 'x-forwarded-for': '198.51.100.7' };
    expect(await sendAndCount({ body: submission(), headers: from })).toMatchObject({ by: 'at once', status: 201 });
    for (let i = 0; i < GUESSES.burst; i++) {
      const wrong = { ...from, authorization: `Bearer ${createApiKeyText()}` };
      expect((await send({ body: submission(), headers: wrong })).status).toBe(401);
    }
    const right = await sendAndCount({ body: submission(), headers: from });
    expect(right).toMatchObject({ by: 'the others', status: 429 });
    expect(await sendAndCount({ body: submission() })).toMatchObject({ by: 'at once', status: 201 });
  });

  it('holds no more bodies that are arriving than memory is for', async () => {
    const { port } = server.address() as AddressInfo;
    const length = 256 * 1024;
    const headers = {
      authorization: `Bearer ${test.key}`,
      'content-type': 'application/json',
      'content-length': length,
    };
    const before = atOnce;
    // Each announces a body and sends one byte of it.
    const slow = Array.from({ length: MAX_BYTES_ARRIVING / length }, () => {
      const request = httpRequest({ port, path: '/api/v1/entries', method: 'POST', headers });
      request.on('error', () => undefined).write('{');
      return request;
    });
    await expect.poll(() => atOnce, { timeout: 30_000 }).toBe(before + slow.length);
    const refused = await sendAndCount({ body: submission() });
    expect(refused).toMatchObject({ status: 503, by: 'at once' });
    expect(JSON.parse(refused.body).code).toBe('overloaded');
    expect(refused.headers['retry-after']).toBe('1');
    for (const request of slow) request.destroy();
    await expect.poll(async () => (await send({ body: submission() })).status, { timeout: 30_000 }).toBe(201);
  });

  it('is counted like any other request', async () => {
    const route = /assent_http_request_seconds_count\{route="\/api\/v1\/entries",status="2xx"\} (\d+)/;
    const before = Number(route.exec(await test.metrics.text())![1]);
    await sendAndCount({ body: submission() });
    expect(Number(route.exec(await test.metrics.text())![1])).toBe(before + 1);
  });
});

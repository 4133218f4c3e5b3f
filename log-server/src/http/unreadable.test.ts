import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Metrics } from '../metrics.ts';
import { refuseUnreadable, requestListener } from './unreadable.ts';

describe('requests that nobody can read', () => {
  const metrics = new Metrics();
  const answering = new Set<unknown>();
  let server: Server;

  beforeAll(async () => {
    const fetch = (request: Request): Response => {
      if (new URL(request.url).pathname === '/broken') throw new Error('secret');
      return new Response('ok');
    };
    const logger = pino({ level: 'silent' });
    server = createServer(
      { requireHostHeader: false, headersTimeout: 2_000, requestTimeout: 2_000, connectionsCheckingInterval: 20 },
      requestListener(fetch, '127.0.0.1', { metrics, logger }),
    );
    refuseUnreadable(server, (socket) => answering.has(socket), metrics);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  /** What comes back until the connection ends. */
  async function send(text: string): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += String(chunk);
    });
    // A server that gives up may reset the connection while this is still sending.
    socket.on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    return received;
  }

  it.each([
    ['garbage', 'GARBAGE\r\n\r\n', 400, 'invalid_request'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'invalid_request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'invalid_request',
    ],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'invalid_request'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n', 400, 'invalid_request'],
    ['two hosts in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n', 400, 'invalid_request'],
    ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 400, 'invalid_request'],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400, 'invalid_request'],
    ['a path that is none', 'GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400, 'invalid_request'],
    ['a long header', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'head_too_large'],
    ['a long path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'head_too_large'],
    ['a head that does not end', 'GET / HTTP/1.1\r\nHost: a\r\n', 408, 'request_timeout'],
    ['a failure', 'GET /broken HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 500, 'internal'],
  ])('%s is refused as every other request is', async (_, text, status, code) => {
    const [head = '', body = ''] = (await send(text)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
    expect(head).toMatch(/^content-type: application\/problem\+json$/im);
    expect(head).toMatch(/^connection: close$/im);
    const problem = JSON.parse(body) as Record<string, string>;
    expect(problem).toMatchObject({ type: `urn:assent:problem:${code}`, status, code });
    expect(head.toLowerCase()).toContain(`x-request-id: ${problem.instance?.slice('urn:assent:request:'.length)}`);
    expect(body).not.toContain('secret');
    expect(await metrics.text()).toMatch(new RegExp(`^assent_refusals_total\\{code="${code}"\\} [1-9]`, 'm'));
  });

  it('serves HTTP/1.0 without a host, and expectations that nobody knows', async () => {
    expect(await send('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*ok$/);
    expect(await send('GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 OK/,
    );
  });

  it('says nothing in the middle of an answer', async () => {
    server.once('connection', (socket) => answering.add(socket));
    expect(await send('GARBAGE\r\n\r\n')).toBe('');
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../problems.ts';
import { readBody } from './read-body.ts';

const LIMIT = 8;

describe('a body over a real connection', () => {
  const app = new Hono();
  const server = createServer(getRequestListener(app.fetch));
  /** Set for each request: told as soon as its body is being read. */
  let reading: (outcome: { readonly text: Promise<string> }) => void = () => undefined;

  beforeAll(async () => {
    app.post('/', async (c: Context) => {
      const text = readBody(c, LIMIT).then(
        (body) => new TextDecoder().decode(body),
        (error: unknown) => (error instanceof Problem ? `${error.code}: ${error.message}` : String(error)),
      );
      reading({ text });
      return c.text(await text);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  /** What becomes of the body of a request that goes on as `rest`. @param breakOff whether the caller then goes away. */
  async function send(rest: string, breakOff = false): Promise<string> {
    const begun = new Promise<{ readonly text: Promise<string> }>((resolve) => {
      reading = resolve;
    });
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write(`POST / HTTP/1.1\r\nHost: a\r\n${rest}`);
    const { text } = await begun;
    if (breakOff) client.destroy();
    const outcome = await text;
    client.destroy();
    return outcome;
  }

  it('is read whole, with and without its length', async () => {
    expect(await send('Content-Length: 8\r\n\r\n12345678')).toBe('12345678');
    expect(await send('Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n4\r\n5678\r\n0\r\n\r\n')).toBe('12345678');
  });

  it('is refused beyond its limit, with and without its length', async () => {
    const refusal = 'too_large: The body may have 8 bytes at most.';
    expect(await send('Content-Length: 9\r\n\r\n')).toBe(refusal);
    expect(await send('Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n')).toBe(refusal);
  });

  it('that its caller breaks off is no outage of the database', async () => {
    const refusal = 'invalid_request: The request ended before all of its body was here.';
    expect(await send('Content-Length: 8\r\n\r\n1234', true)).toBe(refusal);
    expect(await send('Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n', true)).toBe(refusal);
  });
});

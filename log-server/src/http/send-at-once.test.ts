import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sendAtOnce } from './send-at-once.ts';

describe('sending a whole body', () => {
  let server: Server;
  let responses: ServerResponse[];
  let socket: Socket;
  let received: string;

  beforeEach(async () => {
    responses = [];
    received = '';
    server = createServer((_, response) => {
      responses.push(response);
      server.emit('taken');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    socket.destroy();
    server.close();
  });

  async function ask(count: number): Promise<void> {
    const total = responses.length + count;
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count));
    while (responses.length < total) await once(server, 'taken');
  }
  function answer(response: ServerResponse, body: string | Buffer): void {
    response.writeHead(200, ['Content-Length', String(body.length)]);
    sendAtOnce(response, body);
  }
  const bodies = () => received.split(/HTTP\/1\.1 200 OK\r\n[\s\S]*?\r\n\r\n/).slice(1);

  it('hands a text and its head over as one piece, each character a byte', async () => {
    const gathers = vi.spyOn(Socket.prototype as Required<Socket>, '_writev');
    await ask(1);
    answer(responses[0]!, 'caf\u00e9');
    await once(responses[0]!, 'close');
    await vi.waitFor(() => expect(bodies()).toEqual(['caf\u00e9']), 10_000);
    expect(gathers).not.toHaveBeenCalled();
    expect(responses[0]!.writableFinished).toBe(true);
  });

  it('sends bytes, nothing, and more than the connection takes at once', async () => {
    const large = 'x'.repeat(8_000_000);
    const sent = [Buffer.from([0x63, 0xe9]), '', large];
    for (const [i, body] of sent.entries()) {
      await ask(1);
      answer(responses[i]!, body);
      await once(responses[i]!, 'close');
    }
    await vi.waitFor(() => expect(bodies().map(({ length }) => length)).toEqual([2, 0, large.length]), 10_000);
    expect(bodies().slice(0, 2)).toEqual(['c\u00e9', '']);
  });

  it('lets an answer wait for those before it', async () => {
    await ask(2);
    answer(responses[1]!, 'second');
    answer(responses[0]!, 'first');
    await vi.waitFor(() => expect(bodies()).toEqual(['first', 'second']), 10_000);
  });
});

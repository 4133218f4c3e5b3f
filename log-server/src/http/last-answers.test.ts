import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '../metrics.ts';
import { LastAnswers } from './last-answers.ts';
import { refuseUnreadable } from './unreadable.ts';

describe('the last answers of connections', () => {
  let server: Server;
  let answers: LastAnswers;
  /** Of the requests that came, in their order. */
  let responses: ServerResponse[];
  let arrived: (count: number) => Promise<void>;
  let socket: Socket;
  let received: string;

  beforeEach(async () => {
    responses = [];
    received = '';
    server = createServer((request, response) => {
      answers.begin(request, response);
      responses.push(response);
      if (request.url === '/now') response.end('now');
      answers.leave(request, response);
      server.emit('taken');
    });
    arrived = async (count) => {
      while (responses.length < count) await once(server, 'taken');
    };
    answers = new LastAnswers(server);
    refuseUnreadable(server, (each) => answers.isAnswering(each), new Metrics());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received += String(chunk);
    });
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
  });

  const ask = (...paths: string[]) => paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');

  it('let bytes that are no HTTP be refused before an answer has begun, and after it was sent', async () => {
    socket.write(ask('/later'));
    await arrived(1);
    socket.write('GARBAGE\r\n\r\n');
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 400 /);

    received = '';
    const other = connect((server.address() as AddressInfo).port, '127.0.0.1');
    other.write(ask('/now'));
    await once(other, 'data');
    other.write('GARBAGE\r\n\r\n');
    const [refusal] = await once(other, 'data');
    expect(String(refusal)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('let them be refused behind an answer that is sent when they come', async () => {
    socket.write(`${ask('/now')}GARBAGE\r\n\r\n`);
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nnowHTTP\/1\.1 400 /);
  });

  it('are forgotten when they are sent, or their connection is gone', async () => {
    socket.write(ask('/now', '/later', '/later'));
    await arrived(3);
    expect(answers.size).toBe(1);
    responses[1]!.end('one');
    responses[2]!.end('two');
    await once(responses[2]!, 'close');
    expect(answers.size).toBe(0);
    socket.write(ask('/now'));
    await arrived(4);
    expect(answers.size).toBe(0);
    socket.write(ask('/later', '/later'));
    await arrived(6);
    expect(answers.size).toBe(1);
    const gone = once(responses[4]!, 'close');
    socket.destroy();
    await gone;
    expect(answers.size).toBe(0);
  });

  it.each([
    ['in the middle of an answer', ['/begun']],
    ['while an answer waits for its turn', ['/later', '/now']],
  ])('let nothing be said %s', async (_, paths) => {
    socket.write(ask(...paths) + (paths[0] === '/begun' ? '' : 'GARBAGE\r\n\r\n'));
    await arrived(paths.length);
    if (paths[0] === '/begun') {
      responses[0]!.write('beginning');
      socket.write('GARBAGE\r\n\r\n');
    }
    await once(socket, 'close');
    expect(received).not.toContain(' 400 ');
  });

  it('end each connection with the last answer on it, and keep it for those before', async () => {
    socket.write(ask('/first', '/second'));
    await arrived(2);
    answers.endConnections();
    responses[0]!.end('first');
    responses[1]!.end('second');
    await once(socket, 'close');
    const [first, second] = received.split('first');
    expect(first).toMatch(/^Connection: keep-alive\r$/m);
    expect(second).toMatch(/^Connection: close\r$/m);
    expect(second).toMatch(/second/);
  });

  it('end a connection with the next answer when the last one was sent', async () => {
    socket.write(ask('/now'));
    await once(socket, 'data');
    answers.endConnections();
    received = '';
    socket.write(ask('/now'));
    await once(socket, 'close');
    expect(received).toMatch(/^Connection: close\r$/m);
  });
});

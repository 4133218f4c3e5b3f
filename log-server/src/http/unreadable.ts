import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import { PROBLEMS, Problem } from '../problems.ts';
import { hostCount } from './plain-get.ts';
import { problemDocument } from './problem-response.ts';

type Fetch = Parameters<typeof getRequestListener>[0];
type Observers = { readonly metrics: Metrics; readonly logger: Pick<Logger, 'error'> };

/**
 * The application as a listener for Node's server. What never becomes a request for it (a host or a path that are none) is
 * refused in the form of every other refusal.
 *
 * The server needs `requireHostHeader: false`, or Node refuses a request without a host in a form of its own.
 */
export function requestListener(fetch: Fetch, hostname: string, { metrics, logger }: Observers): RequestListener {
  const listener = getRequestListener(fetch, {
    hostname,
    errorHandler: (error) => {
      const isTheirs = error instanceof RequestError;
      if (!isTheirs) logger.error({ err: error }, 'a request failed outside of the application');
      const { status, headers, body } = refusal(
        isTheirs ? unreadable(error.message) : new Problem('internal', 'The log failed to answer. Try again.'),
        metrics,
      );
      return new Response(body, { status, headers });
    },
  });
  return async (request, response) => {
    // RFC 9112 §3.2: a server must refuse these, whatever it could do without.
    const hosts = hostCount(request);
    if (hosts === 1 || (hosts === 0 && request.httpVersion === '1.0')) {
      await listener(request, response);
      return;
    }
    const why = hosts === 0 ? 'the Host header is missing' : 'there is more than one Host header';
    const { status, headers, body } = refusal(unreadable(why), metrics);
    response.writeHead(status, headers).end(body);
  };
}

/**
 * Answers what Node's parser gives up on: bytes that are no HTTP, a head that is too long, a request that does not arrive.
 * The connection ends with it.
 *
 * @param isAnswering whether an answer on this connection has begun, in the middle of which nothing can be said
 */
export function refuseUnreadable(server: Server, isAnswering: (socket: Duplex) => boolean, metrics: Metrics): void {
  // An expectation that nobody knows may be ignored (RFC 9110 §10.1.1); Node would refuse it in a form of its own.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
  });
  // Node would end the connection without a word.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    refuse(socket, new Problem('invalid_request', 'CONNECT is for proxies, and this is none.'), metrics);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || isAnswering(socket) || error.code === 'ECONNRESET') return void socket.destroy();
    refuse(socket, problemOf(error), metrics);
  });
}

/** Answers on the connection itself, and ends it. */
function refuse(socket: Duplex, problem: Problem, metrics: Metrics): void {
  const { status, reason, headers, body } = refusal(problem, metrics);
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy());
}

function problemOf({ code, message }: NodeJS.ErrnoException): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Problem('head_too_large', 'The path and the headers of a request have 16 KiB together.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Problem('request_timeout', 'The request did not arrive as a whole in time. Send it again.');
  }
  return unreadable(message.replace(/^Parse Error: /, ''));
}

function unreadable(why: string): Problem {
  return new Problem('invalid_request', `This is not a request in HTTP: ${why.slice(0, 200)}.`);
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
};

function refusal(problem: Problem, metrics: Metrics) {
  metrics.refused(problem.code);
  const { status } = PROBLEMS[problem.code];
  const id = randomUUID();
  const body = JSON.stringify({ ...problemDocument(problem), instance: `urn:assent:request:${id}` });
  const headers = {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': id,
  };
  return { status, reason: REASONS[status] ?? 'Refused', headers, body };
}

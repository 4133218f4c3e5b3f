import { createServer, type Server } from 'node:http';
import { notAllowed, send, text } from './witness-server.ts';

/** Prometheus and somebody who looks. */
const MAX_CONNECTIONS = 16;
const REQUEST_MS = 5_000;
const IDLE_MS = 75_000;
const HEADERS = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' };

/**
 * `GET /metrics` on an address of its own: they tell how much a witness has to do, which is no business of whoever may call it. Not
 * listening yet. No body is read: one that comes ends the connection.
 */
export function createMetricsServer(metrics: () => string): Server {
  const server = createServer(
    {
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      maxHeaderSize: 8192,
    },
    ({ method, url = '' }, response) => {
      if (url.split('?', 1)[0] !== '/metrics')
        send(server, response, text(404, 'there is /metrics here, and nothing else'));
      else if (method !== 'GET' && method !== 'HEAD') send(server, response, notAllowed('GET, HEAD'));
      else send(server, response, { status: 200, body: metrics(), headers: HEADERS });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

import type { HttpBindings } from '@hono/node-server';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Metrics } from '../metrics.ts';
import { Problem } from '../problems.ts';
import { createApi, endpoint } from './endpoint.ts';

const LOOPBACK = /^(::1|(::ffff:)?127(\.[0-9]{1,3}){3})$/;
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?$/;

/**
 * `GET /metrics` beside the log's own interface. They tell how much the log has to do and how its database fares, which
 * is nobody else's business, so this answers callers on the same machine alone. Behind a proxy on that machine everybody
 * seems to be one: the server has it only where it is tried out, and in production a port of its own.
 */
export function metricsRoutes(metrics: Metrics): OpenAPIHono {
  const api = createApi();
  endpoint(
    api,
    {
      method: 'get',
      path: '/metrics',
      operationId: 'getMetrics',
      tag: 'operations',
      summary: 'Metrics for Prometheus, for callers on the same machine',
      responses: { 200: { description: 'The metrics', content: { 'text/plain': { schema: z.string() } } } },
      problems: ['forbidden'],
    },
    async (c) => {
      refuseRemote(c);
      return c.body(await metrics.text(), 200, {
        'Content-Type': metrics.registry.contentType,
        'Cache-Control': 'no-store',
      });
    },
  );
  return api;
}

function refuseRemote(c: Context): void {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const forwarded = ['forwarded', 'x-forwarded-for', 'via'].some((name) => c.req.header(name) !== undefined);
  const local = LOOPBACK.test(incoming?.socket.remoteAddress ?? '') && LOCAL_HOST.test(c.req.header('host') ?? '');
  if (forwarded || !local) {
    const message = 'Metrics are for callers on this machine. For others the operator sets ASSENT_METRICS_PORT.';
    throw new Problem('forbidden', message);
  }
}

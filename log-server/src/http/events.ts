import type { HttpBindings } from '@hono/node-server';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { eventBody } from '../events/event-body.ts';
import { type EventPosition, parsePosition } from '../events/event-position.ts';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import type { CallerAddress } from './caller-address.ts';
import { createApi, endpoint } from './endpoint.ts';

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store, no-transform',
  // nginx would collect events until its buffer is full.
  'X-Accel-Buffering': 'no',
  // Nothing comes after a stream that ended, and a connection that is kept would hold up a shutdown.
  Connection: 'close',
};

/**
 * `GET /api/v1/events`: server-sent events.
 *
 * @param perAddress how many streams one address may have open; absent: as many as there may be at all
 */
export function eventRoutes(
  log: Log,
  perAddress?: { readonly caller: CallerAddress; readonly most: number },
): OpenAPIHono {
  const api = createApi();
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/events',
      operationId: 'getEvents',
      tag: 'read',
      summary: 'New tree heads, and new entries, as they come',
      description:
        'Server-sent events: `head` with every new tree head, the newest where several came at once; with `?entries=1` also ' +
        '`entry` with every entry, in order, before the head that covers it. Goes on after the event that `Last-Event-ID` ' +
        'or `after` names, without a gap and without a repetition.',
      query: z.object({
        entries: z
          .enum(['0', '1'], 'must be 0 or 1')
          .optional()
          .openapi({ description: '1: entries too', example: '0' }),
        after: z.string().optional().openapi({
          description:
            'For clients that cannot send `Last-Event-ID`: the id of the last event, or how many entries are known',
          example: undefined,
        }),
      }),
      responses: {
        200: { description: 'Events without end', content: { 'text/event-stream': { schema: z.string() } } },
      },
      problems: ['not_found', 'overloaded', 'read_only', 'shutting_down'],
    },
    async (c, { query }) => {
      const from = positionOf(c, query.after);
      if (c.req.method === 'HEAD') return c.body(null, 200, HEADERS);
      const address = perAddress?.caller(c);
      const share = perAddress && address !== undefined ? { address, most: perAddress.most } : undefined;
      const subscription = await log.events.subscribe(from, query.entries === '1', share);
      const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
      return c.body(
        eventBody(subscription, () => outgoing?.destroy()),
        200,
        HEADERS,
      );
    },
  );
  return api;
}

/** A browser that connects again sends the address that it was given, and the header, which is newer. */
function positionOf(c: Context, after: string | undefined): EventPosition | undefined {
  const text = c.req.header('last-event-id') || after;
  if (text === undefined) return undefined;
  const position = parsePosition(text);
  if (position !== undefined) return position;
  const message = 'Last-Event-ID or "after" must be the id of an event, or how many entries are known.';
  throw new Problem('invalid_parameter', message);
}

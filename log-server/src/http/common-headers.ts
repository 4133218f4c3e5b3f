import type { Context, MiddlewareHandler } from 'hono';
import { readingHeaders } from './cross-origin.ts';
import { tellLength } from './head.ts';
import { noteRequestId } from './request-id.ts';

/** Answers that {@link respond} made, which have these headers already. */
const complete = new WeakSet<Response>();

export const HEADERS_OF_ALL = { 'X-Content-Type-Options': 'nosniff' } as const;

/** What this answer says, whatever it is. */
function headersOf(c: Context): Record<string, string> {
  return { ...HEADERS_OF_ALL, 'X-Request-Id': c.get('requestId'), ...readingHeaders(c) };
}

/** Sees to it that every answer has the headers that all have, and HEAD the length of the body. */
export const commonHeaders: MiddlewareHandler = async (c, next) => {
  noteRequestId(c);
  await next();
  if (!complete.has(c.res)) {
    const { headers } = c.res;
    for (const [name, value] of Object.entries(headersOf(c))) headers.set(name, value);
  }
  if (c.req.method === 'HEAD') await tellLength(c);
};

/**
 * A whole answer out of plain strings. Hono's own `c.body` turns more than one header into a Headers object, which then is
 * taken apart again: a third of what a request cost.
 */
export function respond(
  c: Context,
  body: Uint8Array | string | null,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response {
  const response = new Response(body as Uint8Array<ArrayBuffer> | string | null, {
    status,
    headers: { ...headersOf(c), ...headers },
  });
  complete.add(response);
  return response;
}

/**
 * Cross-origin reading (Fetch, "HTTP-CORS protocol"). Whoever reads needs no key, so every page on the web may read, and
 * sees the headers that a client needs. Whoever appends has a key, and no business in a browser of another site:
 * answers to other methods carry no permission, and a preflight for one is refused.
 */
import type { Context } from 'hono';

/** Seen by scripts of other sites, beside the few headers that every answer shows them. */
const EXPOSED = 'ETag, Location, Retry-After, X-Request-Id';
/** What a reader may send: which form it wants, what it has already, and where a stream of events broke off. */
const ALLOWED = 'Accept, If-None-Match, Last-Event-ID, X-Request-Id';
const DAY_S = '86400';

export const READING: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': EXPOSED,
};
const NONE: Readonly<Record<string, string>> = {};

/** The demo holds a key for whoever opens its page; and any page in this machine's browser could read its metrics. */
function isOpen({ path }: Context['req']): boolean {
  return !path.startsWith('/demo') && path !== '/metrics';
}

/** For an answer to GET or HEAD; the others get none. */
export function readingHeaders({ req }: Context): Readonly<Record<string, string>> {
  return (req.method === 'GET' || req.method === 'HEAD') && isOpen(req) ? READING : NONE;
}

/** The answer to `OPTIONS` if it is a preflight for reading what is at this path, else undefined. */
export function preflight(c: Context, readable: boolean): Response | undefined {
  if (c.req.method !== 'OPTIONS' || !readable || !isOpen(c.req)) return undefined;
  const asked = c.req.header('access-control-request-method');
  if (asked !== 'GET' && asked !== 'HEAD') return undefined;
  return c.body(null, 204, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, HEAD',
    'Access-Control-Allow-Headers': ALLOWED,
    'Access-Control-Max-Age': DAY_S,
  });
}

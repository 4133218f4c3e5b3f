import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';

declare module 'hono' {
  interface ContextVariableMap {
    /** Ties together an answer, its `instance` and the server's log line: 1 to 64 characters that are safe anywhere. */
    requestId: string;
  }
}

const SAFE = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's `X-Request-Id` if it has one that is well-formed, so that its own logs lead here; else a fresh one. */
export function chooseRequestId(given: string | undefined): string {
  return given !== undefined && SAFE.test(given) ? given : randomUUID();
}

export function noteRequestId(c: Context): void {
  const id = chooseRequestId(c.req.header('x-request-id'));
  c.set('requestId', id);
}

/** RFC 9457 `instance`: which occurrence of the problem this was. */
export function instanceOf(requestId: string): string {
  return `urn:assent:request:${requestId}`;
}

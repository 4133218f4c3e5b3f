import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { PROBLEMS, Problem } from '../problems.ts';

/** The one place where what went wrong becomes a response: RFC 9457 `application/problem+json`. */
export function problemResponse(error: unknown, c: Context, logger: Logger): Response {
  const problem = error instanceof Problem ? error : new Problem('internal', 'The log failed to answer. Try again.');
  const { status, title } = PROBLEMS[problem.code];
  const { checks, index, retryAfter } = problem.extras;
  if (status >= 500) {
    const cause = error instanceof Problem ? (error.extras.cause ?? error) : error;
    logger.error({ err: cause, code: problem.code, path: c.req.path }, 'a request failed');
  }
  c.header('Content-Type', 'application/problem+json');
  c.header('Cache-Control', 'no-store');
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  if (problem.code === 'unauthenticated') c.header('WWW-Authenticate', 'Bearer realm="assent"');
  const body = {
    type: `urn:assent:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    ...(checks && { checks }),
    ...(index !== undefined && { index }),
  };
  return c.body(JSON.stringify(body), status as ContentfulStatusCode);
}

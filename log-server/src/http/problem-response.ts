import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { isOutage } from '../database/outage.ts';
import { PROBLEMS, Problem, type ProblemCode } from '../problems.ts';
import { noteProblem } from './observe.ts';
import { instanceOf } from './request-id.ts';

/** The one place where what went wrong becomes a response: RFC 9457 `application/problem+json`. */
export function problemResponse(error: unknown, c: Context, logger: Logger): Response {
  const problem = toProblem(error);
  const { status } = PROBLEMS[problem.code];
  noteProblem(c, problem.code);
  const { retryAfter } = problem.extras;
  if (status >= 500) {
    const err = error instanceof Problem ? (error.extras.cause ?? error) : error;
    // What the log refuses for now is said from time to time; a line for every caller would bury it.
    const level = status !== 503 ? 'error' : isDue(problem.code) ? 'warn' : 'debug';
    logger[level]({ err, code: problem.code, path: c.req.path, requestId: c.get('requestId') }, 'a request failed');
  }
  c.header('Content-Type', 'application/problem+json');
  c.header('Cache-Control', 'no-store');
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  if (problem.code === 'unauthenticated') c.header('WWW-Authenticate', 'Bearer realm="assent"');
  return c.body(
    JSON.stringify({ ...problemDocument(problem), instance: instanceOf(c) }),
    status as ContentfulStatusCode,
  );
}

const REMIND_MS = 10_000;
const said = new Map<ProblemCode, number>();

/** Whether this kind of refusal was not logged in the last ten seconds. */
function isDue(code: ProblemCode): boolean {
  const now = performance.now();
  if (now - (said.get(code) ?? Number.NEGATIVE_INFINITY) < REMIND_MS) return false;
  said.set(code, now);
  return true;
}

/** A problem as RFC 9457 writes it. */
export function problemDocument({ code, message, extras: { checks, index, receipt, successor } }: Problem): object {
  const { status, title } = PROBLEMS[code];
  return {
    type: `urn:assent:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(checks && { checks }),
    ...(index !== undefined && { index }),
    ...(receipt !== undefined && { receipt: JSON.parse(receipt) }),
    ...(successor !== undefined && { successor }),
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isOutage(error)) {
    return new Problem('unavailable', 'The log cannot reach its database now. Try again soon.', { retryAfter: 2 });
  }
  return new Problem('internal', 'The log failed to answer. Try again.');
}

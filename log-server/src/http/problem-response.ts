import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { isOutage } from '../database/outage.ts';
import { PROBLEMS, Problem, type ProblemCode } from '../problems.ts';
import { negotiate } from './negotiate.ts';
import { noteProblem } from './observe.ts';
import { PAGE_HEADERS } from './pages/page-headers.ts';
import type { ShownProblem } from './pages/problem-page.ts';
import { instanceOf } from './request-id.ts';

const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** A problem as it is answered. */
export type ProblemAnswer = {
  readonly code: ProblemCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly detail: string;
};

/** A problem as a page for people. */
export type ProblemPage = (problem: ShownProblem) => Promise<string | undefined>;

/** The same to those who ask for a page, as a page, if there are pages. */
export async function problemPageResponse(
  error: unknown,
  c: Context,
  logger: Logger,
  page: ProblemPage | undefined,
): Promise<Response> {
  const wanted = page !== undefined && ['GET', 'HEAD'].includes(c.req.method);
  if (!wanted || negotiate(c.req.header('accept'), [PROBLEM_MEDIA_TYPE, 'text/html']) === PROBLEM_MEDIA_TYPE) {
    return problemResponse(error, c, logger);
  }
  const answer = answerProblem(error, c.req.path, c.get('requestId'), logger);
  const shown = await page({ ...answer, instance: instanceOf(c.get('requestId')) });
  noteProblem(c, answer.code);
  for (const [name, value] of Object.entries(answer.headers)) c.header(name, value);
  if (shown === undefined) return c.body(answer.body, answer.status as ContentfulStatusCode);
  return c.html(shown, answer.status as ContentfulStatusCode, PAGE_HEADERS);
}

export function problemResponse(error: unknown, c: Context, logger: Logger): Response {
  const { code, status, headers, body } = answerProblem(error, c.req.path, c.get('requestId'), logger);
  noteProblem(c, code);
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return c.body(body, status as ContentfulStatusCode);
}

/** The one place where what went wrong becomes an answer: RFC 9457 `application/problem+json`. */
export function answerProblem(error: unknown, path: string, requestId: string, logger: Logger): ProblemAnswer {
  const problem = toProblem(error);
  const { status } = PROBLEMS[problem.code];
  const { retryAfter } = problem.extras;
  if (status >= 500) {
    const err = error instanceof Problem ? (error.extras.cause ?? error) : error;
    // What the log refuses for now is said from time to time; a line for every caller would bury it.
    const level = status !== 503 ? 'error' : isDue(problem.code) ? 'warn' : 'debug';
    logger[level]({ err, code: problem.code, path, requestId }, 'a request failed');
  }
  const headers = {
    'Content-Type': PROBLEM_MEDIA_TYPE,
    'Cache-Control': 'no-store',
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...(problem.code === 'unauthenticated' && { 'WWW-Authenticate': 'Bearer realm="assent"' }),
  };
  const body = JSON.stringify({ ...problemDocument(problem), instance: instanceOf(requestId) });
  return { code: problem.code, status, headers, body, detail: problem.message };
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

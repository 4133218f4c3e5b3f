import type { Context, MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import { type Metrics, OTHER_ROUTE } from '../metrics.ts';
import type { ProblemCode } from '../problems.ts';

/** A request that takes longer is worth a line; a client that asked to wait for witnesses may rightly take ten seconds. */
const SLOW_MS = 2_000;

/** The operation that answers the request, as the interface defines it, and the problem that it was answered with. */
type Observed = { route?: string; problem?: ProblemCode };

/** Notes which operation took the request: the only form in which a path becomes a metric's label. */
export function noteRoute(c: Context, route: string): void {
  c.set('route', route);
}

export function noteProblem(c: Context, code: ProblemCode): void {
  c.set('problem', code);
}

/**
 * Counts and times requests. Only slow ones get a line in the log, and all of them at level debug; `problem-response.ts`
 * writes the line of one that failed. Neither ever holds a query, a header or a body: keys, salts and contents go there.
 */
export function observe(metrics: Metrics, logger: Logger): MiddlewareHandler<{ Variables: Observed }> {
  const verbose = logger.isLevelEnabled('debug');
  return async (c, next) => {
    const began = performance.now();
    await next();
    const ms = performance.now() - began;
    const { status } = c.res;
    const route = c.get('route') ?? OTHER_ROUTE;
    const problem = c.get('problem');
    metrics.requestAnswered(route, status, ms / 1000);
    if (problem !== undefined) metrics.refused(problem);
    if (!verbose && ms < SLOW_MS) return;
    const line = {
      requestId: c.get('requestId'),
      method: c.req.method,
      route,
      status,
      ms: Math.round(ms),
      code: problem,
    };
    if (ms >= SLOW_MS) logger.info(line, 'a request was slow');
    else logger.debug(line, 'a request');
  };
}

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

/** A request that was answered. */
export type Answered = {
  readonly requestId: string;
  readonly method: string;
  /** As the interface defines it. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly problem: ProblemCode | undefined;
};

/**
 * Counts and times requests. Only slow ones get a line in the log, and all of them at level debug; `problem-response.ts`
 * writes the line of one that failed. Neither ever holds a query, a header or a body: keys, salts and contents go there.
 */
export class Observer {
  private readonly metrics: Metrics;
  private readonly logger: Logger;
  private readonly verbose: boolean;

  constructor(metrics: Metrics, logger: Logger) {
    this.metrics = metrics;
    this.logger = logger;
    this.verbose = logger.isLevelEnabled('debug');
  }

  answered({ requestId, method, route, status, ms, problem }: Answered): void {
    this.metrics.requestAnswered(route, status, ms / 1000);
    if (problem !== undefined) this.metrics.refused(problem);
    if (!this.verbose && ms < SLOW_MS) return;
    const line = { requestId, method, route, status, ms: Math.round(ms), code: problem };
    if (ms >= SLOW_MS) this.logger.info(line, 'a request was slow');
    else this.logger.debug(line, 'a request');
  }
}

/** Tells the observer of every request that hono answers. */
export function observe(observer: Observer): MiddlewareHandler<{ Variables: Observed }> {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const ms = performance.now() - began;
    observer.answered({
      requestId: c.get('requestId'),
      method: c.req.method,
      route: c.get('route') ?? OTHER_ROUTE,
      status: c.res.status,
      ms,
      problem: c.get('problem'),
    });
  };
}

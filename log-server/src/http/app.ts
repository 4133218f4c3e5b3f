import { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import { Metrics } from '../metrics.ts';
import { Problem } from '../problems.ts';
import type { RateLimits } from '../rate-limits.ts';
import { appendRoutes } from './append.ts';
import { appendBatchRoutes } from './append-batch.ts';
import { callerAddresses } from './caller-address.ts';
import { commonHeaders } from './common-headers.ts';
import { consumptionRoutes } from './consumptions.ts';
import { preflight } from './cross-origin.ts';
import { ctRoutes } from './ct/ct-routes.ts';
import { entryRoutes } from './entries.ts';
import { eventRoutes } from './events.ts';
import { methodInWords } from './head.ts';
import { type Health, healthRoutes } from './health.ts';
import { LargeAnswers } from './large-answers.ts';
import { type AddressLimits, limitAddresses } from './limit-addresses.ts';
import { logInfoRoutes } from './log-info.ts';
import { metricsRoutes } from './metrics.ts';
import { Observer, observe } from './observe.ts';
import { openApiRoutes } from './openapi.ts';
import type { Pages } from './pages.ts';
import { problemPageResponse, problemResponse } from './problem-response.ts';
import { proofRoutes } from './proofs.ts';
import { receiptRoutes } from './receipts.ts';
import { searchRoutes } from './search.ts';
import { tileRoutes } from './tiles.ts';

export type AppParts = {
  readonly log: Log;
  readonly apiKeys: ApiKeys;
  /** The same for those who read, on their connections: keys that don't exist must not be looked up on those of appends. Absent: the same. */
  readonly readerKeys?: ApiKeys;
  readonly health: Health;
  readonly logger: Logger;
  /** Absent: nobody reads them. */
  readonly metrics?: Metrics;
  /** Serve `/metrics` to callers on the same machine. */
  readonly localMetrics?: boolean;
  /** Absent: one for these metrics and this logger. */
  readonly observer?: Observer;
  /** Absent: addresses are not limited. */
  readonly limits?: AddressLimits & {
    /** Streams of events that one address may have open. */
    readonly eventStreams: number;
    readonly trustedProxies: readonly string[];
  };
  /** Where wrong API keys are counted, if others look at keys too. */
  readonly guessers?: RateLimits;
  /** The pages and the demo, mounted at the root; and what a person gets to see in the place of an error. */
  readonly pages?: Pages;
};

/** The log's whole HTTP interface. */
export function createApp(parts: AppParts): OpenAPIHono {
  const {
    log,
    apiKeys,
    readerKeys = apiKeys,
    health,
    logger,
    metrics = new Metrics(),
    localMetrics = true,
    pages,
  } = parts;
  const app = new OpenAPIHono();
  app.onError((error, c) => problemPageResponse(error, c, logger, pages?.problemPage));
  app.notFound((c) => {
    const method = methodInWords(c);
    const { path } = c.req;
    const hint = path.startsWith('/api/') ? ' What programs can ask is described at /docs.' : '';
    const message = `There is nothing at ${path.slice(0, 200)}${method === 'GET' ? '' : ` for ${method}`}.${hint}`;
    return problemPageResponse(new Problem('not_found', message), c, logger, pages?.problemPage);
  });
  app.use(observe(parts.observer ?? new Observer(metrics, logger)));
  app.use(commonHeaders);
  const { limits } = parts;
  const caller = callerAddresses(limits?.trustedProxies ?? [], logger);
  const limiter = limits && limitAddresses(limits, caller, parts.guessers);
  if (limiter !== undefined) app.use(limiter);
  app.route('/', healthRoutes(health));
  app.route('/', appendRoutes(log, apiKeys));
  app.route('/', appendBatchRoutes(log, apiKeys));
  app.route('/', consumptionRoutes(log, apiKeys));
  app.route('/', logInfoRoutes(log));
  app.route('/', entryRoutes(log));
  app.route('/', receiptRoutes(log, readerKeys));
  app.route('/', searchRoutes(log));
  app.route('/', eventRoutes(log, limits && { caller, most: limits.eventStreams }));
  app.route('/', proofRoutes(log));
  const large = new LargeAnswers();
  app.route('/', tileRoutes(log, large));
  app.route('/', ctRoutes(log, large));
  if (localMetrics) app.route('/', metricsRoutes(metrics));
  app.route('/', openApiRoutes(app));
  if (pages !== undefined) app.route('/', pages.routes);
  refuseOtherMethods(app, logger);
  return app;
}

/** A path that is right with a method that is not is 405, with what it answers to. */
function refuseOtherMethods(app: OpenAPIHono, logger: Logger): void {
  const methods = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method === 'ALL' || path === '/*') continue;
    const known = methods.get(path) ?? new Set();
    methods.set(path, known.add(method));
    if (method === 'GET') known.add('HEAD');
  }
  for (const [path, known] of methods) {
    const allow = [...known].sort().join(', ');
    app.all(path, (c) => {
      c.header('Allow', allow);
      const allowed = preflight(c, known.has('GET'));
      if (allowed !== undefined) return allowed;
      const message = `${methodInWords(c)} is not for ${c.req.path.slice(0, 200)}: use ${allow}.`;
      return problemResponse(new Problem('method_not_allowed', message), c, logger);
    });
  }
}

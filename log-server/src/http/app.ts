import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import { appendRoutes } from './append.ts';
import { type Health, healthRoutes } from './health.ts';
import { problemResponse } from './problem-response.ts';
import { readRoutes } from './read.ts';

export type AppParts = {
  readonly log: Log;
  readonly apiKeys: ApiKeys;
  readonly health: Health;
  readonly logger: Logger;
  /** The pages and the demo, mounted at the root. */
  readonly pages?: Hono;
};

/** What each path answers to; anything else is 405, not 404: the path is right. */
const METHODS = {
  '/api/v1/entries': 'POST',
  '/api/v1/log': 'GET, HEAD',
  '/api/v1/entries/:index': 'GET, HEAD',
  '/api/v1/receipts/*': 'GET, HEAD',
  '/checkpoint': 'GET, HEAD',
  '/tile/*': 'GET, HEAD',
  '/livez': 'GET, HEAD',
  '/healthz': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
} as const;

/** The log's whole HTTP interface. */
export function createApp({ log, apiKeys, health, logger, pages }: AppParts): Hono {
  const app = new Hono();
  app.onError((error, c) => problemResponse(error, c, logger));
  app.notFound((c) => {
    const message = `There is nothing at ${c.req.method} ${c.req.path.slice(0, 200)}. The interface is described in docs/http-api.md.`;
    return problemResponse(new Problem('not_found', message), c, logger);
  });
  app.use(async (c, next) => {
    // Before the handler: a header that is set on a finished response makes hono build it a second time.
    c.header('X-Content-Type-Options', 'nosniff');
    const method = c.req.method;
    // Reading is for every page on the web; whoever appends has a key, and no business in a browser of another site.
    if ((method === 'GET' || method === 'HEAD') && !c.req.path.startsWith('/demo')) {
      c.header('Access-Control-Allow-Origin', '*');
    }
    await next();
  });
  app.route('/', healthRoutes(health));
  app.route('/', appendRoutes(log, apiKeys));
  app.route('/', readRoutes(log));
  if (pages !== undefined) app.route('/', pages);
  for (const [path, allow] of Object.entries(METHODS)) {
    app.all(path, (c) => {
      c.header('Allow', allow);
      const message = `${c.req.method} is not for ${c.req.path.slice(0, 200)}: use ${allow}.`;
      return problemResponse(new Problem('method_not_allowed', message), c, logger);
    });
  }
  return app;
}

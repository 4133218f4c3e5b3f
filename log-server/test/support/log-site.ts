import { createServer } from 'node:http';
import type { Database } from '@assent/log-server';
import { listenLasting } from '@assent/test-support/lasting-port';
import { getRequestListener } from '@hono/node-server';
import { ApiKeys } from '../../src/api-keys.ts';
import { createApp } from '../../src/http/app.ts';
import { pages } from '../../src/http/pages.ts';
import type { OpenLog } from '../../src/open-parts.ts';
import { silent } from './test-log.ts';

export type LogSite = {
  /** `http://localhost:<port>`, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection, as a server that is gone does; the log stays open. */
  stop(): Promise<void>;
  /** Serves again, at the same address. */
  start(): Promise<void>;
};

/**
 * A log with its built pages on a real socket, in this process: so its clock, its database and its witnesses are the test's.
 * `npm test` builds the pages first.
 */
export async function serveSite(
  opened: OpenLog & { readonly database: Database },
  { demo = true, port: wanted }: { readonly demo?: boolean; readonly port?: number } = {},
): Promise<LogSite> {
  const app = createApp({
    log: opened.log,
    apiKeys: new ApiKeys(opened.database),
    health: {},
    logger: silent,
    metrics: opened.metrics,
    pages: pages({ log: opened.log, demo, logger: silent }),
  });
  const listener = getRequestListener(app.fetch);
  let server = createServer(listener);
  const port = await listenLasting(server, wanted);
  return {
    url: `http://localhost:${port}`,
    port,
    async start() {
      server = createServer(listener);
      await listenLasting(server, port);
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

import { Hono } from 'hono';
import type { Logger } from 'pino';
import { ApprovalService } from '../demo/approval-service.ts';
import { demoRoutes } from '../demo/routes.ts';
import { checkReadableHost, loopbackPort, relyingPartyOf } from '../demo/same-site.ts';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import { renderHome, renderHomeWithoutLog } from './pages/home.ts';
import { PAGE_HEADERS, REFERENCE_HEADERS } from './pages/page-headers.ts';
import { sendFile } from './pages/send-file.ts';
import { BUILT_PAGES, loadStaticFiles, type StaticFile } from './pages/static-files.ts';

export type PagesDeps = {
  readonly log: Pick<Log, 'origin' | 'vkey' | 'head' | 'identityAt' | 'readableEntries' | 'append'>;
  /** Whether the demo and its approval service run: on loopback and outside of production only. */
  readonly demo: boolean;
  readonly logger: Pick<Logger, 'warn'>;
  /** Where vite has put the pages. */
  readonly folder?: string;
};

/** `/`, `/verify`, `/docs`, `/demo`, their files, and the demo's approval service. */
export function pages({ log, demo, logger, folder = BUILT_PAGES }: PagesDeps): Hono {
  const files = readPages(folder, demo, logger);
  const file = (name: string): StaticFile => {
    const found = files.get(name);
    if (found === undefined) throw new Problem('not_found', 'There is no such page here.');
    return found;
  };
  const app = new Hono()
    .get('/', async (c) => {
      const template = new TextDecoder().decode(file('home/index.html').bytes);
      const headers = { ...PAGE_HEADERS, 'Cache-Control': 'no-cache' };
      try {
        const page = await renderHome(template, log);
        return c.html(demo ? page : withoutDemo(page), 200, headers);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        logger.warn({ code: error.code }, 'the front page has no head to show');
        return c.html(await renderHomeWithoutLog(template, error.message), 503, headers);
      }
    })
    .get('/verify', (c) => sendFile(c, file('verify/index.html')))
    .get('/docs', (c) => sendFile(c, file('docs/index.html'), REFERENCE_HEADERS))
    .get('/favicon.svg', (c) => sendFile(c, file('favicon.svg')))
    .get('/assets/:name', (c) => sendFile(c, file(`assets/${c.req.param('name')}`)));
  if (!demo) return app;
  return app
    .get('/demo', (c) => {
      const port = loopbackPort(c);
      // Passkeys refuse bare IP addresses.
      if (checkReadableHost(c, port) === 'address') return c.redirect(`${relyingPartyOf(port).origin}/demo`);
      return sendFile(c, file('demo/index.html'));
    })
    .route('/', demoRoutes(new ApprovalService({ log })));
}

/** The log is worth more than its pages: without them it runs and says so. */
function readPages(folder: string, demo: boolean, logger: Pick<Logger, 'warn'>): ReadonlyMap<string, StaticFile> {
  try {
    return loadStaticFiles(folder, demo ? undefined : withoutDemo);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    logger.warn({ folder }, 'there are no built pages: run "npm run build:pages"');
    return new Map();
  }
}

/** Leaves out what leads to the demo: `<!-- demo -->…<!-- /demo -->`. Words from the log hold no `<` that is not escaped. */
function withoutDemo(html: string): string {
  return html.replace(/<!-- demo -->.*?<!-- \/demo -->/gs, '');
}

import { parseDecimal } from '@assent/verifier';
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { ApprovalService } from '../demo/approval-service.ts';
import { demoRoutes } from '../demo/routes.ts';
import { checkReadableHost, loopbackPort, relyingPartyOf } from '../demo/same-site.ts';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import { ENTRY } from '../words/entry.ts';
import { PROBLEM } from '../words/problem.ts';
import { queryOf } from './endpoint.ts';
import { type ListedLog, renderEntries } from './pages/entries-page.ts';
import { type EntryLog, renderEntry } from './pages/entry-page.ts';
import { renderHome, renderHomeWithoutLog, type ShownLog } from './pages/home.ts';
import { FORM_HEADERS, PAGE_HEADERS, REFERENCE_HEADERS } from './pages/page-headers.ts';
import { renderProblem } from './pages/problem-page.ts';
import { sendFile } from './pages/send-file.ts';
import { BUILT_PAGES, loadStaticFiles, type StaticFile } from './pages/static-files.ts';
import type { ProblemPage } from './problem-response.ts';

export type PagesDeps = {
  readonly log: ShownLog & ListedLog & EntryLog & Pick<Log, 'vkey' | 'append'>;
  /** Whether the demo and its approval service run: on loopback and outside of production only. */
  readonly demo: boolean;
  readonly logger: Pick<Logger, 'warn'>;
  /** Where vite has put the pages. */
  readonly folder?: string;
};

/** /verify in one file. To be kept byte by byte, so that its SHA-256 stays what /verify says: never shown from here. */
const SAVED_COPY = 'assent-verify.html';
const SAVED_HEADERS = { ...PAGE_HEADERS, 'Content-Disposition': `attachment; filename="${SAVED_COPY}"` };

export type Pages = {
  readonly routes: Hono;
  /** Undefined where the pages were not built. */
  readonly problemPage: ProblemPage;
};

/** `/`, `/entries`, `/entry/…`, `/verify`, `/docs`, `/demo`, their files, and the demo's approval service. */
export function pages({ log, demo, logger, folder = BUILT_PAGES }: PagesDeps): Pages {
  const files = readPages(folder, demo, logger);
  const file = (name: string): StaticFile => {
    const found = files.get(name);
    if (found === undefined) throw new Problem('not_found', PROBLEM.noPage);
    return found;
  };
  const template = (name: string): string => new TextDecoder().decode(file(`${name}/index.html`).bytes);
  const shown = (page: string): string => (demo ? page : withoutDemo(page));
  const routes = new Hono()
    .get('/', async (c) => {
      const home = template('home');
      const headers = { ...FORM_HEADERS, ...FRESH };
      try {
        return c.html(shown(await renderHome(home, log)), 200, headers);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        logger.warn({ code: error.code }, 'the front page has no head to show');
        return c.html(shown(await renderHomeWithoutLog(home, error)), 503, headers);
      }
    })
    .get('/entries', async (c) => {
      const answer = await renderEntries(template('entries'), log, queryOf(c));
      if ('redirect' in answer) return c.redirect(answer.redirect, 303);
      return c.html(answer.page, answer.status, { ...FORM_HEADERS, ...FRESH });
    })
    .get('/entry/:index', async (c) => {
      const index = readIndex(c.req.param('index'));
      const { page, status } = await renderEntry(template('entry'), log, index);
      return c.html(page, status as ContentfulStatusCode, { ...PAGE_HEADERS, ...FRESH });
    })
    .get('/verify', (c) => sendFile(c, file('verify/index.html')))
    .get(`/${SAVED_COPY}`, (c) => sendFile(c, file(SAVED_COPY), SAVED_HEADERS))
    .get('/docs', (c) => sendFile(c, file('docs/index.html'), REFERENCE_HEADERS))
    .get('/favicon.svg', (c) => sendFile(c, file('favicon.svg')))
    .get('/assets/:name', (c) => sendFile(c, file(`assets/${c.req.param('name')}`)));
  const problemPage: ProblemPage = async (problem) =>
    files.has('problem/index.html') ? renderProblem(template('problem'), problem) : undefined;
  if (!demo) return { routes, problemPage };
  routes
    .get('/demo', (c) => {
      const port = loopbackPort(c);
      // Passkeys refuse bare IP addresses.
      if (checkReadableHost(c, port) === 'address') return c.redirect(`${relyingPartyOf(port).origin}/demo`);
      return sendFile(c, file('demo/index.html'));
    })
    .route('/', demoRoutes(new ApprovalService({ log })));
  return { routes, problemPage };
}

/** What the server writes anew each time. */
const FRESH = { 'Cache-Control': 'no-cache' };

function readIndex(text: string): number {
  const index = parseDecimal(text);
  if (index.ok) return index.value;
  throw new Problem('not_found', ENTRY.numbers);
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

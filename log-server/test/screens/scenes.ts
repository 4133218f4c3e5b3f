/** What is shown: every page and state, by a name, and how a browser gets there. */
import type { BrowserContext, Page } from 'playwright-core';
import { addVirtualAuthenticator } from '../../../test-support/src/browser.ts';
import { SAVED_URL } from '../support/saved-page.ts';
import { reach, verifyStates } from '../support/verify-states.ts';
import type { ShownLogs } from './shown-logs.ts';

export type Scene = {
  readonly name: string;
  /** Which of the logs it shows. Default: the full one. */
  readonly of?: 'full' | 'empty' | 'stopped' | 'demo';
  /** Leads the page there, and waits until it is at rest. */
  readonly show: (page: Page, logs: ShownLogs) => Promise<void>;
  /** Before the page is opened: what the visitor's browser is like. */
  readonly prepare?: (context: BrowserContext, logs: ShownLogs) => Promise<void>;
  /** Puts back what `show` or `prepare` did to the logs. */
  readonly after?: (logs: ShownLogs) => Promise<void> | void;
  /** What it is about stands at the top, and the rest is as ever. */
  readonly top?: boolean;
  /** Also on paper. */
  readonly printed?: boolean;
};

const HOUR = 3_600_000;

/** Until the stream of heads is open and this browser's memory was compared. */
async function home(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/`);
  await page.locator('#live:not([hidden])').waitFor();
  await page.locator('#visit[data-visit]').waitFor();
}

const entry = (name: string, of: keyof ShownLogs['entries'], printed = false): Scene => ({
  name: `entry-${name}`,
  show: async (page, { full, entries }) => {
    await page.goto(`${full.url}/entry/${entries[of]}`);
    await page.locator('.print-foot').waitFor({ state: 'attached' });
  },
  printed,
});

const at = (name: string, path: string, top = false): Scene => ({
  name,
  top,
  show: async (page, { full }) => {
    await page.goto(full.url + path);
  },
});

/** In a browser that was here before: it remembers a head of the full log, or the one that it shows now. */
const homeAgain = (name: string, of: keyof ShownLogs['heads'] | undefined, finds: string): Scene => ({
  name,
  top: true,
  prepare: async (context, { full, heads }) => {
    const page = await context.newPage();
    await home(page, full.url);
    await page.evaluate((head) => {
      const seen = JSON.parse(localStorage.getItem('assent.seen-head') ?? '{}');
      localStorage.setItem('assent.seen-head', JSON.stringify({ ...seen, ...head }));
    }, of && heads[of]);
    await page.close();
  },
  show: async (page, { full }) => {
    await home(page, full.url);
    await page.locator(`#visit[data-visit="${finds}"]`).waitFor();
  },
});

/** From its first click up to this state. */
async function demo(page: Page, { demo: site }: ShownLogs, until: 'start' | 'action' | 'logged' | 'tampered') {
  await addVirtualAuthenticator(page);
  await page.goto(`${site.url}/demo`);
  if (until === 'start') return;
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByRole('button', { name: 'Ask me for approval' }).click();
  const approve = page.getByRole('button', { name: 'Approve with passkey' });
  await approve.waitFor();
  if (until === 'action') return;
  await approve.click();
  await page.locator('#logged [data-verdict]').waitFor();
  if (until === 'logged') return;
  await page.getByRole('button', { name: 'Add a zero to the amount' }).click();
  await page.locator('#forged [data-verdict="invalid"]').waitFor();
}

export const SCENES: readonly Scene[] = [
  { name: 'home', show: (page, { full }) => home(page, full.url) },
  { name: 'home-empty', of: 'empty', show: (page, { empty }) => home(page, empty.url) },
  homeAgain('home-again', undefined, 'same'),
  homeAgain('home-grown', 'earlier', 'grown'),
  homeAgain('home-fork', 'forked', 'fork'),
  homeAgain('home-shrunk', 'ahead', 'shrunk'),
  {
    name: 'home-terms',
    top: true,
    show: async (page, { full }) => {
      await home(page, full.url);
      for (const term of await page.locator('.head-card .term > summary').all()) await term.click();
    },
  },
  {
    name: 'home-log-down',
    top: true,
    show: async (page, { full }) => {
      await home(page, full.url);
      await full.stop();
      await page.locator('#connection:not([hidden])').waitFor();
    },
    after: ({ full }) => full.start(),
  },
  {
    name: 'home-wrong-clock',
    top: true,
    show: async (page, { full }) => {
      await page.clock.setFixedTime(Date.now() - 3 * HOUR);
      await home(page, full.url);
      await page.locator('#clock:not([hidden])').waitFor();
    },
  },
  {
    name: 'home-stopped',
    of: 'stopped',
    show: async (page, { stopped }) => {
      await page.goto(`${stopped.url}/`);
    },
  },
  {
    name: 'stopped',
    of: 'stopped',
    show: async (page, { stopped }) => {
      await page.goto(`${stopped.url}/entries`);
    },
  },
  at('entries', '/entries'),
  at('entries-older', '/entries?after=120', true),
  at('entries-found', '/entries?kind=approval&service=approvals.example.com', true),
  at('entries-none', '/entries?service=nobody.example.com'),
  at('entries-unclear', '/entries?q=what+is+this%3F'),
  entry('approved', 'approved', true),
  entry('rejected', 'rejected'),
  entry('attested', 'attested'),
  entry('revealed', 'revealed'),
  entry('consumption', 'consumption', true),
  entry('trust-root', 'secondRoot', true),
  entry('sealed', 'sealed', true),
  entry('withheld', 'withheld'),
  entry('foreign', 'foreign'),
  entry('hostile', 'hostile'),
  entry('opaque', 'opaque'),
  entry('long-names', 'longNames', true),
  {
    name: 'verify-empty',
    show: async (page, { full }) => {
      await page.goto(`${full.url}/verify`);
      await page.locator('[data-pin="logKey"][data-state="served"]').waitFor();
    },
  },
  {
    name: 'verify-own',
    show: async (page, { full, entries }) => {
      await page.goto(`${full.url}/verify?id=${entries.approved}`);
      await page.locator('#verdict [data-face="authentic"]').waitFor();
      await page.locator('#evidence > *').first().waitFor();
    },
    printed: true,
  },
  ...verifyStates().map(
    (state): Scene => ({
      name: `verify-${state.name}`,
      // The saved copy is the same script.
      show: async (page) => {
        await reach(page, SAVED_URL, state);
        await page.locator('#evidence > *').first().waitFor();
      },
      top: !['authorized', 'invalid', 'several'].includes(state.name),
      printed: state.name === 'authorized',
    }),
  ),
  { name: 'demo-start', of: 'demo', show: (page, logs) => demo(page, logs, 'start') },
  { name: 'demo-action', of: 'demo', show: (page, logs) => demo(page, logs, 'action') },
  { name: 'demo-logged', of: 'demo', show: (page, logs) => demo(page, logs, 'logged') },
  { name: 'demo-tampered', of: 'demo', show: (page, logs) => demo(page, logs, 'tampered') },
  at('not-found', '/nothing/here'),
  at('future-entry', '/entry/123456'),
];

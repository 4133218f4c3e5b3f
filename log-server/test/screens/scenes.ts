/** What is shown: every page and state, by a name, and how a browser gets there. */
import type { BrowserContext, Page } from 'playwright-core';
import { addVirtualAuthenticator } from '../../../test-support/src/browser.ts';
import { SAVED_URL } from '../support/saved-page.ts';
import { reach, verifyStates } from '../support/verify-states.ts';
import type { ShownLogs } from './shown-logs.ts';

export type Scene = {
  readonly name: string;
  /** Which of the logs it shows. Default: the full one. */
  readonly of?: 'full' | 'empty' | 'stopped' | 'demo' | 'rotated' | 'rotating' | 'closed';
  /** Leads the page there, and waits until it is at rest. */
  readonly show: (page: Page, logs: ShownLogs) => Promise<void>;
  /** Before the page is opened: what the visitor's browser is like. */
  readonly prepare?: (context: BrowserContext, logs: ShownLogs) => Promise<void>;
  /** Puts back what `show` or `prepare` did to the logs. */
  readonly after?: (logs: ShownLogs) => Promise<void> | void;
  /** What it is about stands at the top, and the rest is as ever. */
  readonly top?: boolean;
  /** But at this width it is taken from its top to its end. */
  readonly whole?: number;
  /** Only this part of the page is taken: what it is about stands further down. */
  readonly part?: string;
  /** It is the saved copy of /verify, which has nothing to do with a log. */
  readonly saved?: boolean;
  /** Also on paper. */
  readonly printed?: boolean;
};

const HOUR = 3_600_000;
/** Where what a state is about stands far down as well. */
const WHOLE = 768;

/** Until the stream of heads is open and this browser's memory was compared. */
async function home(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/`);
  await page.locator('#live:not([hidden])').waitFor({ state: 'attached' });
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
async function demo(
  page: Page,
  { demo: site }: ShownLogs,
  until: 'start' | 'action' | 'rejected' | 'logged' | 'tampered' | 'backdated',
) {
  await addVirtualAuthenticator(page);
  await page.goto(`${site.url}/demo`);
  if (until === 'start') return;
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByRole('button', { name: 'Ask me for approval' }).click();
  const approve = page.getByRole('button', { name: 'Approve with passkey' });
  await approve.waitFor();
  if (until === 'action') return;
  if (until === 'rejected') await page.getByRole('button', { name: 'Reject with passkey' }).click();
  else await approve.click();
  await page.locator('#logged [data-verdict]').waitFor();
  if (until !== 'tampered' && until !== 'backdated') return;
  const forge = until === 'tampered' ? 'Add a zero to the amount' : 'Backdate the entry by 30 seconds';
  await page.getByRole('button', { name: forge }).click();
  await page.locator('#forged [data-verdict="invalid"]').waitFor();
}

/** What /verify says of an entry of this page's log. */
async function verify(
  page: Page,
  { full, entries }: ShownLogs,
  of: keyof ShownLogs['entries'] = 'approved',
  face = 'authentic',
): Promise<void> {
  await page.goto(`${full.url}/verify?id=${entries[of]}`);
  await page.locator(`#verdict [data-face="${face}"]`).waitFor();
  await page.locator('#evidence .paper').waitFor({ state: 'attached' });
}

const verified = (name: string, of: keyof ShownLogs['entries'], face: string): Scene => ({
  name: `verify-${name}`,
  show: (page, logs) => verify(page, logs, of, face),
  top: true,
  whole: WHOLE,
});

/** A receipt from before the log replaced its key, where the visitor pinned this one, or none. */
const afterRotation = (name: string, face: string, pin?: (logs: ShownLogs) => string): Scene => ({
  name,
  of: 'rotated',
  top: true,
  whole: WHOLE,
  show: async (page, logs) => {
    const { rotated, rotation } = logs;
    await page.goto(`${rotated.url}/verify`);
    if (pin !== undefined) {
      await page.evaluate((logKey) => localStorage.setItem('assent.pins', JSON.stringify({ logKey })), pin(logs));
      await page.reload();
    }
    const file = { name: 'kept.receipt.json', mimeType: 'application/json', buffer: Buffer.from(rotation.kept) };
    await page.locator('#file').setInputFiles(file);
    await page.locator(`#verdict [data-face="${face}"]`).waitFor();
    await page.locator('#evidence > *').first().waitFor();
    if (pin !== undefined) await page.locator('[data-pin="logKey"] > summary').click();
  },
});

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
  { name: 'home-two-keys', of: 'rotating', top: true, show: (page, { rotating }) => home(page, rotating.url) },
  { name: 'home-closed', of: 'closed', show: (page, { closed }) => home(page, closed.url) },
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
  {
    name: 'verify-no-entry',
    top: true,
    show: async (page, { full }) => {
      await page.goto(`${full.url}/verify?id=123456`);
      await page.locator('#question-message:not([hidden])').waitFor();
    },
  },
  {
    name: 'verify-broken-link',
    top: true,
    show: async (page, { full }) => {
      await page.goto(`${full.url}/verify#receipt=AAAA`);
      await page.locator('#question-message:not([hidden])').waitFor();
    },
  },
  {
    name: 'verify-log-silent',
    top: true,
    prepare: async (context) => {
      await context.route('**/api/v1/log', (route) => route.abort('connectionrefused'));
    },
    show: async (page, { full }) => {
      await page.goto(`${full.url}/verify`);
      await page.locator('[data-pin="logKey"][data-state="none"] > summary').click();
    },
  },
  {
    name: 'verify-pin-differs',
    of: 'full',
    top: true,
    show: async (page, { full, rotation }) => {
      await page.goto(`${full.url}/verify`);
      await page.evaluate((logKey) => localStorage.setItem('assent.pins', JSON.stringify({ logKey })), rotation.newKey);
      await page.reload();
      await page.locator('[data-pin="logKey"][data-state="pinned"] > summary').click();
    },
  },
  verified('hostile', 'hostile', 'authentic'),
  {
    name: 'verify-path-broken',
    part: '.path',
    show: async (page, logs) => {
      await verify(page, logs);
      await page.locator('.path > summary').click();
      await page.getByRole('button', { name: 'Change one for me' }).click();
      await page.locator('.path-outcome.fail').waitFor();
    },
  },
  {
    name: 'verify-evidence-open',
    part: '.evidence',
    show: async (page, logs) => {
      await verify(page, logs);
      await page.locator('.evidence > summary').click();
      await page.locator('.evidence .part').first().waitFor();
      for (const part of await page.locator('.evidence .part > summary').all()) await part.click();
    },
  },
  {
    name: 'verify-checks-open',
    part: '#evidence > .card:has(.check-group)',
    show: async (page, logs) => {
      await verify(page, logs);
      for (const id of ['checkpoint', 'witnesses', 'use']) {
        await page.locator(`[data-check="${id}"] > summary`).click();
        await page.locator(`[data-check="${id}"] .check-parts > *`).first().waitFor();
      }
    },
  },
  {
    name: 'verify-pins-open',
    part: '#pins',
    show: async (page, { full }) => {
      await page.goto(`${full.url}/verify`);
      await page.locator('[data-pin="logPolicy"][data-state="served"]').waitFor();
      for (const pin of await page.locator('.pin > summary').all()) await pin.click();
      for (const pin of await page.locator('.pin > div').all()) await pin.locator('> *').first().waitFor();
    },
  },
  afterRotation('verify-retired-key', 'authentic'),
  afterRotation('verify-other-key', 'incomplete', ({ rotation }) => rotation.newKey),
  {
    // Whether it holds what the replaced key signed, this log does not answer.
    ...afterRotation('verify-doubted-key', 'incomplete'),
    prepare: async (context) => {
      await context.route('**/api/v1/proofs/consistency*', (route) => route.abort('connectionrefused'));
    },
  },
  {
    name: 'verify-saved-empty',
    saved: true,
    show: async (page) => {
      await page.goto(SAVED_URL);
      await page.locator('[data-pin="logKey"]').waitFor();
    },
  },
  {
    name: 'verify-saved-example',
    saved: true,
    top: true,
    show: async (page) => {
      await page.goto(SAVED_URL);
      await page.getByText('Take an example').click();
      await page.locator('#evidence .paper').waitFor({ state: 'attached' });
    },
  },
  ...verifyStates().map(
    (state): Scene => ({
      name: `verify-${state.name}`,
      // The saved copy is the same script.
      show: async (page) => {
        await reach(page, SAVED_URL, state);
        await page.locator('#evidence > *').first().waitFor();
      },
      saved: true,
      top: !['authorized', 'invalid', 'several'].includes(state.name),
      whole: WHOLE,
      printed: state.name === 'authorized',
    }),
  ),
  {
    name: 'verify-address',
    saved: true,
    top: true,
    show: async (page) => {
      const state = verifyStates().find(({ name }) => name === 'authentic');
      if (state === undefined) throw new Error('there is no such state');
      await reach(page, SAVED_URL, state);
      await page.getByText('Add a QR code to the printed page').click();
      await page.getByLabel('Address of the log').fill('https://log.example.com');
      await page.getByRole('button', { name: 'Make the QR code' }).click();
      await page.locator('.print-foot').waitFor({ state: 'attached' });
    },
  },
  {
    name: 'demo-no-passkeys',
    of: 'demo',
    top: true,
    prepare: async (context) => {
      await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'credentials'));
    },
    show: async (page, { demo: site }) => {
      await page.goto(`${site.url}/demo`);
      await page.locator('#unable:not([hidden])').waitFor();
    },
  },
  { name: 'demo-start', of: 'demo', show: (page, logs) => demo(page, logs, 'start') },
  { name: 'demo-action', of: 'demo', show: (page, logs) => demo(page, logs, 'action') },
  { name: 'demo-logged', of: 'demo', show: (page, logs) => demo(page, logs, 'logged') },
  { name: 'demo-rejected', of: 'demo', show: (page, logs) => demo(page, logs, 'rejected') },
  { name: 'demo-tampered', of: 'demo', show: (page, logs) => demo(page, logs, 'tampered') },
  { name: 'demo-backdated', of: 'demo', part: '#step-forge', show: (page, logs) => demo(page, logs, 'backdated') },
  at('not-found', '/nothing/here'),
  at('future-entry', '/entry/123456'),
  {
    name: 'docs',
    show: async (page, { full }) => {
      await page.goto(`${full.url}/docs`);
      await page.locator('.opblock').first().waitFor();
    },
  },
  {
    name: 'docs-call',
    part: '#operations-read-listEntries',
    show: async (page, { full }) => {
      await page.goto(`${full.url}/docs`);
      const operation = page.locator('#operations-read-listEntries');
      await operation.getByRole('button', { name: 'Search open entries' }).click();
      await operation.getByRole('textbox', { name: 'limit' }).fill('1');
      await operation.getByRole('button', { name: 'Execute' }).click();
      await operation.locator('.live-responses-table').waitFor();
    },
  },
  {
    name: 'docs-append',
    part: '#operations-append-appendEntry',
    show: async (page, { full }) => {
      await page.goto(`${full.url}/docs`);
      await page.getByLabel('API key').fill('assent_00000000_key');
      const operation = page.locator('#operations-append-appendEntry');
      await operation.getByRole('button', { name: 'Append an entry' }).click();
      await operation.getByRole('tab', { name: 'Schema' }).first().click();
      await operation.locator('.model-box').first().waitFor();
    },
  },
];

/** Every answer that /verify can give, in the saved copy, which is the same script: how it reads, and what it is on paper. */

import { createTestLog } from '@assent/test-support';
import { accessibilityProblems } from '@assent/test-support/browser/axe';
import { signedApprovalDecision } from '@assent/test-support/foreign-evidence';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAll, openSavedBrowser, SAVED_URL, type SavedBrowser, sheets } from './support/saved-page.ts';
import { reach, type VerifyState, verifyStates } from './support/verify-states.ts';

const states = verifyStates();
/** What a check is said to be where there was nothing to look at, or where it is no check that was made here. */
const UNCOUNTED = new Set(['None required', 'Not limited', 'Used']);
const WIDTHS = [320, 390, 768, 1440];

let saved: SavedBrowser;

beforeAll(async () => {
  saved = await openSavedBrowser();
});
afterAll(() => saved?.browser.close());

describe.each(states)('$name', (state: VerifyState) => {
  it('is told apart, is accessible in every theme, fits every width, and prints on one sheet', async () => {
    const { page, complaints } = await saved.open();
    await reach(page, SAVED_URL, state);
    for (const format of ['A4', 'Letter'] as const) expect(await sheets(page, format), format).toBe(1);
    const answer = (await page.locator('#verdict').textContent()) ?? '';
    const listed = (await page.locator('.check-status').allTextContents()).filter((each) => !UNCOUNTED.has(each));
    const passed = listed.filter((each) => each === 'Passed');
    expect(answer).toContain(`${passed.length} of ${listed.length} checks passed`);
    await openAll(page);
    // Of what another system says only that system can explain the members.
    if (state.name !== 'foreign') {
      const rows = page.locator('.evidence .members > div:has(dt > code)');
      expect(await rows.filter({ hasNot: page.locator('.note') }).allTextContents()).toEqual([]);
      if (state.name !== 'unreadable') expect(await rows.count()).toBeGreaterThan(3);
    }
    expect(await accessibilityProblems(page)).toEqual([]);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `at ${width}`).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

/** What the answer says, and what stands in the row of one check, so that nobody takes either for more than was checked. */
describe.each([
  [
    'used',
    /was used on .* by a system that calls itself “payments-gw-3”\./,
    'use',
    /^It was usedUsed.*On .* by a system that calls itself “payments-gw-3”\. The proof of it holds\.$/,
  ],
  [
    'authentic',
    /Not checked: .*whose keys signed/,
    'witnesses',
    /^No witnesses were asked for.*None required.*Would prove/,
  ],
  [
    'authorized',
    /All that you asked for passed\. It may be acted upon\. Judged as of/,
    'use',
    /^It may be used more than once.*Not limited.*Would prove/,
  ],
  [
    'attested-in-part',
    / was approved by alice@example\.com \(finance\) and, as the service says, by bob@example\.com \(security\) on \d/,
    'use',
    /Not limited/,
  ],
  ['foreign', /^Authentic.*in the form SignedApproval says that “.+” was approved/, 'intent', undefined],
  [
    'sealed',
    /^IncompleteThe log holds this entry\..*opens it\.That it is in the log is proven; what was decided is not, as it is not disclosed here/,
    'content',
    /Not checked/,
  ],
  ['rejected', /^(?!.*(still be used|enough people|about to run)).* was rejected by /, 'window', undefined],
  [
    'unanswered',
    /was said to have gone unanswered before its time was up, on [^,]*, and the log holds that exactly as it was signed\. It authorizes nothing\./,
    'trust',
    /Not checked/,
  ],
  [
    'no-key',
    /The receipt says that .* was approved with 2 passkeys on [^,]*\. You have not said which log .*Not checked: whether the log signed it.*whether it can still be used/,
    'checkpoint',
    /Not checked/,
  ],
  [
    'invalid',
    /^InvalidThe action in this file is not the one that was signed\..* checks passed, 1 failed, \d not made\.$/,
    'content',
    /^What was decided is not intactFailed.*The action in this file is not the one that was signed\.What was compared/,
  ],
  ['expired', /must not be acted upon: this approval has expired\./, 'window', /^It has expiredFailed/],
  [
    'unreadable',
    /^InvalidThis is no receipt, or not all of one\./,
    'receipt',
    /^This is not a well-formed receiptFailed/,
  ],
  ['witnessed', /exactly as it was signed, and 2 independent witnesses saw it there\./, 'policy', /Not checked/],
  [
    'pending',
    /^Pending“Refund.* was approved.*Not enough independent witnesses have seen it yet.* checks passed, 1 not yet\.(?!.*enough witnesses)/,
    'witnesses',
    /^Enough witnesses saw this tree headNot yet/,
  ],
  [
    'consumption',
    /^AuthenticA system that calls itself “payments-gw-3” says that .* that statement .*as evidence\.[67] of [67] checks passed\.$/,
    'use',
    undefined,
  ],
] as const)('%s', (name, answer, check, row) => {
  it('claims no more than was checked, and leaves out nothing that is known', async () => {
    const state = states.find((each) => each.name === name)!;
    const { page } = await saved.open();
    await reach(page, SAVED_URL, state);
    expect(await page.locator('#verdict').textContent()).toMatch(answer);
    const view = page.locator(`[data-check="${check}"]`);
    // What nobody asks of such a record is not listed.
    if (row === undefined) expect(await view.count()).toBe(0);
    else {
      // A failed one is open.
      if ((await view.getAttribute('open')) === null) await view.locator('> summary').click();
      await view.locator('.check-parts > *').first().waitFor();
      expect(await view.textContent()).toMatch(row);
    }
    expect(await view.locator('.icon-pass').count()).toBe(0);
    await page.context().close();
  });
});

describe('the answer', () => {
  const show = async (name: string): Promise<Page> => {
    const { page } = await saved.open();
    await reach(page, SAVED_URL, states.find((each) => each.name === name)!);
    return page;
  };

  it.each([
    ['authentic', 1],
    ['no-key', 1],
    // All that is open is for a gate to ask, or rests on what failed.
    ['authentic-named', 0],
    ['refused-action', 0],
  ])('of %s leads to what the reader trusts only where that would answer more', async (name, links) => {
    const page = await show(name);
    expect(await page.getByText('Say what you trust').count()).toBe(links);
    await page.context().close();
  });

  it('counts as many checks as not made as the list has', async () => {
    const page = await show('invalid');
    const [, count] = / (\d) not made\./.exec((await page.locator('#verdict').textContent()) ?? '') ?? [];
    expect(Number(count)).toBeGreaterThan(0);
    expect(await page.locator('.check-status', { hasText: 'Not made' }).count()).toBe(Number(count));
    await page.context().close();
  });

  it('names on paper the witnesses that were asked for, and how many of them', async () => {
    const page = await show('witnessed');
    const row = page.locator('.paper dl > div', { has: page.locator('dt', { hasText: /^Witnesses$/ }) });
    expect(await row.locator('dd').textContent()).toMatch(/^2 of 3 witnesses must have seen it\. \w.*, \w/);
    await page.context().close();
  });

  it('shows the roots that differ as every other hash', async () => {
    const state = states.find(({ name }) => name === 'authentic')!;
    const [[name, text]] = state.receipts as unknown as [[string, string]];
    const receipt = JSON.parse(text) as { entry: string };
    const earlier = receipt.entry.replace(/("logged_at":\d*)\d/, (_, start) => `${start}${'0'}`);
    const later = earlier === receipt.entry ? receipt.entry.replace(/("logged_at":\d*)\d/, '$11') : earlier;
    const { page } = await saved.open();
    const forged = JSON.stringify({ ...receipt, entry: later });
    await reach(page, SAVED_URL, { ...state, receipts: [[name, forged]], face: 'invalid' });
    const values = page.locator('[data-check="inclusion"] .facts.well dd .digest');
    await values.first().waitFor();
    expect(await values.allTextContents()).toEqual([0, 1].map(() => expect.stringMatching(/^[0-9a-f]{64}$/)));
    await page.context().close();
  });

  it('tears no short name at its hyphen', async () => {
    const page = await show('used');
    await page.setViewportSize({ width: 320, height: 900 });
    const names = page.locator('#verdict bdi', { hasText: /^payments-gw-3$/ });
    expect(await names.evaluateAll((all) => all.map((each) => each.getClientRects().length))).toEqual([1]);
    await page.context().close();
  });
});

describe('a request that nobody answered', () => {
  it('went unanswered when its time was up, and is shown to have been closed earlier where it was', async () => {
    const { page } = await saved.open();
    await reach(page, SAVED_URL, states.find(({ name }) => name === 'unanswered')!);
    const moment = page.locator('.timeline .moment', { hasText: 'Nobody answered' });
    const asked = page.locator('.timeline .moment').first().locator('time');
    const times = async () =>
      Promise.all(
        [asked, moment.locator('time')].map(async (time) => Date.parse((await time.getAttribute('datetime'))!)),
      );
    expect(await moment.textContent()).toMatch(
      /^Nobody answeredSaid before the time to answer was up: that is on .*\.$/,
    );
    expect(await page.locator('.card.what h2').textContent()).toBe('What was closed without an answer');
    expect(await page.locator('.card.what .tag').first().textContent()).toBe('closed without an answer');
    const [first, until] = await times();
    expect(until! - first!).toBe(900_000);

    await page.getByRole('button', { name: 'in-its-time' }).click();
    await moment.locator('.clock').waitFor();
    expect(await moment.textContent()).not.toContain('Said before');
    expect(await page.locator('.card.what h2').textContent()).toBe('What nobody decided in time');
    const [second, up] = await times();
    expect(up! - second!).toBe(900_000);
    expect(await moment.locator('+ .moment').textContent()).toMatch(/^Logged/);
    await page.context().close();
  });
});

/** Nobody's passkey signed: of whatever is quoted out of the page, nothing says that a person did. */
describe.each([
  ['attested', /^Authentic“Refund .*” was approved, as a service says, on \d.*, and the log holds that decision/],
  [
    'attested-named',
    /^Authorized“Refund .*” was approved, as the service says, by alice@example\.com \(finance\) and bob@example\.com \(security\) on \d/,
  ],
] as const)('%s', (name, answer) => {
  it('reads as what a service says in the answer, in the facts and in the order of time', async () => {
    const state = states.find((each) => each.name === name)!;
    const { page } = await saved.open();
    await reach(page, SAVED_URL, state);
    expect(await page.locator('#verdict').textContent()).toMatch(answer);
    const facts = page.locator('.card.what');
    expect(await facts.locator('h2').textContent()).toBe('What it says');
    expect(await facts.locator('dt').allTextContents()).toEqual(
      expect.arrayContaining(['Decision, as the service says', 'Approved, as the service says']),
    );
    expect(await facts.locator('.plain-list li').allTextContents()).toEqual([
      expect.stringMatching(/^alice@example\.com as finance, with a one-time code, \d/),
      expect.stringMatching(/^bob@example\.com as security, with a security key, \d/),
    ]);
    expect(await facts.locator('.signers .note').allTextContents()).toEqual(
      name === 'attested' ? ['Only a list of approvers can say whose key this is.'] : [],
    );
    expect(await facts.locator('.tag').evaluateAll((tags) => tags.map(({ className }) => className.trim()))).toEqual([
      'tag',
    ]);
    const moments = await page.locator('.timeline .moment > strong').allTextContents();
    expect(moments.filter((what) => /approved|confirmed/i.test(what))).toEqual([
      'Approved, as the service says',
      'Approved, as the service says',
    ]);
    await page.context().close();
  });
});

describe('the only entry of a log', () => {
  it('is its root, and has no neighbour to be hashed with', async () => {
    const log = createTestLog({ origin: 'log.example.com/lone' });
    const { receipt } = log.append({ content: signedApprovalDecision() });
    const { page } = await saved.open();
    await reach(page, SAVED_URL, {
      name: 'lone',
      receipts: [['lone.receipt.json', receipt]],
      pins: { logKey: log.vkey },
      face: 'authentic',
    });
    await page.getByText('Where it stands in the log').click();
    await page.locator('.path-outcome').waitFor();
    expect(await page.locator('.path').textContent()).toMatch(
      /It is the only one.*entry 0, computed root.*root in the/,
    );
    await page.context().close();
  });
});

describe('before anything is asked', () => {
  it('is accessible in every theme, with all that can be opened open', async () => {
    const { page, complaints } = await saved.open();
    await page.locator('[data-pin]').first().waitFor();
    await openAll(page);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

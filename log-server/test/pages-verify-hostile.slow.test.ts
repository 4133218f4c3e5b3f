/** Receipts that were made to do harm: they are shown as text, soon, and nothing else happens. */
import { createApproval, createAuthenticator, createTestLog } from '@assent/test-support';
import { agentmintToken } from '@assent/test-support/foreign-evidence';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAll, openSavedBrowser, type SavedBrowser, sheets } from './support/saved-page.ts';

const SCRIPT = '<img src=x onerror="alert(1)"><script>alert(2)</script><svg onload=alert(3)>';
const TURNED = '\u202e00.1 RUE\u2066 \u200bEve\u0000\u034f\u3164';
const UNSEEN = '\u202e\u2066\u200b\u0000\u034f\u3164';
const ALIKE = 'P\u0430yP\u0430l \u0410cme';
const MEGABYTES = 2 * 1024 * 1024;

let saved: SavedBrowser;

beforeAll(async () => {
  saved = await openSavedBrowser();
});
afterAll(() => saved?.browser.close());

const log = createTestLog({ origin: 'log.example.com/approvals' });

function approved(args: Record<string, string | object>, display: string): string {
  const approval = createApproval({
    origin: log.origin,
    authenticator: createAuthenticator({ origin: 'https://xn--pypl-6qaa.example' }),
    intent: { args: { ...args } as Record<string, string> },
    display,
    assertion: { extraClientData: { [SCRIPT]: TURNED, other: ALIKE } },
  });
  return log.append({ content: approval.envelope }, { intent: { ...approval.intent }, display }).receipt;
}

/** Some can be genuine, as whoever may append chooses the words; the others are not even that. */
const CASES: Readonly<Record<string, () => string>> = {
  'script, overrides and look-alikes in every string': () =>
    approved(
      { [SCRIPT]: SCRIPT, [TURNED]: TURNED, name: ALIKE, nested: { [TURNED]: [SCRIPT] } },
      `${SCRIPT} ${TURNED} ${ALIKE}`,
    ),
  'a text of two megabytes': () => approved({ amount: '1' }, `${'x'.repeat(MEGABYTES)}`),
  'two megabytes of what cannot be seen': () => approved({ amount: '1' }, '\u200b'.repeat(MEGABYTES / 3)),
  'a hundred thousand lines': () => approved({ amount: '1' }, '\n'.repeat(100_000)),
  'fifty thousand arguments': () =>
    approved(Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`a${index}`, SCRIPT.slice(0, 20)])), 'x'),
  'words of another system': () =>
    log.append({ content: agentmintToken({ members: { sub: SCRIPT + TURNED, action: ALIKE + 'y'.repeat(30_000) } }) })
      .receipt,
  'an entry that is no entry': () =>
    log.appendBytes(new TextEncoder().encode(SCRIPT + TURNED.replaceAll('\u0000', ''))).receipt,
  'an entry of two megabytes': () =>
    JSON.stringify({ ...JSON.parse(approved({ a: '1' }, 'x')), entry: SCRIPT.repeat(25_000) }),
  'a proof that is none': () => JSON.stringify({ ...JSON.parse(approved({ a: '1' }, 'x')), proof: SCRIPT + TURNED }),
  'a note of somebody else': () => {
    const receipt = JSON.parse(approved({ a: '1' }, 'x'));
    return JSON.stringify({
      ...receipt,
      proof: receipt.proof.replaceAll(
        'log.example.com/approvals',
        `${SCRIPT.replaceAll(' ', '')}${TURNED.replaceAll(' ', '').replaceAll('\u0000', '')}`,
      ),
    });
  },
  'members that nobody knows': () => JSON.stringify({ type: 'assent/receipt/v1', [SCRIPT]: TURNED }),
  'two megabytes of nothing': () => '['.repeat(MEGABYTES),
};

async function check(page: Page, text: string): Promise<void> {
  // Made in the page: megabytes travel slowly.
  const dataTransfer = await page.evaluateHandle(
    ([content, name]) => {
      const carried = new DataTransfer();
      carried.items.add(new File([content], name, { type: 'application/json' }));
      return carried;
    },
    [text, `${SCRIPT}${TURNED}.json`] as const,
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer });
  await page.locator('#verdict [data-face]').waitFor({ timeout: 60_000 });
  await page.locator('#evidence > *').first().waitFor();
}

describe.each(Object.entries(CASES))('%s', (_, make) => {
  it('stays text, and harms nothing', async () => {
    const { page, complaints } = await saved.open();
    await page.evaluate((vkey) => localStorage.setItem('assent.pins', JSON.stringify({ logKey: vkey })), log.vkey);
    await page.reload();
    await check(page, make());
    expect(await sheets(page, 'A4')).toBe(1);
    await openAll(page);
    for (let more = await page.locator('.more-text').count(); more > 0; more = 0) {
      await page.locator('.more-text').first().click();
    }
    await page.locator('#question').evaluate(() => new Promise(requestAnimationFrame));
    const shown = (await page.locator('main').textContent()) ?? '';
    expect([...UNSEEN].filter((character) => shown.includes(character))).toEqual([]);
    expect(
      await page
        .locator('main :is(img, script, iframe, object, embed, [onload], [onerror], [style], a[href^="javascript"])')
        .count(),
    ).toBe(0);
    for (const width of [320, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        `${width}`,
      ).toBeLessThanOrEqual(0);
    }
    // The page is still there, and asks again.
    await page.getByRole('button', { name: 'Check another' }).click();
    expect(await page.getByLabel('Paste a receipt').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('look-alikes', () => {
  it('are named beside the words that hold them', async () => {
    const { page } = await saved.open();
    await page.evaluate((vkey) => localStorage.setItem('assent.pins', JSON.stringify({ logKey: vkey })), log.vkey);
    await page.reload();
    await check(page, approved({ to: ALIKE }, `Pay ${ALIKE}`));
    expect(await page.locator('#verdict').textContent()).toContain(`not Latin letters: P\u0430yP\u0430l, \u0410cme`);
  });
});

/** Every answer that /verify can give, in the saved copy, which is the same script: how it reads, and what it is on paper. */
import { accessibilityProblems } from '@assent/test-support/browser/axe';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSavedBrowser, SAVED_URL, type SavedBrowser, sheets } from './support/saved-page.ts';
import { reach, type VerifyState, verifyStates } from './support/verify-states.ts';

const states = verifyStates();
const WIDTHS = [320, 390, 768, 1440];

let saved: SavedBrowser;

beforeAll(async () => {
  saved = await openSavedBrowser();
});
afterAll(() => saved?.browser.close());

async function openAll(page: Page): Promise<void> {
  await page.locator('details').evaluateAll((all) => {
    for (const details of all) details.setAttribute('open', '');
  });
  // What is made when it is opened is there after its event.
  await page.evaluate(() => new Promise(requestAnimationFrame));
}

describe.each(states)('$name', (state: VerifyState) => {
  it('is told apart, is accessible in every theme, fits every width, and prints on one sheet', async () => {
    const { page, complaints } = await saved.open();
    await reach(page, SAVED_URL, state);
    for (const format of ['A4', 'Letter'] as const) expect(await sheets(page, format), format).toBe(1);
    await openAll(page);
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

describe('before anything is asked', () => {
  it('is accessible in every theme, with all that can be opened open', async () => {
    const { page, complaints } = await saved.open();
    await page.locator('[data-pin]').first().waitFor();
    await openAll(page);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

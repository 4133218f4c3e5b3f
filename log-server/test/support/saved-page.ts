import { fileURLToPath, pathToFileURL } from 'node:url';
import { launchBrowser } from '@assent/test-support/browser';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { BROWSER_TIMEOUT_MS } from './pages-browser.ts';

/** The built saved copy. */
export const SAVED_FILE = fileURLToPath(new URL('../../dist/pages/assent-verify.html', import.meta.url));
export const SAVED_URL = pathToFileURL(SAVED_FILE).href;

export type SavedPage = {
  readonly page: Page;
  /** What must stay empty: errors and warnings, dialogs, and requests for anything but the file. */
  readonly complaints: readonly string[];
};

export type SavedBrowser = {
  readonly browser: Browser;
  /** The saved copy from disk, without a network. */
  open(options?: BrowserContextOptions): Promise<SavedPage>;
};

export async function openSavedBrowser(): Promise<SavedBrowser> {
  const browser = await launchBrowser();
  return {
    browser,
    async open(options) {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      context.setDefaultTimeout(BROWSER_TIMEOUT_MS);
      const page = await context.newPage();
      await context.setOffline(true);
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        if (request.url() !== SAVED_URL && !request.url().startsWith('data:'))
          complaints.push(`request: ${request.url()}`);
      });
      await page.goto(SAVED_URL);
      return { page, complaints };
    },
  };
}

/** How many sheets of paper the page takes. */
export async function sheets(page: Page, format: 'A4' | 'Letter'): Promise<number> {
  const pdf = (await page.pdf({ format, preferCSSPageSize: false })).toString('latin1');
  return pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
}

/** Opens all that can be opened; what is made when it is opened is there then, and open too. */
export async function openAll(page: Page): Promise<void> {
  for (let left = 1; left > 0; ) {
    left = await page.locator('details:not([open])').evaluateAll((all) => {
      for (const details of all) details.setAttribute('open', '');
      return all.length;
    });
    // What they hold is made after their events.
    await page.evaluate(() => new Promise((made) => requestAnimationFrame(() => setTimeout(made))));
    await page.waitForFunction(() => document.querySelector('details[open] > div:empty') === null);
  }
}

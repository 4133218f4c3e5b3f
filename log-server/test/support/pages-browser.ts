import { addVirtualAuthenticator, launchBrowser, type VirtualAuthenticator } from '@assent/test-support/browser';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { type BuiltServer, startBuiltServer } from './built-server.ts';

export type Visit = {
  readonly page: Page;
  /** What must stay empty: errors and warnings on the console, exceptions, policy violations, requests to elsewhere. */
  readonly complaints: readonly string[];
};

export type PagesBrowser = {
  readonly server: BuiltServer;
  readonly browser: Browser;
  /** A page in a profile of its own. */
  visit(path: string, options?: BrowserContextOptions): Promise<Visit>;
  /** The same with an authenticator that makes passkeys. */
  visitWithPasskey(path: string): Promise<Visit & { readonly authenticator: VirtualAuthenticator }>;
  close(): Promise<void>;
};

export const ORIGIN = 'localhost:6962';

/** For whatever a page is asked to do: a busy machine may need longer than the half a minute that is usual. */
export const BROWSER_TIMEOUT_MS = 120_000;

/** The built server and a real browser that visits its pages. */
export async function openPagesBrowser(): Promise<PagesBrowser> {
  const [server, browser] = await Promise.all([startBuiltServer(ORIGIN), launchBrowser()]);
  const open = async (options?: BrowserContextOptions): Promise<Visit> => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(BROWSER_TIMEOUT_MS);
    const page = await context.newPage();
    return { page, complaints: await watch(page, server.url) };
  };
  return {
    server,
    browser,
    async visit(path, options) {
      const visit = await open(options);
      await visit.page.goto(server.url + path);
      return visit;
    },
    async visitWithPasskey(path) {
      const visit = await open();
      const authenticator = await addVirtualAuthenticator(visit.page);
      await visit.page.goto(server.url + path);
      return { ...visit, authenticator };
    },
    async close() {
      await browser.close();
      await server.stop();
    },
  };
}

/** Presses the button and answers with what was copied. The button says so for two seconds only, so it is listened to from before. */
export async function copyWith(button: Locator): Promise<string> {
  const listening = await button.evaluateHandle((element) => ({
    said: new Promise<string | undefined>((resolve) => {
      const changes = new MutationObserver(() => resolve(element.textContent?.trim()));
      changes.observe(element, { childList: true, characterData: true, subtree: true });
    }),
  }));
  await button.click();
  const said = await listening.evaluate((heard) => heard.said);
  if (said !== 'Copied') throw new Error(`the button says ${said}`);
  return button.page().evaluate(() => navigator.clipboard.readText());
}

/** Notes what a page that shows the log at this address must never do. */
export async function watch(page: Page, url: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const own = request.url().startsWith(`${url}/`) || /^(data|blob):/.test(request.url());
    if (!own) complaints.push(`request: ${request.url()}`);
  });
  await page.exposeFunction('reportViolation', (text: string) => complaints.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      (window as unknown as { reportViolation(text: string): void }).reportViolation(
        `${effectiveDirective} ${blockedURI}`,
      );
    });
  });
  return complaints;
}

/** The browser says `Failed to load resource` on the console when a lookup finds nothing: expected where a test asks for it. */
export function withoutNotFound(complaints: readonly string[]): readonly string[] {
  return complaints.filter((complaint) => !/^console: Failed to load resource: .*404/.test(complaint));
}

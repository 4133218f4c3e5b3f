/**
 * Takes the pictures of docs/screens: every page and state, light and dark, narrow and wide, of the built server in a
 * real browser. `npm run screens`, then look at each.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { addVirtualAuthenticator, launchBrowser } from '../../test-support/src/browser.ts';
import { startBuiltServer } from './support/built-server.ts';
import { smallPng } from './support/small-png.ts';

const FOLDER = process.argv[2] ?? fileURLToPath(new URL('../../docs/screens/', import.meta.url));
const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [390, 1280] as const;
/** What docs/ can carry. */
const MAX_BYTES = 150_000;

type Shoot = (name: string) => Promise<void>;

await mkdir(FOLDER, { recursive: true });
for (const name of await readdir(FOLDER)) if (name.endsWith('.png')) await rm(join(FOLDER, name));
const server = await startBuiltServer('localhost:6962');
const browser = await launchBrowser();
try {
  await visitDemo(browser, server.url); // so that the front page has entries to show
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) await shootAll(browser, server.url, colorScheme, width);
  }
} finally {
  await browser.close();
  await server.stop();
}

async function shootAll(browser: Browser, url: string, colorScheme: (typeof SCHEMES)[number], width: number) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 844 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const shoot: Shoot = async (name) => {
    const path = join(FOLDER, `${name}-${width}-${colorScheme}.png`);
    await page.evaluate(() => scrollTo(0, 0));
    const picture = smallPng(await page.screenshot({ fullPage: true, animations: 'disabled' }));
    if (picture.length > MAX_BYTES) throw new Error(`${path} has ${picture.length} bytes, over ${MAX_BYTES}`);
    await writeFile(path, picture);
    process.stdout.write(`${path} ${Math.round(picture.length / 1024)} kB\n`);
  };
  await page.goto(`${url}/`);
  await shoot('home');
  await page.goto(`${url}/verify`);
  await page.getByText('The key that this log serves').waitFor();
  await shoot('verify-empty');
  const links = await walkDemo(page, url, 'Approve', shoot);
  await page.goto(`${url}${links.genuine}`);
  await page.locator('[data-verdict="authentic"]').waitFor();
  await shoot('verify-authentic');
  await page.goto('about:blank');
  await page.goto(`${url}${links.forged}`);
  await page.locator('[data-verdict="invalid"]').waitFor();
  await shoot('verify-invalid');
  await context.close();
}

/** The demo from its first click to the forged receipt; answers with the links that lead to /verify. */
async function walkDemo(page: Page, url: string, decision: 'Approve' | 'Reject', shoot: Shoot) {
  const authenticator = await addVirtualAuthenticator(page);
  await page.goto(`${url}/demo`);
  await shoot('demo-start');
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByRole('button', { name: 'Ask me for approval' }).click();
  await page.getByRole('button', { name: 'Approve with passkey' }).waitFor();
  await shoot('demo-action');
  await page.getByRole('button', { name: `${decision} with passkey` }).click();
  await page.locator('#logged [data-verdict]').waitFor();
  await shoot('demo-logged');
  await page.getByRole('button', { name: 'Add a zero to the amount' }).click();
  await page.locator('#forged [data-verdict="invalid"]').waitFor();
  await shoot('demo-tampered');
  const genuine = await page.locator('#open-verify').getAttribute('href');
  const forged = await page.locator('#open-forged').getAttribute('href');
  await authenticator.remove();
  return { genuine, forged };
}

async function visitDemo(browser: Browser, url: string) {
  for (const decision of ['Approve', 'Reject'] as const) {
    const page = await browser.newPage();
    await walkDemo(page, url, decision, async () => {});
    await page.close();
  }
}

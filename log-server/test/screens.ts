/**
 * Takes the pictures of docs/screens: every page and state of the built pages in a real browser, in three widths, light and dark,
 * and on paper. `npm run screens [-- --only home,entry] [--folder /tmp/screens]`, then look at each.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../test-support/src/browser.ts';
import { SCENES, type Scene } from './screens/scenes.ts';
import { openShownLogs } from './screens/shown-logs.ts';
import { smallPng } from './support/small-png.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: fileURLToPath(new URL('../../docs/screens/', import.meta.url)) },
    /** Scenes whose names begin so, after commas. */
    only: { type: 'string', default: '' },
    widths: { type: 'string', default: '390,768,1440' },
    schemes: { type: 'string', default: 'light,dark' },
  },
});
const folder = values.folder;
const wanted = values.only.split(',');
const scenes = SCENES.filter(({ name }) => wanted.some((start) => name.startsWith(start)));
/** What is left between the margins, in CSS pixels at 96 to the inch. */
const PAPERS = { A4: { width: 688, height: 1032 }, Letter: { width: 710, height: 965 } } as const;

await mkdir(folder, { recursive: true });
if (values.only === '')
  for (const name of await readdir(folder)) if (/\.(png|pdf)$/.test(name)) await rm(join(folder, name));
const logs = await openShownLogs();
const browser = await launchBrowser();
try {
  for (const scene of scenes) {
    for (const scheme of values.schemes.split(',') as ('light' | 'dark')[]) {
      for (const width of values.widths.split(',').map(Number)) await shoot(scene, scheme, width);
    }
    if (scene.printed) await print(scene);
  }
} finally {
  await browser.close();
  await logs.close();
}

async function withPage(
  options: Parameters<Browser['newContext']>[0],
  scene: Scene,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ reducedMotion: 'reduce', timezoneId: 'Europe/Berlin', ...options });
  try {
    await scene.prepare?.(context, logs);
    const page = await context.newPage();
    await scene.show(page, logs);
    await use(page);
  } finally {
    await context.close();
    await scene.after?.(logs);
  }
}

async function shoot(scene: Scene, colorScheme: 'light' | 'dark', width: number) {
  await withPage({ colorScheme, viewport: { width, height: 844 } }, scene, async (page) => {
    await refuseOverflow(page, `${scene.name} at ${width}`);
    await page.evaluate(() => scrollTo(0, 0));
    await page.mouse.move(0, 0); // away from what the scene clicked
    await keep(`${scene.name}-${width}-${colorScheme}`, await picture(page, scene, width));
  });
}

async function picture(page: Page, { top = false, whole, part }: Scene, width: number): Promise<Buffer> {
  if (part !== undefined) return page.locator(part).screenshot({ animations: 'disabled' });
  const full = { fullPage: true, animations: 'disabled' } as const;
  if (!top || width === whole) return page.screenshot(full);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: Math.min(height, width < 600 ? 1_500 : 1_100) };
  return page.screenshot({ ...full, clip });
}

/** On paper it is one page; the picture is that page as its printer would lay it out. */
async function print(scene: Scene) {
  for (const [paper, { width, height }] of Object.entries(PAPERS)) {
    await withPage({ colorScheme: 'dark', viewport: { width, height } }, scene, async (page) => {
      // Drawn soon after the answer, where there is an address to draw.
      await page.locator('[data-code]').waitFor({ state: 'detached' });
      const pdf = await page.pdf({ format: paper });
      await writeFile(join(folder, `${scene.name}-${paper.toLowerCase()}.pdf`), pdf);
      const count = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
      if (count !== 1) throw new Error(`${scene.name} takes ${count} sheets of ${paper}`);
      await page.emulateMedia({ media: 'print' });
      await keep(`${scene.name}-print-${paper.toLowerCase()}`, await page.screenshot({ fullPage: true }));
    });
  }
}

async function keep(name: string, png: Buffer): Promise<void> {
  const picture = smallPng(png);
  await writeFile(join(folder, `${name}.png`), picture);
  process.stdout.write(`${name}.png ${Math.round(picture.length / 1024)} kB\n`);
}

/** Nothing may stick out of the page sideways. */
async function refuseOverflow(page: Page, where: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) throw new Error(`${where} sticks out by ${wide} px`);
}

import { readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { openSavedBrowser, SAVED_URL } from '../../log-server/test/support/saved-page.ts';
import { type VerifyState, verifyStates } from '../../log-server/test/support/verify-states.ts';
import { median } from '../statistics.ts';
import { eachRun, type MeasureGroup } from './measure-group.ts';

const BUILT = new URL('../../log-server/dist/pages/', import.meta.url);
const PAGES = 7;
const THROTTLED = 4;

/** The page that checks receipts: what it weighs, and how soon it answers on a slow machine. */
export const verifyPage: MeasureGroup = {
  name: 'verify-page',
  rows: [
    {
      key: 'verdict',
      name: 'First verdict on /verify for a dropped receipt, processor throttled 4×',
      unit: 'ms',
      atMost: 150,
    },
    {
      key: 'weight',
      name: '/verify with all that it loads by itself, the code for paper drawn, gzipped',
      unit: 'kB',
      atMost: 60,
    },
    { key: 'evidence', name: 'what explains a receipt field by field, fetched when somebody opens that', unit: 'kB' },
    { key: 'path', name: 'what draws the way to the root, likewise', unit: 'kB' },
    { key: 'pins', name: 'what says what is pinned, and changes it, likewise', unit: 'kB' },
    { key: 'checks', name: 'what a check proves and what was compared, likewise', unit: 'kB' },
    { key: 'act', name: 'what asks for the action that is about to run, likewise', unit: 'kB' },
    { key: 'paper', name: 'of these, what draws codes for paper, fetched after an answer', unit: 'kB' },
    { key: 'key', name: 'what judges a key that the log has replaced, fetched for a receipt that has one', unit: 'kB' },
    { key: 'all', name: '/verify with all of these', unit: 'kB' },
  ],
  measure: eachRun(async (note) => {
    const byItself = weight() / 1000 + sizeOf('qr');
    note('weight', byItself);
    note('paper', sizeOf('qr'));
    const parts = {
      evidence: 'evidence-view',
      path: 'merkle-view',
      pins: 'pin-view',
      checks: 'check-parts',
      act: 'act-parts',
      key: 'replaced-key',
    };
    for (const [key, script] of Object.entries(parts)) note(key, sizeOf(script));
    note('all', byItself + Object.values(parts).reduce((sum, script) => sum + sizeOf(script), 0));
    const state = verifyStates().find(({ name }) => name === 'authentic-named');
    if (state === undefined) throw new Error('there is no such state');
    const { browser } = await openSavedBrowser();
    const samples: number[] = [];
    for (let page = 0; page < PAGES; page++) samples.push(await firstVerdict(browser, state));
    await browser.close();
    note('verdict', median(samples));
  }),
};

/** Of what the page's own script fetches under this name, in kB. */
function sizeOf(name: string): number {
  const script = linked().find((file) => file.endsWith('.js'));
  const code = script && readFileSync(new URL(script, BUILT), 'utf8');
  const file = new RegExp(`import\\("\\./(${name}-\\w+\\.js)"`).exec(code ?? '')?.[1];
  if (file === undefined) throw new Error(`the page fetches no ${name}: build first`);
  return statSync(new URL(`assets/${file}.gz`, BUILT)).size / 1000;
}

function linked(): string[] {
  const html = readFileSync(new URL('verify/index.html', BUILT), 'utf8');
  return [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]!);
}

function weight(): number {
  const html = readFileSync(new URL('verify/index.html', BUILT));
  const icon = readFileSync(new URL('favicon.svg', BUILT));
  const sizes = linked().map((file) => statSync(new URL(`${file}.gz`, BUILT)).size);
  return (
    [html, icon].reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0) +
    sizes.reduce((a, b) => a + b, 0)
  );
}

/** In a page that has checked nothing yet, from the drop to the answer in the document; the pins are all four. */
async function firstVerdict(browser: Browser, { receipts, pins }: VerifyState): Promise<number> {
  const page = await (await browser.newContext()).newPage();
  await page.addInitScript((kept) => localStorage.setItem('assent.pins', kept), JSON.stringify(pins));
  await page.goto(SAVED_URL);
  await page.locator('[data-pin]').first().waitFor();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: THROTTLED });
  const ms = await page.evaluate(
    (text) =>
      new Promise<number>((resolve) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], 'dropped.receipt.json', { type: 'application/json' }));
        const start = performance.now();
        const verdict = document.getElementById('verdict')!;
        // Painted, and not only in the document: the frame after next begins when this one is done.
        new MutationObserver(() =>
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start))),
        ).observe(verdict, { childList: true });
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      }),
    receipts[0]![1],
  );
  await page.context().close();
  return ms;
}

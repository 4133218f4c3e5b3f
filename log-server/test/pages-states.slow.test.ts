import { launchBrowser } from '@assent/test-support/browser';
import { accessibilityProblems } from '@assent/test-support/browser/axe';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCENES } from './screens/scenes.ts';
import { openShownLogs, type ShownLogs } from './screens/shown-logs.ts';
import { watch } from './support/pages-browser.ts';

const WIDTHS = [320, 390, 768, 1440];

/** What the browser itself says of an answer that is an error, or of a log that is gone: expected where that is the state. */
const EXPECTED =
  /^console: Failed to load resource: .*(400|404|451|503|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY)/;

// The scenes are those of `npm run screens`: every page and state.
describe('every page and state', () => {
  let logs: ShownLogs;
  let browser: Browser;

  beforeAll(async () => {
    [logs, browser] = await Promise.all([openShownLogs(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await logs?.close();
  });

  // The saved copy has a test of its own (pages-verify-states).
  it.each(SCENES.filter(({ saved }) => saved !== true))(
    '$name can be used by everybody, and fits every screen',
    async (scene) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 844 } });
      try {
        await scene.prepare?.(context, logs);
        const page = await context.newPage();
        const complaints = await watch(page, logs[scene.of ?? 'full'].url);
        await scene.show(page, logs);
        expect(await accessibilityProblems(page)).toEqual([]);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 844 });
          const tooWide = await page.evaluate(() =>
            [...document.querySelectorAll('body *')]
              .filter((part) => part.getBoundingClientRect().right > innerWidth + 0.5 && part.clientHeight > 1)
              .map(({ localName, className }) => `${localName}.${className}`),
          );
          expect(tooWide, `at ${width}`).toEqual([]);
        }
        expect(complaints.filter((complaint) => !EXPECTED.test(complaint))).toEqual([]);
      } finally {
        await context.close();
        await scene.after?.(logs);
      }
    },
  );

  it('is told when something cannot be used', async () => {
    const page = await browser.newPage();
    await page.goto(`${logs.full.url}/entries`);
    await page.evaluate(() => {
      document.querySelector('label[for="q"]')?.remove();
      document.querySelector('#q')?.removeAttribute('placeholder'); // it passes for a name
      document.querySelector('.lead')?.setAttribute('class', 'unreadable');
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('.unreadable { color: #bbb; background: #fff }');
      document.adoptedStyleSheets.push(sheet);
    });
    const problems = await accessibilityProblems(page, ['light']);
    const rules = problems.map((problem) => problem.split(':')[1]?.trim());
    expect(rules).toContain('color-contrast');
    expect(rules).toContain('label');
  });
});

/** Accessibility of a page as it stands: axe-core's rules (WCAG 2.2 A and AA, and good practice), under every theme. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** How a visitor's system may be set. */
export const THEMES = {
  light: { colorScheme: 'light', forcedColors: 'none', reducedMotion: 'no-preference' },
  dark: { colorScheme: 'dark', forcedColors: 'none', reducedMotion: 'no-preference' },
  'forced colors': { colorScheme: 'dark', forcedColors: 'active', reducedMotion: 'no-preference' },
  'reduced motion': { colorScheme: 'light', forcedColors: 'none', reducedMotion: 'reduce' },
} as const;

export type Theme = keyof typeof THEMES;

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe finds wrong, one line for each element: `dark: color-contrast: .tag: …`; empty where all is well. The page is left in
 * its last theme. The rules run outside of the page's own policy, which stays as it is.
 */
export async function accessibilityProblems(
  page: Page,
  themes: readonly Theme[] = Object.keys(THEMES) as Theme[],
): Promise<string[]> {
  const problems: string[] = [];
  const loaded = await page.evaluate(() => 'axe' in window);
  if (!loaded) await page.evaluate(axe.source);
  for (const theme of themes) {
    await page.emulateMedia(THEMES[theme]);
    const violations = await page.evaluate(async (rules) => {
      // Colours that are still on their way from the theme before are nobody's.
      for (const animation of document.getAnimations()) {
        if (animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY) animation.finish();
      }
      const { axe: loadedAxe } = window as unknown as { axe: typeof axe };
      const found = await loadedAxe.run(document, { runOnly: rules, resultTypes: ['violations'] });
      return found.violations.flatMap(({ id, nodes }) =>
        nodes.map(
          ({ target, failureSummary = '' }) => `${id}: ${target.join(' ')}: ${failureSummary.replace(/\s+/g, ' ')}`,
        ),
      );
    }, RULES);
    problems.push(...violations.map((violation) => `${theme}: ${violation}`));
  }
  return problems;
}

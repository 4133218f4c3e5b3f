/** Results of a policy's tests for people. */
import type { Paint } from '../terminal/paint.ts';
import { safeExcerpt } from '../terminal/safe-text.ts';
import type { TestResult } from './run-policy-tests.ts';

const MAX_LINE = 2000;

export function testText(results: readonly TestResult[], paint: Paint): string {
  return results.map((result) => `${resultLines(result, paint).join('\n')}\n`).join('\n');
}

function resultLines({ name, passed, outcome, rules, differences }: TestResult, paint: Paint): readonly string[] {
  const title = `${passed ? '✓' : '✗'} ${safeExcerpt(name, MAX_LINE)}`;
  const under = [
    ...differences,
    ...rules.map(({ rule, outcome: matched, why }) => `rule ${rule} ${matched}: ${why}`),
    `${outcome.effect}: ${outcome.detail}${outcome.code === undefined ? '' : ` (${outcome.code})`}`,
  ];
  return [paint(passed ? 'green' : 'red', title), ...under.map((line) => `    ${safeExcerpt(line, MAX_LINE)}`)];
}

/** The policy in docs/policies.md is read, and says about each action of its table what the table says. */
import { readFileSync } from 'node:fs';
import { classify, createIntent, parsePolicy } from '@assent/verifier';
import { describe, expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
const [, text = ''] = /<!-- policy -->\n```json\n(.*?)^```$/ms.exec(page) ?? [];
const [, table = ''] = /<!-- cases -->\n.*\n.*\n((?:\|.*\n)+)/.exec(page) ?? [];
const cases = table
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));

describe('docs/policies.md', () => {
  const policy = parsePolicy(text);

  it('shows a policy that can be read, and a table of cases', () => {
    expect(policy).toMatchObject({ ok: true });
    expect(cases.length).toBeGreaterThan(5);
  });

  it.each(cases)('%s says about %s on %s with %s: %s, by rule %s', (_, action, connector, args, effect, rule) => {
    if (!policy.ok) throw new Error(policy.detail);
    const intent = createIntent({ action: action!, connector: connector!, args: JSON.parse(args!) });
    const outcome = classify(intent, policy.value);
    if (outcome.ok) {
      expect([outcome.value.effect, outcome.value.rule ?? 'none']).toEqual([effect, rule]);
    } else {
      expect([outcome.code, effect]).toEqual(['condition_error', 'error']);
      expect(outcome.detail).toContain(`rule ${rule}:`);
    }
  });
});

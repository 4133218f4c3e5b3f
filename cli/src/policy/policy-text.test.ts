import { type Json, parsePolicy } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { duration, policyText, ruleWords } from './policy-text.ts';

const rule = {
  id: 'pay',
  action: 'payment.*',
  connector: '*',
  effect: 'approve',
  require: { approvals: 1, roles: ['finance'] },
};
function words(more: object): readonly string[] {
  const policy = parsePolicy({ type: 'assent/policy/v1', name: 'acme', rules: [{ ...rule, ...more } as Json] });
  if (!policy.ok) throw new Error(policy.detail);
  return ruleWords(policy.value.rules[0]!);
}

describe('a policy in words', () => {
  it('says what is left out as well', () => {
    expect(words({})).toEqual([
      'asks for approval of every action that begins with payment. on every connector',
      'needs 1 person of finance',
      'by passkey (a passkey: verified by their device)',
      'for as long as whoever asks says',
      'to be used once',
    ]);
  });

  it('says all that a rule asks for', () => {
    const require = {
      approvals: 2,
      roles: ['finance', 'security'],
      distinct_roles: true,
      methods: ['passkey', 'attested:totp'],
      user_verification: false,
      max_ttl_seconds: 5400,
      use: 'multiple',
    };
    expect(
      words({
        require,
        reason: 'It is much',
        accepts: [`sha256:${'0'.repeat(64)}`],
        action: 'payment.refund',
        connector: 'stripe/a',
      }),
    ).toEqual([
      'asks for approval of payment.refund on stripe/a',
      'needs 2 different people, so that each of finance, security is filled by a different one',
      'by passkey or attested:totp (a passkey: verified by their device or not)',
      'for at most 90 minutes',
      'to be used again and again until then',
      `also counts what was approved under sha256:${'0'.repeat(64)}`,
      'because: It is much',
    ]);
  });

  it('says every condition', () => {
    const path = '/args/a';
    const when = [
      { path, eq: 'x' },
      { path, ne: 'x' },
      { path, in: ['x', 'y'] },
      { path, starts_with: 'x' },
      { path, ends_with: 'x' },
      { path, gt: '1' },
      { path, gte: '1' },
      { path, lt: '1' },
      { path, lte: '1' },
      { not: { path, eq: 'x' } },
    ];
    expect(words({ when }).slice(1, 11)).toEqual([
      'when /args/a is "x"',
      'and /args/a is not "x"',
      'and /args/a is one of "x", "y"',
      'and /args/a begins with "x"',
      'and /args/a ends with "x"',
      'and /args/a is more than 1',
      'and /args/a is 1 or more',
      'and /args/a is less than 1',
      'and /args/a is 1 or less',
      'and not (/args/a is "x")',
    ]);
  });

  it('shows what would control a terminal escaped', () => {
    const policy = parsePolicy({
      type: 'assent/policy/v1',
      name: 'acme',
      rules: [{ ...rule, effect: 'deny', require: undefined, reason: '\u001b[2J' }].map(
        ({ require: _, ...rest }) => rest,
      ),
    });
    if (!policy.ok) throw new Error(policy.detail);
    const text = policyText(policy.value, 'sha256:0', (_, line) => line);
    expect(text).toContain('because: \\u{1b}[2J');
    expect(text).not.toContain('\u001b');
  });

  it.each<[number, string]>([
    [1, '1 second'],
    [90, '90 seconds'],
    [60, '1 minute'],
    [5400, '90 minutes'],
    [7200, '2 hours'],
    [86_400, '1 day'],
    [172_800, '2 days'],
  ])('%i seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

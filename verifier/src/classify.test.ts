import { unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { type PolicyRule, parsePolicy } from './approval-policy.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import { classify } from './classify.ts';
import { createIntent } from './intent.ts';

const require = { approvals: 1, roles: ['finance'] };
const base = { action: 'payment.*', connector: 'stripe/*' };
const small = { ...base, id: 'small', when: [{ path: '/args/amount', lte: '100' }], effect: 'allow' };
const large = { ...base, id: 'large', effect: 'approve', require, reason: 'Over 100 needs finance' };

function outcome(rules: readonly Json[], args: JsonObject = { amount: '42.00' }, action = 'payment.refund'): unknown {
  const policy = unwrap(parsePolicy({ type: 'assent/policy/v1', name: 'p', rules }));
  const result = classify(createIntent({ action, connector: 'stripe/acct_1A2b', args }), policy);
  return result.ok ? result.value : `${result.code}: ${result.detail}`;
}

describe('classify', () => {
  it('takes the first rule that matches', () => {
    expect(outcome([small, large])).toEqual({ effect: 'allow', rule: 'small' });
    expect(outcome([small, large], { amount: '100.01' })).toEqual({
      effect: 'approve',
      rule: 'large',
      reason: 'Over 100 needs finance',
    });
    expect(outcome([large, small])).toMatchObject({ rule: 'large' });
  });

  it.each<[string, Partial<PolicyRule>]>([
    ['action', { action: 'deploy.*' }],
    ['connector', { connector: 'stripe/acct_1A2' }],
    [
      'conditions',
      {
        when: [
          { path: '/args/amount', gt: '1' },
          { path: '/args/amount', gt: '1000' },
        ],
      },
    ],
  ])('skips a rule of other %s', (_, change) => {
    expect(outcome([{ ...small, ...change }, large])).toMatchObject({ rule: 'large' });
  });

  it('denies what no rule matches, and tells it from a rule that denies', () => {
    expect(outcome([])).toEqual({ effect: 'deny' });
    expect(outcome([large], {}, 'deploy.start')).toEqual({ effect: 'deny' });
    expect(outcome([{ ...base, id: 'never', effect: 'deny' }])).toEqual({ effect: 'deny', rule: 'never' });
  });

  it('ends at an error, and does not fall through to a laxer rule', () => {
    const error = `condition_error: rule small: the intent's value at "/args/amount" is missing`;
    expect(outcome([small, { ...base, id: 'lax', effect: 'allow' }], {})).toBe(error);
    const negated = { ...small, when: [{ not: small.when[0]! }] };
    expect(outcome([negated, large], {})).toBe(error);
  });

  it('evaluates all conditions of a rule that matches by name, the false ones first or last', () => {
    const no = { path: '/args/country', eq: 'US' };
    const broken = { path: '/args/missing', eq: 'x' };
    for (const when of [
      [no, broken],
      [broken, no],
    ]) {
      expect(outcome([{ ...small, when }, large], { country: 'DE' })).toMatch(/^condition_error: rule small/);
    }
  });

  it('evaluates no rule that does not match by name, and none after the one that matches', () => {
    const broken = { ...small, when: [{ path: '/args/missing', eq: 'x' }] };
    expect(outcome([{ ...broken, action: 'deploy.*' }, large])).toMatchObject({ rule: 'large' });
    expect(outcome([large, broken])).toMatchObject({ rule: 'large' });
  });
});

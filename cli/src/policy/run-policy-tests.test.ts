import { type Json, parsePolicy } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { parsePolicyTests } from './policy-tests.ts';
import { runPolicyTests } from './run-policy-tests.ts';
import { startingPolicy, startingTests } from './starting-policy.ts';

const rules = [
  { id: 'frozen', action: 'payment.*', connector: 'stripe/frozen', effect: 'deny' },
  {
    id: 'large',
    action: 'payment.*',
    connector: 'stripe/*',
    when: [{ path: '/args/amount', gt: '100' }],
    effect: 'approve',
    require: { approvals: 2, roles: ['finance', 'security'], distinct_roles: true, max_ttl_seconds: 900 },
  },
  {
    id: 'small',
    action: 'payment.*',
    connector: 'stripe/*',
    effect: 'approve',
    require: { approvals: 1, roles: ['finance'], methods: ['passkey', 'attested:totp'] },
  },
  { id: 'look', action: 'payment_list', connector: 'stripe/*', effect: 'allow' },
];
const parsed = parsePolicy({ type: 'assent/policy/v1', name: 'acme', rules });
if (!parsed.ok) throw new Error(parsed.detail);
const policy = parsed.value;

const intent = (amount: Json, more: object = {}) => ({
  action: 'payment.refund',
  connector: 'stripe/a',
  args: { amount },
  ...more,
});
const alice = { holder: 'alice', roles: ['finance'] };
const bob = { holder: 'bob', roles: ['security'] };
function run(test: object, people?: Parameters<typeof runPolicyTests>[2]) {
  const tests = parsePolicyTests({
    type: 'assent/policy-tests/v1',
    tests: [{ name: 'it', expect: { effect: 'allow' }, ...test } as Json],
  });
  if (!tests.ok) throw new Error(tests.detail);
  return runPolicyTests(policy, tests.value, people)[0]!;
}

describe('a policy test says', () => {
  it.each<[string, object, object]>([
    [
      'what is allowed',
      { intent: intent('1', { action: 'payment_list' }) },
      { effect: 'allow', rule: 'look', satisfied: true },
    ],
    [
      'what is denied',
      { intent: intent('1', { connector: 'stripe/frozen' }) },
      { effect: 'deny', rule: 'frozen', satisfied: false, code: 'denied' },
    ],
    [
      'what no rule knows',
      { intent: intent('1', { action: 'x' }) },
      { effect: 'deny', rule: null, satisfied: false, code: 'no_rule_matches' },
    ],
    [
      'what is an error, and where',
      { intent: intent(7) },
      { effect: 'error', rule: 'large', satisfied: false, code: 'condition_error' },
    ],
    [
      'that nobody approved',
      { intent: intent('5') },
      { effect: 'approve', rule: 'small', satisfied: false, code: 'approvals_missing' },
    ],
    ['that one is enough', { intent: intent('5'), approvals: [alice] }, { rule: 'small', satisfied: true }],
    [
      'that one is not',
      { intent: intent('500'), approvals: [alice] },
      { rule: 'large', satisfied: false, code: 'approvals_missing' },
    ],
    [
      'that two of one role are not',
      { intent: intent('500'), approvals: [alice, { ...alice, holder: 'anna' }] },
      { satisfied: false, code: 'roles_missing' },
    ],
    ['that two are', { intent: intent('500'), approvals: [alice, bob] }, { satisfied: true }],
    [
      'that a passkey has to verify',
      { intent: intent('5'), approvals: [{ ...alice, user_verified: false }] },
      { satisfied: false, code: 'user_not_verified' },
    ],
    [
      'that a key is no passkey',
      { intent: intent('5'), approvals: [{ ...alice, method: 'key' }] },
      { satisfied: false, code: 'method_not_allowed' },
    ],
    [
      'that a service may say so',
      { intent: intent('5'), approvals: [{ ...alice, method: 'attested:totp' }] },
      { satisfied: true },
    ],
    [
      'that it lasts too long',
      { intent: intent('500'), approvals: [alice, bob], ttl_seconds: 901 },
      { satisfied: false, code: 'ttl_too_long' },
    ],
    [
      'that it may be used too often',
      { intent: intent('5'), approvals: [alice], use: 'multiple' },
      { satisfied: false, code: 'use_mismatch' },
    ],
  ])('%s', (_, test, outcome) => {
    expect(run(test).outcome).toMatchObject(outcome);
  });

  it('why, rule by rule, up to the one that decides', () => {
    expect(run({ intent: intent('5') }).rules).toEqual([
      { rule: 'frozen', outcome: 'does not match', why: 'the connector is not stripe/frozen' },
      { rule: 'large', outcome: 'does not match', why: 'it is not so that /args/amount is more than 100' },
      { rule: 'small', outcome: 'matches', why: 'action and connector match' },
    ]);
    expect(run({ intent: intent(5) }).rules.at(-1)).toMatchObject({ rule: 'large', outcome: 'is an error' });
    expect(run({ intent: intent('x', { action: 'y' }) }).rules).toHaveLength(4);
  });

  it('what differs from what was expected', () => {
    const { passed, differences } = run({
      intent: intent('5'),
      expect: { effect: 'deny', rule: null, satisfied: true, code: 'denied' },
    });
    expect([passed, differences]).toEqual([
      false,
      [
        'effect: expected deny, and it is approve',
        'rule: expected none, and it is small',
        'satisfied: expected true, and it is false',
        'code: expected denied, and it is approvals_missing',
      ],
    ]);
    expect(run({ intent: intent('5'), expect: { rule: 'small', code: 'approvals_missing' } }).passed).toBe(true);
  });

  it('takes roles from a trust root, where a test does not say them', () => {
    const people = [{ holder: 'alice', roles: ['finance'], method: 'passkey', userVerified: true } as const];
    const test = { intent: intent('5'), approvals: [{ holder: 'alice' }] };
    expect(run(test, people).outcome.satisfied).toBe(true);
    expect(run(test, []).outcome.satisfied).toBe(false);
    expect(() => run(test)).toThrow('--trust-versions');
  });
});

describe('a file of tests', () => {
  it('to begin with fits the policy to begin with', () => {
    const own = parsePolicy(JSON.stringify(startingPolicy('acme')));
    const tests = parsePolicyTests(JSON.parse(JSON.stringify(startingTests())) as Json);
    if (!own.ok || !tests.ok) throw new Error('they cannot be read');
    expect(runPolicyTests(own.value, tests.value, undefined).filter(({ passed }) => !passed)).toEqual([]);
  });

  const good = { name: 'it', intent: intent('5'), expect: { effect: 'deny' } };
  it.each<[string, Json, string]>([
    ['another type', { type: 'assent/policy-tests/v2', tests: [good] }, 'unsupported'],
    ['no tests', { type: 'assent/policy-tests/v1', tests: [] }, 'bad_value'],
    [
      'a test that expects nothing',
      { type: 'assent/policy-tests/v1', tests: [{ ...good, expect: {} }] },
      'missing_member',
    ],
    [
      'a test that expects something else',
      { type: 'assent/policy-tests/v1', tests: [{ ...good, expect: { verdict: 'x' } }] },
      'unknown_member',
    ],
    [
      'a code that there is not',
      { type: 'assent/policy-tests/v1', tests: [{ ...good, expect: { code: 'nope' } }] },
      'bad_value',
    ],
    [
      'a rule that is no name',
      { type: 'assent/policy-tests/v1', tests: [{ ...good, expect: { rule: 7 } }] },
      'wrong_type',
    ],
    [
      'a method that there is not',
      { type: 'assent/policy-tests/v1', tests: [{ ...good, approvals: [{ ...alice, method: 'nod' }] }] },
      'bad_value',
    ],
    [
      'an action that is none',
      { type: 'assent/policy-tests/v1', tests: [{ ...good, intent: intent('5', { action: 'Pay!' }) }] },
      'bad_value',
    ],
    ['a misspelt member', { type: 'assent/policy-tests/v1', tests: [{ ...good, ttl: 5 }] }, 'unknown_member'],
  ])('is refused with %s', (_, document, code) => {
    expect(parsePolicyTests(document)).toMatchObject({ ok: false, code });
  });
});

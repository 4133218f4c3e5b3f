/** A policy to begin with, and its tests. It asks for much: to ask for less is a decision, and somebody should make it. */
import { POLICY_TYPE } from '@assent/verifier';
import { POLICY_TESTS_TYPE } from './policy-tests.ts';

export function startingPolicy(name: string) {
  return {
    type: POLICY_TYPE,
    name,
    rules: [
      {
        id: 'payment-over-100',
        action: 'payment.*',
        connector: 'stripe/*',
        reason: 'Payments over 100 need finance and security',
        when: [{ path: '/args/amount', gt: '100' }],
        effect: 'approve',
        require: {
          approvals: 2,
          roles: ['finance', 'security'],
          distinct_roles: true,
          methods: ['passkey'],
          user_verification: true,
          max_ttl_seconds: 900,
          use: 'single',
        },
      },
      {
        id: 'payment',
        action: 'payment.*',
        connector: 'stripe/*',
        reason: 'Every payment needs somebody from finance',
        effect: 'approve',
        require: {
          approvals: 1,
          roles: ['finance'],
          methods: ['passkey'],
          user_verification: true,
          max_ttl_seconds: 900,
          use: 'single',
        },
      },
    ],
  };
}

export function startingTests() {
  const payment = (amount: string) => ({ action: 'payment.refund', connector: 'stripe/acct_1', args: { amount } });
  const alice = { holder: 'alice@example.com', roles: ['finance'] };
  const bob = { holder: 'bob@example.com', roles: ['security'] };
  return {
    type: POLICY_TESTS_TYPE,
    tests: [
      {
        name: 'finance alone is not enough for a large payment',
        intent: payment('100.01'),
        approvals: [alice],
        expect: { rule: 'payment-over-100', satisfied: false, code: 'approvals_missing' },
      },
      {
        name: 'finance and security are',
        intent: payment('100.01'),
        approvals: [alice, bob],
        expect: { rule: 'payment-over-100', satisfied: true },
      },
      {
        name: 'finance is enough for a small one',
        intent: payment('100.00'),
        approvals: [alice],
        expect: { rule: 'payment', satisfied: true },
      },
      {
        name: 'a payment without an amount is not a small one',
        intent: { ...payment('0'), args: {} },
        approvals: [alice, bob],
        expect: { effect: 'error', satisfied: false },
      },
      {
        name: 'what no rule knows is denied',
        intent: { action: 'account.delete', connector: 'crm/main', args: {} },
        expect: { effect: 'deny', rule: null },
      },
    ],
  };
}

/** JSON has no comments, so they go elsewhere. */
export const EXPLANATION = [
  'what it says, rule by rule: the first one that matches decides, and what no rule matches is denied.',
  '"action" and "connector": a name, or a beginning and *. Put what is forbidden or needs most before what needs less.',
  '"when": conditions on the arguments, all of which have to hold. Amounts are texts ("100"), and gt gte lt lte compare them exactly.',
  '"effect": "approve" asks people, "allow" asks nobody, "deny" lets nothing pass.',
  '"approvals" counts people; "distinct_roles" has each role filled by a different one of them.',
  '"methods": "passkey" is the signature of a person; "attested:totp" and its like are the word of a service.',
  '"max_ttl_seconds" is how long an approval may last, "use" whether it may be used once or again and again.',
  'Change it, then: "assent policy lint FILE", "assent policy test FILE TESTS", and list it: "assent trust add … --policy FILE".',
] as const;

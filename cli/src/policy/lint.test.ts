import {
  createAuthenticator,
  createServiceKey,
  createTrustVersion,
  passkeyApprover,
  trustedService,
} from '@assent/test-support';
import {
  type Json,
  parsePolicy,
  policyDigest,
  type TrustMembers,
  type VerifiedTrustRoot,
  verifyTrustRoot,
} from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { lintPolicy } from './lint.ts';
import { startingPolicy } from './starting-policy.ts';

const NOW = Date.parse('2026-04-03T17:00:00.000Z');
const pay = { id: 'pay', action: 'payment.*', connector: 'stripe/*', effect: 'approve' };
const needs = { approvals: 1, roles: ['finance'], max_ttl_seconds: 900 };
const deny = { id: 'deny', action: 'payment.*', connector: 'stripe/*', effect: 'deny' };

function read(rules: readonly Json[]) {
  const policy = parsePolicy({ type: 'assent/policy/v1', name: 'acme', rules });
  if (!policy.ok) throw new Error(policy.detail);
  return policy.value;
}
const lint = (rules: readonly Json[], trusted?: VerifiedTrustRoot) =>
  lintPolicy(read(rules), trusted, NOW).map(({ code, rule }) => (rule === undefined ? code : `${rule}: ${code}`));

describe('lint', () => {
  it('finds nothing in the policy to begin with', () => {
    expect(lint(startingPolicy('acme').rules as readonly Json[])).toEqual([]);
  });

  it.each<[string, readonly Json[], readonly string[]]>([
    ['no rules', [], ['no_rules']],
    ['no limit of time', [{ ...pay, require: { approvals: 1, roles: ['finance'] } }], ['pay: no_time_limit']],
    ['a long one', [{ ...pay, require: { ...needs, max_ttl_seconds: 86_401 } }], ['pay: long_time_limit']],
    [
      'two of any role',
      [{ ...pay, require: { ...needs, approvals: 2, roles: ['finance', 'security'] } }],
      ['pay: shared_roles'],
    ],
    [
      'one for two roles',
      [{ ...pay, require: { ...needs, roles: ['finance', 'security'], distinct_roles: true } }],
      ['pay: fewer_approvals_than_roles'],
    ],
    [
      'passkeys of nobody in particular',
      [{ ...pay, require: { ...needs, user_verification: false } }],
      ['pay: user_not_verified'],
    ],
    [
      'everything for nothing',
      [{ id: 'all', action: '*', connector: '*', effect: 'allow' }],
      ['all: allows_everything'],
    ],
    [
      'conditions that contradict each other',
      [
        {
          ...pay,
          when: [
            { path: '/args/a', gt: '5' },
            { path: '/args/a', lt: '5' },
          ],
          require: needs,
        },
      ],
      ['pay: impossible_rule'],
    ],
    [
      'an amount as text',
      [
        { ...pay, when: [{ path: '/args/a', eq: '5' }], require: needs },
        { ...deny, when: [{ path: '/args/a', gt: '5' }] },
      ],
      ['pay: text_equality'],
    ],
  ])('finds %s', (_, rules, found) => {
    expect(lint(rules)).toEqual(found);
  });

  it.each<[string, Json, Json, boolean]>([
    ['the same', deny, { ...pay, require: needs }, true],
    ['a wider action', { ...deny, action: '*' }, { ...pay, require: needs }, true],
    ['a narrower action', { ...deny, action: 'payment.refund' }, { ...pay, require: needs }, false],
    [
      'a name in a wider pattern',
      deny,
      { ...pay, action: 'payment.refund', connector: 'stripe/a', require: needs },
      true,
    ],
    [
      'a pattern that the name only begins',
      { ...deny, action: 'payment.refund.*' },
      { ...pay, action: 'payment.refund', require: needs },
      false,
    ],
    ['another connector', { ...deny, connector: 'paypal/*' }, { ...pay, require: needs }, false],
    ['a condition of its own', { ...deny, when: [{ path: '/args/a', eq: 'x' }] }, { ...pay, require: needs }, false],
    [
      'a condition that follows',
      { ...deny, when: [{ path: '/args/a', gt: '100' }] },
      { ...pay, when: [{ path: '/args/a', gt: '500' }], require: needs },
      true,
    ],
    [
      'a condition that does not',
      { ...deny, when: [{ path: '/args/a', gt: '500' }] },
      { ...pay, when: [{ path: '/args/a', gt: '100' }], require: needs },
      false,
    ],
  ])('says whether a rule is covered by one with %s', (_, before, rule, covered) => {
    expect(lint([before, rule])).toEqual(covered ? ['pay: covered_rule'] : []);
  });

  describe('with a trust root', () => {
    const [alice, bob] = [createAuthenticator(), createAuthenticator()];
    const rootKey = createServiceKey();
    async function trusted(members: Partial<TrustMembers>): Promise<VerifiedTrustRoot> {
      const version = createTrustVersion({
        rootKeys: [rootKey],
        members,
        issuedAt: Date.parse('2026-01-01T00:00:00.000Z'),
      });
      const verified = await verifyTrustRoot(version.digest, [version.item]);
      if (!verified.ok) throw new Error(verified.detail);
      return verified.value;
    }
    const rules = [{ ...pay, require: { ...needs, approvals: 2 } }];
    const listed = new Map([[policyDigest(read(rules)), { valid_from: '2020-01-01T00:00:00.000Z' }]]);
    const two = (more: object = {}) => new Map([passkeyApprover(alice, 'alice'), passkeyApprover(bob, 'bob', more)]);

    it('finds nothing where there is everybody', async () => {
      expect(lint(rules, await trusted({ approvers: two(), policies: listed }))).toEqual([]);
    });

    it.each<[string, () => Partial<TrustMembers>, readonly string[]]>([
      ['two keys of one person', () => ({ approvers: two({ holder: 'alice' }) }), ['pay: too_few_people']],
      [
        'one who has left',
        () => ({ approvers: two({ revoked: { reason: 'retired', at: '2026-04-01T00:00:00.000Z' } }) }),
        ['pay: too_few_people'],
      ],
      [
        'one whose key was stolen',
        () => ({
          approvers: two({
            revoked: { reason: 'compromised', at: '2026-04-01T00:00:00.000Z', since: '2026-04-01T00:00:00.000Z' },
          }),
        }),
        ['pay: too_few_people'],
      ],
      [
        'one who is over',
        () => ({ approvers: two({ valid_until: '2026-04-03T17:00:00.000Z' }) }),
        ['pay: too_few_people'],
      ],
      [
        'nobody of that role',
        () => ({ approvers: new Map([passkeyApprover(alice, 'alice', { roles: ['legal'] })]) }),
        ['pay: unknown_role'],
      ],
      [
        'the word of a service alone',
        () => ({
          services: new Map([
            trustedService(createServiceKey(), {
              methods: ['totp'],
              attests: new Map([
                ['alice', ['finance']],
                ['bob', ['finance']],
              ]),
            }),
          ]),
        }),
        ['pay: too_few_people'],
      ],
    ])('finds %s', async (_, members, found) => {
      expect(lint(rules, await trusted({ policies: listed, ...members() }))).toEqual(found);
    });

    it('counts the word of a service where that is asked for', async () => {
      const service = trustedService(createServiceKey(), {
        methods: ['totp'],
        attests: new Map([
          ['alice', ['finance']],
          ['bob', ['finance']],
        ]),
      });
      const attested = [{ ...pay, require: { ...needs, approvals: 2, methods: ['attested:totp'] } }];
      expect(lint(attested, await trusted({ services: new Map([service]) }))).toEqual(['policy_not_listed']);
    });
  });
});

/** Receipts judged by a trust root and an approval policy: all that is left to say is whether the approval was used before. */
import { type ApprovalOptions, createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { createTestLog } from '@assent/test-support/receipts';
import { createTrustVersion, keyApprover, passkeyApprover, trustedService } from '@assent/test-support/trust-roots';
import { describe, expect, it } from 'vitest';
import { formatPolicy, parsePolicy, policyDigest } from './approval-policy.ts';
import type { JsonObject } from './canonical-json.ts';
import { createIntent } from './intent.ts';
import { type VerifyOptions, verifyReceipt } from './verify-receipt.ts';

const NOW = Date.parse('2026-04-03T17:00:00.000Z');
const rpId = 'approvals.example.com';
const [alice, bob, carol] = [
  createAuthenticator({ rpId }),
  createAuthenticator({ rpId }),
  createAuthenticator({ rpId }),
];
const [key, service, rootKey] = [createServiceKey(), createServiceKey(), createServiceKey()];
const log = createTestLog({ origin: 'log.example.com/approvals' });

const base = { action: 'payment.*', connector: 'stripe/*' };
const require = { approvals: 2, roles: ['finance', 'security'], distinct_roles: true, max_ttl_seconds: 900 };
const policy = formatPolicy({
  name: 'acme-payments',
  rules: [
    { ...base, id: 'frozen', when: [{ path: '/args/charge', eq: 'ch_frozen' }], effect: 'deny' },
    { ...base, id: 'over-100', when: [{ path: '/args/amount', gt: '100' }], effect: 'approve', require },
    {
      ...base,
      id: 'attested',
      when: [{ path: '/args/amount', gt: '50' }],
      effect: 'approve',
      require: { approvals: 1, roles: ['finance'], methods: ['attested:totp'] },
    },
    { ...base, id: 'small', effect: 'allow' },
  ],
});
const parsed = parsePolicy(policy);
if (!parsed.ok) throw new Error(parsed.detail);
const digest = policyDigest(parsed.value);

const root = createTrustVersion({
  rootKeys: [rootKey],
  issuedAt: NOW - 1000,
  members: {
    approvers: new Map([
      passkeyApprover(alice, 'alice'),
      passkeyApprover(bob, 'bob', { roles: ['security'] }),
      passkeyApprover(carol, 'carol'),
      keyApprover(key, 'bob', { roles: ['security'] }),
    ]),
    services: new Map([trustedService(service, { attests: new Map([['alice', ['finance']]]), methods: ['totp'] })]),
    policies: new Map([[digest, { valid_from: '2020-01-01T00:00:00.000Z' }]]),
  },
});
const trustRoot = { rootId: root.digest, versions: [root.item] };

const charge = (amount: string, more: JsonObject = {}) =>
  createIntent({
    ...base,
    action: 'payment.refund',
    connector: 'stripe/acct_1A2b',
    args: { charge: 'ch_9', amount, ...more },
  });

type Case = { readonly approval?: Partial<ApprovalOptions>; readonly options?: VerifyOptions; readonly rule?: string };

async function judge({ approval: changes = {}, options = {}, rule = 'over-100' }: Case = {}) {
  const { overrides, ...others } = changes;
  const approval = createApproval({
    origin: log.origin,
    now: NOW,
    authenticator: [alice, bob],
    intent: charge('100.01'),
    ...others,
    overrides: { organization: root.digest, policy: { digest, rule }, ...overrides },
  });
  const { receipt } = log.append({ content: approval.envelope, loggedAt: NOW + 1000 });
  return verifyReceipt(receipt, {
    logKeys: [log.vkey],
    trustRoot,
    approvalPolicy: policy,
    intent: approval.intent,
    at: NOW + 2000,
    ...options,
  });
}

async function outcome(of?: Case): Promise<string> {
  const { status, code } = (await judge(of)).checks.find(({ id }) => id === 'policy')!;
  return code === undefined ? status : `${status} ${code}`;
}

describe('a receipt under a trust root and an approval policy', () => {
  it('passes every check but use', async () => {
    const report = await judge();
    expect(report.checks.filter(({ status }) => status !== 'pass').map(({ id }) => id)).toEqual(['use']);
    expect(report.checks.find(({ id }) => id === 'policy')).toMatchObject({
      detail: expect.stringMatching(
        /^Rule over-100 of acme-payments is satisfied: .*finance by alice, security by bob\.$/,
      ),
    });
    expect(report.verdict).toBe('authentic');
  });

  it.each<[string, Case, string]>([
    ['the other passkey of one role', { approval: { authenticator: [alice, carol] } }, 'fail roles_missing'],
    ['one signer', { approval: { authenticator: alice } }, 'fail approvals_missing'],
    ['a key instead of a passkey', { approval: { authenticator: alice, serviceKey: key } }, 'fail method_not_allowed'],
    ['no user verification', { approval: { assertion: { userVerified: false } } }, 'fail user_not_verified'],
    ['use more than once', { approval: { overrides: { use: 'multiple' } } }, 'fail use_mismatch'],
    ['a longer time', { approval: { overrides: { expires_at: '2026-04-03T17:15:00.001Z' } } }, 'fail ttl_too_long'],
    ['another rule', { rule: 'small' }, 'fail rule_mismatch'],
    [
      'a rule that denies',
      { approval: { intent: charge('1', { charge: 'ch_frozen' }) }, rule: 'frozen' },
      'fail denied',
    ],
    ['no amount', { approval: { intent: { args: { charge: 'ch_9' } } } }, 'fail condition_error'],
    [
      'an amount that is a number',
      { approval: { intent: { args: { charge: 'ch_9', amount: 101 } } } },
      'fail condition_error',
    ],
    ['another system', { approval: { intent: { connector: 'adyen/1' } } }, 'fail no_rule_matches'],
    [
      'another policy of the caller',
      {
        options: {
          approvalPolicy: {
            type: 'assent/policy/v1',
            name: 'p',
            rules: [{ ...base, id: 'over-100', effect: 'allow' }],
          },
        },
      },
      'fail policy_not_accepted',
    ],
    ['no policy of the caller', { options: { approvalPolicy: undefined } as never }, 'skip no_policy'],
    ['no trust root', { options: { trustRoot: undefined } as never }, 'skip no_trust_root'],
    ['no intent', { options: { intent: undefined } as never }, 'skip no_intent'],
    ['another intent', { options: { intent: charge('1') } }, 'skip no_intent'],
    ['nobody of the trust root', { approval: { authenticator: createAuthenticator({ rpId }) } }, 'skip premise_failed'],
  ])('loses it with %s', async (_, of, expected) => {
    expect(await outcome(of)).toBe(expected);
  });

  it('asks nobody where the rule allows, and counts what a listed service attests where the rule takes that', async () => {
    expect(await outcome({ approval: { intent: charge('1'), authenticator: alice }, rule: 'small' })).toBe('pass');
    const item = { approver: 'alice', role: 'finance', method: 'totp', at: '2026-04-03T17:00:00.000Z' } as const;
    const attested = (method: 'totp' | 'passkey') => ({
      approval: {
        authenticator: [],
        serviceKey: service,
        intent: charge('60'),
        overrides: { attested: [{ ...item, method }] },
      },
      rule: 'attested',
    });
    expect(await outcome(attested('totp'))).toBe('pass');
    expect(await outcome(attested('passkey'))).toBe('fail approvals_missing');
  });

  it("takes the receipt's policy for no authority", async () => {
    const approval = createApproval({
      origin: log.origin,
      now: NOW,
      authenticator: [alice, bob],
      overrides: { organization: root.digest, policy: { digest, rule: 'small' } },
    });
    const { receipt } = log.append({ content: approval.envelope, loggedAt: NOW + 1000 });
    const carrying = JSON.stringify({ ...JSON.parse(receipt), policy: parsed.value });
    const report = await verifyReceipt(carrying, { logKeys: [log.vkey], trustRoot, intent: approval.intent, at: NOW });
    expect(report.checks.find(({ id }) => id === 'policy')).toMatchObject({ status: 'skip', code: 'no_policy' });
  });

  it("rejects with TypeError on a policy of the caller's that is none", async () => {
    await expect(judge({ options: { approvalPolicy: '{}' } })).rejects.toThrow(
      /^approvalPolicy: policy.type is missing/,
    );
    await expect(judge({ options: { approvalPolicy: {} } })).rejects.toThrow(TypeError);
  });
});

import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { type PolicyRule, parsePolicy, pinPolicy, policyDigest } from './approval-policy.ts';
import type { AuthorizationInput } from './authorization.ts';
import { pinLogs } from './pinned-logs.ts';
import { checkPolicy } from './policy-check.ts';
import { passed, skipped } from './report.ts';
import { sha256 } from './sha256.ts';
import { formatTime } from './time.ts';
import type { CountedApproval, TrustJudgement } from './trust-check.ts';
import type { ListedPolicy, TrustChain, TrustVersion } from './trust-root.ts';

const NOW = 1_775_235_600_000;
const base = { action: 'payment.*', connector: 'stripe/*' };
const large: PolicyRule = {
  ...base,
  id: 'large',
  when: [{ path: '/args/amount', gt: '10' }],
  effect: 'approve',
  require: { approvals: 1, roles: ['finance'], max_ttl_seconds: 900 },
};
const policyOf = (...rules: readonly PolicyRule[]) =>
  unwrap(parsePolicy({ type: 'assent/policy/v1', name: 'acme-payments', rules } as never));
const older = policyOf(large);
const OLDER = policyDigest(older);
const newer = policyOf({ ...large, reason: 'Newer', accepts: [OLDER] });
const NEWER = policyDigest(newer);

const { statement, intent, digest } = createApproval({
  origin: 'log.example.com',
  serviceKey: createServiceKey(),
  now: NOW,
  overrides: { policy: { digest: OLDER, rule: 'large' } },
});

const always: ListedPolicy = { valid_from: '2020-01-01T00:00:00.000Z' };
const version = (number: number, issuedAt: number, policies: Readonly<Record<string, ListedPolicy>>): TrustVersion => ({
  version: number,
  digest,
  name: 'acme.example',
  issued_at: formatTime(issuedAt),
  expires_at: formatTime(issuedAt + 1e10),
  members: {
    approvers: new Map(),
    services: new Map(),
    boundaries: new Map(),
    policies: new Map(Object.entries(policies)),
  },
});
const chainOf = (...versions: [TrustVersion, ...TrustVersion[]]): TrustChain => ({ rootId: digest, versions });
const alice: CountedApproval = { holder: 'alice', roles: ['finance'], method: 'passkey', userVerified: true };
const trusted = (chain: TrustChain, approvals: readonly CountedApproval[] = [alice]): TrustJudgement => ({
  trust: passed('trust', ''),
  revocation: passed('revocation', ''),
  chain,
  approvals,
});
const listing = trusted(chainOf(version(1, NOW - 1000, { [OLDER]: always, [NEWER]: always })));

const pins = { logs: pinLogs(), unverifiedIntent: undefined, schema: undefined, boundary: undefined };

type Changes = Partial<AuthorizationInput> & { readonly policy?: typeof older | undefined; readonly at?: number };

function judge({ policy = older, at, ...changes }: Changes = {}, judged: TrustJudgement = listing) {
  const approvalPolicy = pinPolicy(policy as never, sha256);
  const input: AuthorizationInput = {
    statement,
    statementDigest: digest,
    signers: [],
    intent,
    index: 0,
    loggedAt: NOW,
    seenBy: undefined,
    receipt: {},
    pinned: { ...pins, approvalPolicy, at },
    ...changes,
  };
  return checkPolicy(input, judged);
}

function outcome(changes?: Changes, judged?: TrustJudgement): string {
  const { status, code } = judge(changes, judged);
  return code === undefined ? status : `${status} ${code}`;
}

const named = (policy: { digest?: string; rule?: string }) => ({
  statement: { ...statement, policy: { digest: OLDER, rule: 'large', ...policy } },
});

describe('checkPolicy', () => {
  it('passes, and says which rule matched and who satisfied it', () => {
    expect(judge()).toMatchObject({
      status: 'pass',
      detail: 'Rule large of acme-payments is satisfied: alice (finance).',
    });
  });

  it('says exactly what is lacking', () => {
    expect(judge({}, { ...listing, approvals: [] })).toMatchObject({
      code: 'approvals_missing',
      detail: 'rule large of acme-payments: 1 person in one of the roles finance needed, 0 counted: nobody',
    });
  });

  it.each<[string, Changes, string]>([
    ['without a policy of the caller', { pinned: { ...pins, at: NOW } }, 'skip no_policy'],
    ['of a rejection', { statement: { ...statement, decision: 'rejected' } }, 'skip not_approved'],
    ['without an intent', { intent: undefined }, 'skip no_intent'],
    ['without a tree that holds it', { loggedAt: undefined }, 'skip premise_failed'],
    ['of an intent without the argument', { intent: { ...intent, args: {} } }, 'fail condition_error'],
    ['that no rule matches', { intent: { ...intent, args: { amount: '10' } } }, 'fail no_rule_matches'],
    ['under another policy', named({ digest: `sha256:${'11'.repeat(32)}` }), 'fail policy_not_accepted'],
    ['under a newer policy, which the older one does not know', named({ digest: NEWER }), 'fail policy_not_accepted'],
    ['under another rule', named({ rule: 'small' }), 'fail rule_mismatch'],
    ['that may be used again', { statement: { ...statement, use: 'multiple' } }, 'fail use_mismatch'],
    [
      'that lasts too long',
      { statement: { ...statement, expires_at: formatTime(NOW + 900_001) } },
      'fail ttl_too_long',
    ],
  ])('judges an approval %s', (_, changes, expected) => {
    expect(outcome(changes)).toBe(expected);
  });

  it('is not made for a statement that names no policy', () => {
    const { policy: _, ...unnamed } = statement;
    expect(outcome({ statement: unnamed })).toBe('skip policy_not_named');
  });

  it('shows both digests, and both rules', () => {
    expect(judge(named({ digest: NEWER }))).toMatchObject({ expected: OLDER, computed: NEWER });
    expect(judge(named({ rule: 'small' }))).toMatchObject({ expected: 'large', computed: 'small' });
  });
});

describe('effects', () => {
  const of = (rule: Partial<PolicyRule>) => {
    const { require: _, ...rest } = large;
    const policy = policyOf({ ...rest, ...rule });
    const own = policyDigest(policy);
    const judged = trusted(chainOf(version(1, NOW - 1000, { [own]: always })), []);
    return { changes: { policy, ...named({ digest: own }) }, judged };
  };

  it('deny: nothing passes, and the reason is told', () => {
    const { changes, judged } = of({ effect: 'deny', reason: 'Frozen' });
    expect(judge(changes, judged)).toMatchObject({
      status: 'fail',
      code: 'denied',
      detail: 'rule large of acme-payments denies it: Frozen',
    });
    expect(outcome(changes, { ...judged, approvals: [alice] })).toBe('fail denied');
  });

  it('allow: nobody is asked, and trust has to pass all the same', () => {
    const { changes, judged } = of({ effect: 'allow' });
    expect(outcome(changes, judged)).toBe('pass');
    const { approvals: _, ...untrusted } = judged;
    expect(outcome(changes, untrusted)).toBe('skip premise_failed');
  });
});

describe('without signers that count', () => {
  const skip = skipped('trust', 'no_trust_root', '');
  const untrusted: TrustJudgement = { trust: skip, revocation: skip };

  it('nothing passes', () => {
    expect(outcome({}, untrusted)).toBe('skip no_trust_root');
    const { approvals: _, ...unsigned } = listing;
    expect(outcome({}, unsigned)).toBe('skip premise_failed');
    const { chain: __, ...unchained } = listing;
    expect(outcome({}, unchained)).toBe('skip premise_failed');
  });

  it('what is refuted already fails', () => {
    expect(outcome(named({ rule: 'small' }), untrusted)).toBe('fail rule_mismatch');
    expect(outcome({ statement: { ...statement, use: 'multiple' } }, untrusted)).toBe('fail use_mismatch');
  });
});

describe('the listing', () => {
  const until = (time: number): ListedPolicy => ({ ...always, valid_until: formatTime(time) });
  const lists = (policy: ListedPolicy) => trusted(chainOf(version(1, NOW - 1000, { [OLDER]: policy })));

  it.each<[string, TrustJudgement, Changes, string]>([
    ['not there', trusted(chainOf(version(1, NOW - 1000, {}))), {}, 'fail policy_not_listed'],
    ['not valid yet', lists({ valid_from: formatTime(NOW + 1) }), {}, 'fail policy_not_listed'],
    ['valid from then on', lists({ valid_from: formatTime(NOW) }), {}, 'pass'],
    ['valid until then', lists(until(NOW)), {}, 'fail policy_not_listed'],
    ['valid a millisecond longer', lists(until(NOW + 1)), {}, 'pass'],
    ['over when witnesses saw it', lists(until(NOW + 1)), { seenBy: NOW + 1 }, 'fail policy_not_listed'],
    ['good when witnesses saw it, too', lists(until(NOW + 2)), { seenBy: NOW + 1 }, 'pass'],
    ['over now, which is another matter', lists(until(NOW + 1)), { at: NOW + 9 }, 'pass'],
    ['in a version of later', trusted(chainOf(version(1, NOW + 1, { [OLDER]: always }))), {}, 'fail policy_not_listed'],
    [
      'withdrawn by a version of later',
      trusted(chainOf(version(1, NOW - 9, { [OLDER]: always }), version(2, NOW + 1, {}))),
      {},
      'pass',
    ],
    [
      'withdrawn before witnesses saw it',
      trusted(chainOf(version(1, NOW - 9, { [OLDER]: always }), version(2, NOW + 1, {}))),
      { seenBy: NOW + 1 },
      'fail policy_not_listed',
    ],
  ])('%s', (_, judged, changes, expected) => {
    expect(outcome(changes, judged)).toBe(expected);
  });
});

describe("the caller's own policy, where it is another one", () => {
  const lists = (policies: Readonly<Record<string, ListedPolicy>>) =>
    trusted(chainOf(version(1, NOW - 9, { [OLDER]: always }), version(2, NOW + 5, { [OLDER]: always, ...policies })));
  const from = (time: number) => ({ [NEWER]: { valid_from: formatTime(time) } });

  it.each<[string, TrustJudgement, Changes, string]>([
    ['listed by the newest version', lists({ [NEWER]: always }), {}, 'pass'],
    ['not listed', lists({}), {}, 'fail own_policy_not_listed'],
    [
      'listed, and the older one never was',
      trusted(chainOf(version(1, NOW - 9, { [NEWER]: always }))),
      {},
      'fail policy_not_listed',
    ],
    ["valid at the caller's time", lists(from(NOW + 7)), { at: NOW + 7 }, 'pass'],
    ["not valid at the caller's time", lists(from(NOW + 7)), { at: NOW + 6 }, 'fail own_policy_not_listed'],
    ['valid when the version was issued', lists(from(NOW + 5)), {}, 'pass'],
    ['not valid when the version was issued', lists(from(NOW + 6)), {}, 'fail own_policy_not_listed'],
  ])('%s', (_, judged, changes, expected) => {
    expect(outcome({ policy: newer, ...changes }, judged)).toBe(expected);
  });
});

/**
 * Whether the approval policy is satisfied: the check `policy` (formats.md §8 and §11).
 *
 * The policy is the caller's own. One that a receipt carries was compared with the digest that the statement names, and
 * decides nothing. What the statement and the intent refute fails even where there is no trust root: more evidence could
 * not mend it. Nothing passes without one, as nobody else says whose signatures count.
 */

import type { Statement } from './approval.ts';
import type { ApprovalPolicy, PinnedPolicy, PolicyRule } from './approval-policy.ts';
import type { AuthorizationInput } from './authorization.ts';
import { findRule } from './classify.ts';
import { type Check, failed, passed, skipped } from './report.ts';
import { checkApprovals, checkTerms } from './requirements.ts';
import { type Failure, fail } from './result.ts';
import type { CountedApproval, TrustJudgement } from './trust-check.ts';
import { isPolicyListedNow, listed, type Moments } from './trust-lookup.ts';
import type { TrustChain } from './trust-root.ts';

type NamedPolicy = NonNullable<Statement['policy']>;

/** Never throws for bad evidence. */
export function checkPolicy(input: AuthorizationInput, judged: TrustJudgement): Check {
  const { statement, intent, pinned } = input;
  const own = pinned.approvalPolicy;
  if (own === undefined) {
    const carried = input.receipt.policy
      ? " The receipt brings the policy's text along, which confers nothing by itself."
      : '';
    return skipped('policy', 'no_policy', `An approval policy that says who has to approve this is needed.${carried}`);
  }
  if (statement.decision !== 'approved') {
    return skipped('policy', 'not_approved', `An approval is needed, and this was ${statement.decision}.`);
  }
  if (statement.policy === undefined) {
    const detail =
      'A statement that names the policy and the rule by which it was asked for is needed; this one names none.';
    return skipped('policy', 'policy_not_named', detail);
  }
  if (intent === undefined) {
    const detail =
      'The intent is needed, as the rules depend on it: revealed, disclosed, or your own if it is the one that was decided on.';
    return skipped('policy', 'no_intent', detail);
  }
  const rule = findRule(intent, own.policy);
  if (!rule.ok) return failed('policy', rule);
  return checkNames(statement.policy, rule.value, own) ?? checkRule(input, statement.policy, rule.value, own, judged);
}

/** The statement has to name this policy, or one whose approvals still count, and the rule. */
function checkNames(named: NamedPolicy, rule: PolicyRule, own: PinnedPolicy): Check | undefined {
  if (named.digest !== own.digest && !rule.accepts?.includes(named.digest)) {
    const detail = `it was approved under another policy, which rule ${rule.id} of ${own.policy.name} does not accept`;
    return failed('policy', fail('policy_not_accepted', detail), { expected: own.digest, computed: named.digest });
  }
  if (named.rule === rule.id) return undefined;
  const failure = fail(
    'rule_mismatch',
    `it was approved under another rule than the one that matches in ${own.policy.name}`,
  );
  return failed('policy', failure, { expected: rule.id, computed: named.rule });
}

function checkRule(
  input: AuthorizationInput,
  named: NamedPolicy,
  rule: PolicyRule,
  own: PinnedPolicy,
  { trust, chain, approvals }: TrustJudgement,
): Check {
  const { statement, loggedAt, seenBy, pinned } = input;
  if (rule.effect === 'deny') return failed('policy', fail('denied', withReason(own.policy, rule, 'denies it')));
  const terms = rule.require && checkTerms(rule.require, statement);
  if (terms !== undefined) return failed('policy', of(own.policy, rule, terms));
  if (loggedAt === undefined) {
    return skipped(
      'policy',
      'premise_failed',
      "A signed tree that holds it is needed: else the time is nobody's word.",
    );
  }
  if (chain === undefined || approvals === undefined) {
    const code = trust.code === 'no_trust_root' ? 'no_trust_root' : 'premise_failed';
    return skipped(
      'policy',
      code,
      'Signers that a trust root lets approve are needed: trust and revocation have to pass.',
    );
  }
  const unlisted = checkListing(chain, named.digest, own.digest, { loggedAt, seenBy }, pinned.at);
  if (unlisted !== undefined) return failed('policy', unlisted);
  return checkPeople(own.policy, rule, approvals);
}

/** The organization decides which policies count, and when: the statement's when it was logged, the caller's own now. */
function checkListing(
  chain: TrustChain,
  named: string,
  own: string,
  moments: Moments,
  at: number | undefined,
): Failure | undefined {
  const found = listed(chain, moments, ({ policies }) => policies.get(named));
  if (!found.ok) return fail('policy_not_listed', `the policy of the statement does not count: ${found.detail}`);
  if (named === own || isPolicyListedNow(chain, own, at)) return undefined;
  const detail = 'the newest version of the trust root does not list your policy as valid, so it can accept no other';
  return fail('own_policy_not_listed', detail);
}

function checkPeople(policy: ApprovalPolicy, rule: PolicyRule, approvals: readonly CountedApproval[]): Check {
  if (rule.require === undefined) {
    return passed('policy', `Rule ${rule.id} of ${policy.name} allows it without asking anyone.`);
  }
  const people = checkApprovals(rule.require, approvals);
  if (!people.ok) return failed('policy', of(policy, rule, people));
  return passed('policy', `Rule ${rule.id} of ${policy.name} is satisfied: ${people.value}.`);
}

function of(policy: ApprovalPolicy, rule: PolicyRule, { code, detail }: Failure): Failure {
  return fail(code, `rule ${rule.id} of ${policy.name}: ${detail}`);
}

function withReason(policy: ApprovalPolicy, { id, reason }: PolicyRule, what: string): string {
  return `rule ${id} of ${policy.name} ${what}${reason === undefined ? '' : `: ${reason}`}`;
}

/** What a policy says about the actions of its tests, by the verifier's own rules. */
import {
  type ApprovalPolicy,
  type CountedApproval,
  checkApprovals,
  checkTerms,
  classify,
  type FailureCode,
  formatTime,
  type PolicyRule,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import type { PolicyTest, TestedEffect } from './policy-tests.ts';
import { rolesOf } from './supply.ts';
import { type TracedRule, traceRules } from './trace.ts';

export type PolicyOutcome = {
  readonly effect: TestedEffect;
  /** Null: no rule matches. */
  readonly rule: string | null;
  /** Whether these approvals let it pass. */
  readonly satisfied: boolean;
  /** Why not. */
  readonly code?: FailureCode;
  /** A sentence. */
  readonly detail: string;
};

export type TestResult = {
  readonly name: string;
  readonly passed: boolean;
  readonly outcome: PolicyOutcome;
  readonly rules: readonly TracedRule[];
  /** What differs from what was expected. */
  readonly differences: readonly string[];
};

/** @param people whom a trust root lists, for approvals that do not say the roles of their holder. */
export function runPolicyTests(
  policy: ApprovalPolicy,
  tests: readonly PolicyTest[],
  people: readonly CountedApproval[] | undefined,
): readonly TestResult[] {
  return tests.map((test) => {
    const outcome = outcomeOf(policy, test, withRoles(test, people));
    const differences = compare(test, outcome);
    return {
      name: test.name,
      passed: differences.length === 0,
      outcome,
      rules: traceRules(test.intent, policy),
      differences,
    };
  });
}

function withRoles(
  { name, approvals }: PolicyTest,
  people: readonly CountedApproval[] | undefined,
): readonly CountedApproval[] {
  return approvals.map(({ roles, ...approval }) => {
    if (roles !== undefined) return { ...approval, roles };
    if (people !== undefined) return { ...approval, roles: rolesOf(people, approval.holder) };
    const message = `test ${JSON.stringify(name)} does not say the roles of ${approval.holder}: pass --trust-versions, which does`;
    throw new CommandFailure('usage', message);
  });
}

function outcomeOf(policy: ApprovalPolicy, test: PolicyTest, approvals: readonly CountedApproval[]): PolicyOutcome {
  const classified = classify(test.intent, policy);
  if (!classified.ok) {
    const rule = traceRules(test.intent, policy).at(-1)?.rule ?? null;
    return { effect: 'error', rule, satisfied: false, code: classified.code, detail: `${classified.detail}.` };
  }
  const { effect, rule: id } = classified.value;
  const rule = policy.rules.find((candidate) => candidate.id === id);
  if (rule === undefined) {
    return {
      effect,
      rule: null,
      satisfied: false,
      code: 'no_rule_matches',
      detail: 'No rule matches, which denies it.',
    };
  }
  const of = { effect, rule: rule.id };
  if (effect === 'deny') return { ...of, satisfied: false, code: 'denied', detail: `Rule ${rule.id} denies it.` };
  if (rule.require === undefined)
    return { ...of, satisfied: true, detail: `Rule ${rule.id} allows it without asking anyone.` };
  return { ...of, ...judge(rule, rule.require, test, approvals) };
}

function judge(
  { id }: PolicyRule,
  required: NonNullable<PolicyRule['require']>,
  { use, ttlSeconds }: PolicyTest,
  approvals: readonly CountedApproval[],
): Pick<PolicyOutcome, 'satisfied' | 'code' | 'detail'> {
  const lasts = (ttlSeconds ?? required.max_ttl_seconds ?? 1) * 1000;
  const terms = checkTerms(required, {
    use: use ?? required.use ?? 'single',
    issued_at: formatTime(0),
    expires_at: formatTime(lasts),
  });
  if (terms !== undefined) return { satisfied: false, code: terms.code, detail: `Rule ${id}: ${terms.detail}.` };
  const people = checkApprovals(required, approvals);
  return people.ok
    ? { satisfied: true, detail: `Rule ${id} is satisfied: ${people.value}.` }
    : { satisfied: false, code: people.code, detail: `Rule ${id}: ${people.detail}.` };
}

function compare({ expect }: PolicyTest, outcome: PolicyOutcome): readonly string[] {
  const names = ['effect', 'rule', 'satisfied', 'code'] as const;
  return names.flatMap((name) => {
    const [expected, computed] = [expect[name], outcome[name]];
    if (expected === undefined || expected === computed) return [];
    return [`${name}: expected ${expected ?? 'none'}, and it is ${computed ?? 'none'}`];
  });
}

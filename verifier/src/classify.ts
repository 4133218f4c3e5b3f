/**
 * Which rule of an approval policy decides about an action (formats.md §8).
 *
 * The first rule that matches is the rule. One that matches by action and connector has all its conditions evaluated, and
 * an error in any of them ends the search: an argument that is missing must not fall through to a laxer rule. Rules after
 * the one that matches are not evaluated.
 */
import type { ApprovalPolicy, PolicyEffect, PolicyRule } from './approval-policy.ts';
import type { Intent } from './intent.ts';
import { evaluateCondition } from './policy-conditions.ts';
import { matchesPattern } from './policy-pattern.ts';
import { fail, ok, type Result } from './result.ts';

export type Classification = {
  readonly effect: PolicyEffect;
  /** The rule's id, for `policy.rule` of a statement. Absent where no rule matches, which denies. */
  readonly rule?: string;
  /** The rule's words for people, where it has any. */
  readonly reason?: string;
};

/**
 * What the policy says about the action, before anyone is asked. No rule matches: `deny`, without a rule. Fails with
 * `condition_error` where a condition is neither true nor false; that denies too.
 */
export function classify(intent: Intent, policy: ApprovalPolicy): Result<Classification> {
  const found = findRule(intent, policy);
  if (!found.ok) return found.code === 'no_rule_matches' ? ok({ effect: 'deny' }) : found;
  const { effect, id, reason } = found.value;
  return ok({ effect, rule: id, ...(reason !== undefined && { reason }) });
}

/** Fails with `condition_error` or `no_rule_matches`. */
export function findRule(intent: Intent, policy: ApprovalPolicy): Result<PolicyRule> {
  for (const rule of policy.rules) {
    if (!matchesPattern(rule.action, intent.action) || !matchesPattern(rule.connector, intent.connector)) continue;
    let matches = true;
    for (const condition of rule.when ?? []) {
      const outcome = evaluateCondition(condition, intent);
      if (!outcome.ok) return fail(outcome.code, `rule ${rule.id}: ${outcome.detail}`);
      matches &&= outcome.value;
    }
    if (matches) return ok(rule);
  }
  return fail('no_rule_matches', `no rule of ${policy.name} matches ${intent.action} on ${intent.connector}`);
}

/** Why a rule of a policy decides about an action, and why those before it did not. What decides is for `classify` to say. */
import { type ApprovalPolicy, evaluateCondition, type Intent, matchesPattern, type PolicyRule } from '@assent/verifier';
import { conditionText } from './policy-text.ts';

export type TracedRule = {
  readonly rule: string;
  readonly outcome: 'matches' | 'does not match' | 'is an error';
  readonly why: string;
};

/** Rules in their order, up to the one that decides. */
export function traceRules(intent: Intent, { rules }: ApprovalPolicy): readonly TracedRule[] {
  const traced: TracedRule[] = [];
  for (const rule of rules) {
    const one = traceRule(intent, rule);
    traced.push(one);
    if (one.outcome !== 'does not match') break;
  }
  return traced;
}

function traceRule(intent: Intent, { id: rule, action, connector, when = [] }: PolicyRule): TracedRule {
  const other = 'does not match';
  if (!matchesPattern(action, intent.action)) return { rule, outcome: other, why: `the action is not ${action}` };
  if (!matchesPattern(connector, intent.connector)) {
    return { rule, outcome: other, why: `the connector is not ${connector}` };
  }
  const results = when.map((condition) => ({ condition, result: evaluateCondition(condition, intent) }));
  for (const { result } of results) {
    if (!result.ok) return { rule, outcome: 'is an error', why: result.detail };
  }
  const untrue = results.find(({ result }) => result.ok && !result.value);
  if (untrue !== undefined)
    return { rule, outcome: other, why: `it is not so that ${conditionText(untrue.condition)}` };
  const conditions = when.map(conditionText).join(', and ');
  return { rule, outcome: 'matches', why: conditions === '' ? 'action and connector match' : conditions };
}

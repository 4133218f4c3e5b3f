/** What is odd about an approval policy that is none the less one: a rule that does nothing, people that there are not, laxness. */
import {
  type ApprovalPolicy,
  type Condition,
  type CountedApproval,
  checkApprovals,
  compareExactDecimals,
  isPolicyListedNow,
  matchesPattern,
  type PolicyRule,
  policyDigest,
  type VerifiedTrustRoot,
} from '@assent/verifier';
import { newestOf } from '../trust/trust-file.ts';
import { excludes, implies } from './implication.ts';
import { conditionText, duration } from './policy-text.ts';
import { possibleApprovals } from './supply.ts';

export const LINT_CODES = {
  no_rules: 'The policy has no rules, so it denies everything.',
  covered_rule: 'The rule can never decide, as an earlier one always does.',
  impossible_rule: 'The rule can never match, as two of its conditions are never true together.',
  allows_everything: 'The rule allows everything without asking anyone.',
  no_time_limit: 'An approval may last as long as whoever asks for it likes.',
  long_time_limit: 'An approval may last more than a day.',
  shared_roles: 'Several roles are named, and one of them alone suffices.',
  fewer_approvals_than_roles: 'Fewer approvals are named than the roles need.',
  user_not_verified: 'A passkey counts whose device did not ask who is there.',
  text_equality: 'Amounts are compared as texts, so "100" and "100.00" differ.',
  unknown_role: 'The trust root lists nobody in this role.',
  too_few_people: 'Even if everybody approved whom the trust root lists, it would not suffice.',
  policy_not_listed: 'The trust root does not list the policy, so approvals under it do not count.',
} as const;

export type LintCode = keyof typeof LINT_CODES;

export type Finding = {
  readonly code: LintCode;
  /** Id of the rule. */
  readonly rule?: string;
  readonly detail: string;
};

const DAY_SECONDS = 86_400;

/** @param trusted what is known of the people. @param at milliseconds. */
export function lintPolicy(
  policy: ApprovalPolicy,
  trusted: VerifiedTrustRoot | undefined,
  at: number,
): readonly Finding[] {
  const { rules } = policy;
  const people = trusted && possibleApprovals(newestOf(trusted).members, at);
  return [
    ...(rules.length === 0 ? [finding('no_rules')] : []),
    ...rules.flatMap((rule, index) => [
      ...reach(rule, rules.slice(0, index)),
      ...laxness(rule),
      ...equality(rule, rules),
      ...(people === undefined ? [] : lack(rule, people)),
    ]),
    ...(trusted === undefined ? [] : listing(policy, trusted, at)),
  ];
}

function reach(rule: PolicyRule, earlier: readonly PolicyRule[]): readonly Finding[] {
  const conditions = rule.when ?? [];
  for (const [index, one] of conditions.entries()) {
    const other = conditions.slice(index + 1).find((condition) => excludes(one, condition));
    if (other !== undefined) {
      return [finding('impossible_rule', rule, `${conditionText(one)}, and ${conditionText(other)}`)];
    }
  }
  const covering = earlier.find((before) => covers(before, rule));
  return covering === undefined
    ? []
    : [finding('covered_rule', rule, `rule ${covering.id} stands before it and matches all that it could match`)];
}

/** Whether `before` decides, or is an error, wherever `rule` would match. */
function covers(before: PolicyRule, rule: PolicyRule): boolean {
  return (
    coversPattern(before.action, rule.action) &&
    coversPattern(before.connector, rule.connector) &&
    (before.when ?? []).every((wanted) => (rule.when ?? []).some((given) => implies(given, wanted)))
  );
}

function coversPattern(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  if (!narrow.endsWith('*')) return matchesPattern(wide, narrow);
  return wide.endsWith('*') && narrow.slice(0, -1).startsWith(wide.slice(0, -1));
}

function laxness(rule: PolicyRule): readonly Finding[] {
  const { require: required, effect, action, connector, when } = rule;
  if (effect === 'allow' && action === '*' && connector === '*' && when === undefined) {
    return [finding('allows_everything', rule)];
  }
  if (required === undefined) return [];
  const { approvals, roles, distinct_roles: distinct, methods = ['passkey'], max_ttl_seconds: ttl } = required;
  return [
    ...(ttl === undefined ? [finding('no_time_limit', rule, 'max_ttl_seconds is missing')] : []),
    ...(ttl !== undefined && ttl > DAY_SECONDS ? [finding('long_time_limit', rule, duration(ttl))] : []),
    ...(approvals > 1 && roles.length > 1 && !distinct
      ? [
          finding(
            'shared_roles',
            rule,
            `${approvals} people of ${roles[0]} are enough; "distinct_roles": true asks for each of ${roles.join(', ')}`,
          ),
        ]
      : []),
    ...(distinct && approvals < roles.length
      ? [
          finding(
            'fewer_approvals_than_roles',
            rule,
            `${roles.length} roles have to be filled by different people, and approvals is ${approvals}`,
          ),
        ]
      : []),
    ...(required.user_verification === false && methods.includes('passkey')
      ? [finding('user_not_verified', rule)]
      : []),
  ];
}

/** Only of values that the policy itself takes for numbers elsewhere: many texts are made of digits. */
function equality(rule: PolicyRule, rules: readonly PolicyRule[]): readonly Finding[] {
  const numbers = new Set(
    rules
      .flatMap(({ when = [] }) => when.map(bare))
      .flatMap((condition) => (isOrdered(condition) ? [condition.path] : [])),
  );
  const texts = (rule.when ?? []).filter((condition) => {
    const comparison = bare(condition);
    return (
      numbers.has(comparison.path) &&
      operandsOf(comparison).some((operand) => compareExactDecimals(operand, '0') !== undefined)
    );
  });
  return texts.map((condition) => finding('text_equality', rule, conditionText(condition)));
}

type Bare = Exclude<Condition, { readonly not: Condition }>;

function bare(condition: Condition): Bare {
  return 'not' in condition ? bare(condition.not) : condition;
}

function isOrdered(condition: Bare): boolean {
  return 'gt' in condition || 'gte' in condition || 'lt' in condition || 'lte' in condition;
}

function operandsOf(condition: Bare): readonly string[] {
  if ('eq' in condition) return [condition.eq];
  if ('ne' in condition) return [condition.ne];
  return 'in' in condition ? condition.in : [];
}

function lack(rule: PolicyRule, people: readonly CountedApproval[]): readonly Finding[] {
  const { require: required } = rule;
  if (required === undefined) return [];
  const unknown = required.roles.filter((role) => !people.some(({ roles }) => roles.includes(role)));
  const enough = checkApprovals(required, people);
  return [
    ...unknown.map((role) => finding('unknown_role', rule, role)),
    ...(enough.ok || unknown.length === required.roles.length ? [] : [finding('too_few_people', rule, enough.detail)]),
  ];
}

function listing(policy: ApprovalPolicy, trusted: VerifiedTrustRoot, at: number): readonly Finding[] {
  const digest = policyDigest(policy);
  return isPolicyListedNow(trusted.chain, digest, at) ? [] : [finding('policy_not_listed', undefined, digest)];
}

function finding(code: LintCode, rule?: PolicyRule, more?: string): Finding {
  const detail = more === undefined ? LINT_CODES[code] : `${LINT_CODES[code].replace(/\.$/, '')}: ${more}.`;
  return { code, ...(rule && { rule: rule.id }), detail };
}

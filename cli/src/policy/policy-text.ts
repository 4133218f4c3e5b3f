/** An approval policy in words. */
import type { ApprovalPolicy, Condition, PolicyRequirement, PolicyRule } from '@assent/verifier';
import type { Paint } from '../terminal/paint.ts';
import { safeExcerpt } from '../terminal/safe-text.ts';

const MAX_LINE = 2000;

const EFFECTS = {
  allow: 'allows without asking anyone',
  approve: 'asks for approval of',
  deny: 'denies',
} as const;

export function policyText({ name, rules }: ApprovalPolicy, digest: string, paint: Paint): string {
  const lines = [
    paint('bold', safeExcerpt(`policy ${name}`, MAX_LINE)),
    `digest ${digest}`,
    'The first rule that matches decides. What no rule matches is denied.',
    ...rules.flatMap((rule, index) => ['', ...ruleLines(rule, index + 1, paint)]),
  ];
  return `${lines.join('\n')}\n`;
}

function ruleLines(rule: PolicyRule, number: number, paint: Paint): readonly string[] {
  return [
    paint('bold', safeExcerpt(`${number}. ${rule.id}`, MAX_LINE)),
    ...ruleWords(rule).map((line) => `   ${safeExcerpt(line, MAX_LINE)}`),
  ];
}

export function ruleWords({
  action,
  connector,
  when = [],
  effect,
  require: required,
  reason,
  accepts = [],
}: PolicyRule): readonly string[] {
  return [
    `${EFFECTS[effect]} ${patternText(action, 'action')} on ${patternText(connector, 'connector')}`,
    ...when.map((condition, index) => `${index === 0 ? 'when' : 'and'} ${conditionText(condition)}`),
    ...(required === undefined ? [] : requirementWords(required)),
    ...(accepts.length === 0 ? [] : [`also counts what was approved under ${accepts.join(', ')}`]),
    ...(reason === undefined ? [] : [`because: ${reason}`]),
  ];
}

function patternText(pattern: string, what: string): string {
  if (pattern === '*') return `every ${what}`;
  return pattern.endsWith('*') ? `every ${what} that begins with ${pattern.slice(0, -1)}` : pattern;
}

export function requirementWords(required: PolicyRequirement): readonly string[] {
  const { approvals, roles, distinct_roles: distinct, methods = ['passkey'], max_ttl_seconds: ttl } = required;
  const people = approvals === 1 ? '1 person' : `${approvals} different people`;
  const passkeys = methods.includes('passkey');
  const verified =
    required.user_verification === false ? 'verified by their device or not' : 'verified by their device';
  return [
    distinct && roles.length > 1
      ? `needs ${people}, so that each of ${roles.join(', ')} is filled by a different one`
      : `needs ${people} of ${roles.join(' or ')}`,
    `by ${methods.join(' or ')}${passkeys ? ` (a passkey: ${verified})` : ''}`,
    ttl === undefined ? 'for as long as whoever asks says' : `for at most ${duration(ttl)}`,
    required.use === 'multiple' ? 'to be used again and again until then' : 'to be used once',
  ];
}

export function duration(seconds: number): string {
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const) {
    if (seconds % size === 0) return `${seconds / size} ${unit}${seconds === size ? '' : 's'}`;
  }
  return `${seconds} second${seconds === 1 ? '' : 's'}`;
}

export function conditionText(condition: Condition): string {
  if ('not' in condition) return `not (${conditionText(condition.not)})`;
  const { path } = condition;
  const quoted = (text: string): string => JSON.stringify(text);
  if ('eq' in condition) return `${path} is ${quoted(condition.eq)}`;
  if ('ne' in condition) return `${path} is not ${quoted(condition.ne)}`;
  if ('in' in condition) return `${path} is one of ${condition.in.map(quoted).join(', ')}`;
  if ('starts_with' in condition) return `${path} begins with ${quoted(condition.starts_with)}`;
  if ('ends_with' in condition) return `${path} ends with ${quoted(condition.ends_with)}`;
  if ('gt' in condition) return `${path} is more than ${condition.gt}`;
  if ('gte' in condition) return `${path} is ${condition.gte} or more`;
  if ('lt' in condition) return `${path} is less than ${condition.lt}`;
  return `${path} is ${condition.lte} or less`;
}

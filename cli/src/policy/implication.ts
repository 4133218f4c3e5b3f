/**
 * What follows from a condition of a policy, so far as it can be told without an intent. Where it cannot, the answer is false: whoever
 * is told that a rule can never match must be able to rely on that.
 */
import {
  type Comparison,
  type Condition,
  canonicalJson,
  compareExactDecimals,
  evaluateCondition,
} from '@assent/verifier';

/** Whether `b` is true, or an error, wherever `a` is true. Either way no rule after one with `b` decides. */
export function implies(a: Condition, b: Condition): boolean {
  const [given, wanted] = [positive(a), positive(b)];
  if (canonicalJson({ ...given }) === canonicalJson({ ...wanted })) return true;
  if ('not' in given || pathOf(given) !== pathOf(wanted)) return false;
  const values = valuesOf(given);
  if (values !== undefined) return values.every((value) => holds(wanted, value) !== false);
  if ('not' in wanted) return false;
  if ('starts_with' in given && 'starts_with' in wanted) return given.starts_with.startsWith(wanted.starts_with);
  if ('ends_with' in given && 'ends_with' in wanted) return given.ends_with.endsWith(wanted.ends_with);
  return isNarrower(boundOf(given), boundOf(wanted));
}

/** Whether the two are never true together. */
export function excludes(a: Condition, b: Condition): boolean {
  return implies(a, { not: b }) || implies(b, { not: a });
}

/** Without `not`, where there is an operator that says the same, errors included. */
function positive(condition: Condition): Condition {
  if (!('not' in condition)) return condition;
  const inner = positive(condition.not);
  if ('not' in inner) return inner.not;
  const { path } = inner;
  if ('eq' in inner) return { path, ne: inner.eq };
  if ('ne' in inner) return { path, eq: inner.ne };
  if ('gt' in inner) return { path, lte: inner.gt };
  if ('gte' in inner) return { path, lt: inner.gte };
  if ('lt' in inner) return { path, gte: inner.lt };
  if ('lte' in inner) return { path, gt: inner.lte };
  return { not: inner };
}

function pathOf(condition: Condition): string {
  return 'not' in condition ? pathOf(condition.not) : condition.path;
}

/** Those that make it true, where they can be listed. */
function valuesOf(comparison: Comparison): readonly string[] | undefined {
  if ('eq' in comparison) return [comparison.eq];
  return 'in' in comparison ? comparison.in : undefined;
}

/** By the verifier's own rule; undefined where it is an error. */
function holds(condition: Condition, value: string): boolean | undefined {
  const intent = { type: 'assent/intent/v1', action: value, connector: '', args: {}, salt: '' } as const;
  const result = evaluateCondition(ofAction(condition), intent);
  return result.ok ? result.value : undefined;
}

/** The same about a member that every intent has. */
function ofAction(condition: Condition): Condition {
  return 'not' in condition ? { not: ofAction(condition.not) } : { ...condition, path: '/action' };
}

type Bound = { readonly side: 'above' | 'below'; readonly value: string; readonly included: boolean };

function boundOf(comparison: Comparison): Bound | undefined {
  if ('gt' in comparison) return { side: 'above', value: comparison.gt, included: false };
  if ('gte' in comparison) return { side: 'above', value: comparison.gte, included: true };
  if ('lt' in comparison) return { side: 'below', value: comparison.lt, included: false };
  if ('lte' in comparison) return { side: 'below', value: comparison.lte, included: true };
  return undefined;
}

function isNarrower(a: Bound | undefined, b: Bound | undefined): boolean {
  if (a === undefined || b === undefined || a.side !== b.side) return false;
  const order = compareExactDecimals(a.value, b.value);
  if (order === undefined) return false;
  if (order === 0) return b.included || !a.included;
  return a.side === 'above' ? order > 0 : order < 0;
}

/**
 * Conditions of an approval policy on an intent (formats.md §8).
 *
 *     { "path": "/args/amount", "gt": "100" }                          // decimals: gt gte lt lte
 *     { "path": "/args/currency", "in": ["usd", "eur"] }               // texts: eq ne in starts_with ends_with
 *     { "not": { "path": "/args/country", "eq": "US" } }
 *
 * A condition is true, false or an error: nothing at the path, no text there, no decimal where one is compared. An error
 * stays one under `not`, or an argument that is left out would make "not in the US" true.
 */
import { type Field, isJsonObject, object, setOf, text } from './document.ts';
import { compareExactDecimals, isExactDecimal } from './exact-decimal.ts';
import type { Intent } from './intent.ts';
import { isPointer, readPointer } from './json-pointer.ts';
import { fail, ok, type Result } from './result.ts';

const MAX_ALTERNATIVES = 1000;

type TextOperator = 'eq' | 'ne' | 'starts_with' | 'ends_with' | 'gt' | 'gte' | 'lt' | 'lte';

/** One operator. */
export type Comparison = { readonly path: string } & (
  | { [Operator in TextOperator]: { readonly [Name in Operator]: string } }[TextOperator]
  | { readonly in: readonly string[] }
);

export type Condition = Comparison | { readonly not: Condition };

const pointer: Field<string> = (value) => {
  const path = text(value);
  if (!path.ok) return path;
  return isPointer(path.value) ? path : fail('bad_value', ' is not a JSON Pointer such as /args/amount');
};

const decimal: Field<string> = (value) => {
  const operand = text(value);
  if (!operand.ok) return operand;
  return isExactDecimal(operand.value)
    ? operand
    : fail(
        'bad_value',
        ' is not a decimal such as "100" or "-0.50", of at most 31 digits before the point and 18 after',
      );
};

const OPERANDS: Readonly<Record<TextOperator | 'in', Field<string | readonly string[]>>> = {
  eq: text,
  ne: text,
  gt: decimal,
  gte: decimal,
  lt: decimal,
  lte: decimal,
  in: setOf(text, MAX_ALTERNATIVES),
  starts_with: text,
  ends_with: text,
};

const comparisons = Object.entries(OPERANDS).map(([operator, operand]) => ({
  operator,
  read: object({ path: pointer, [operator]: operand }),
}));
const negation = object({ not: (value) => condition(value) });
const bare = object({ path: pointer });

/** Exactly one operator, so that nobody has to guess how two would combine. An unknown one is refused. */
export const condition: Field<Condition> = (value) => {
  if (!isJsonObject(value)) return fail('wrong_type', ' is not an object');
  if (Object.hasOwn(value, 'not')) return negation(value);
  const present = comparisons.filter(({ operator }) => Object.hasOwn(value, operator));
  if (present.length > 1)
    return fail('bad_value', ' has more than one operator; several conditions stand beside one another');
  const [comparison] = present;
  if (comparison !== undefined) return comparison.read(value) as Result<Comparison>; // the members that were just read
  const unknown = bare(value);
  return unknown.ok ? fail('missing_member', ` has no operator (${Object.keys(OPERANDS).join(', ')}, not)`) : unknown;
};

/** Fails with `condition_error` where the condition is neither true nor false. The detail names the path, never its value. */
export function evaluateCondition(of: Condition, intent: Intent): Result<boolean> {
  if ('not' in of) {
    const negated = evaluateCondition(of.not, intent);
    return negated.ok ? ok(!negated.value) : negated;
  }
  const value = readPointer(intent, of.path);
  const where = `the intent's value at ${JSON.stringify(of.path)}`;
  if (value === undefined) return fail('condition_error', `${where} is missing`);
  if (typeof value !== 'string') return fail('condition_error', `${where} is not a text`);
  const holds = compare(value, of);
  return holds === undefined ? fail('condition_error', `${where} is not a decimal`) : ok(holds);
}

/** Undefined where a decimal is asked for and `value` is none. */
function compare(value: string, comparison: Comparison): boolean | undefined {
  if ('eq' in comparison) return value === comparison.eq;
  if ('ne' in comparison) return value !== comparison.ne;
  if ('in' in comparison) return comparison.in.includes(value);
  if ('starts_with' in comparison) return value.startsWith(comparison.starts_with);
  if ('ends_with' in comparison) return value.endsWith(comparison.ends_with);
  if ('gt' in comparison) return ordered(value, comparison.gt, (order) => order > 0);
  if ('gte' in comparison) return ordered(value, comparison.gte, (order) => order >= 0);
  if ('lt' in comparison) return ordered(value, comparison.lt, (order) => order < 0);
  return ordered(value, comparison.lte, (order) => order <= 0);
}

function ordered(value: string, operand: string, holds: (order: number) => boolean): boolean | undefined {
  const order = compareExactDecimals(value, operand);
  return order === undefined ? undefined : holds(order);
}

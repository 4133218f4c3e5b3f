import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import type { Json } from './canonical-json.ts';
import { createIntent } from './intent.ts';
import { condition, evaluateCondition } from './policy-conditions.ts';

const intent = createIntent({
  action: 'payment.refund',
  connector: 'stripe/acct_1A2b',
  args: { amount: '100.00', currency: 'usd', count: 3, none: null, items: ['x'], nested: { 'a/b': 'é' }, empty: '' },
});

/** true, false, or the code. */
function outcome(value: Json): boolean | string {
  const result = evaluateCondition(unwrap(condition(value)), intent);
  return result.ok ? result.value : result.code;
}

const amount = { path: '/args/amount' };
const currency = { path: '/args/currency' };

describe('evaluateCondition', () => {
  it.each<[Json, boolean]>([
    [{ ...amount, gt: '99.999' }, true],
    [{ ...amount, gt: '100' }, false],
    [{ ...amount, gte: '100' }, true],
    [{ ...amount, gte: '100.01' }, false],
    [{ ...amount, lt: '100.000000000000000001' }, true],
    [{ ...amount, lt: '100' }, false],
    [{ ...amount, lte: '100.0' }, true],
    [{ ...amount, lte: '-100' }, false],
    [{ ...amount, eq: '100' }, false],
    [{ ...amount, eq: '100.00' }, true],
    [{ ...amount, ne: '100' }, true],
    [{ ...amount, ne: '100.00' }, false],
    [{ ...currency, in: ['eur', 'usd'] }, true],
    [{ ...currency, in: ['USD'] }, false],
    [{ ...currency, starts_with: 'us' }, true],
    [{ ...currency, starts_with: 'sd' }, false],
    [{ ...currency, ends_with: 'sd' }, true],
    [{ ...currency, ends_with: 'us' }, false],
    [{ path: '/args/items/0', eq: 'x' }, true],
    [{ path: '/args/nested/a~1b', eq: 'é' }, true],
    [{ path: '/args/nested/a~1b', eq: 'e\u0301' }, false],
    [{ path: '/args/empty', eq: '' }, true],
    [{ path: '/action', eq: 'payment.refund' }, true],
    [{ not: { ...currency, eq: 'eur' } }, true],
    [{ not: { ...currency, eq: 'usd' } }, false],
    [{ not: { not: { ...currency, eq: 'usd' } } }, true],
  ])('%j is %s', (value, expected) => {
    expect(outcome(value)).toBe(expected);
  });

  it.each<[string, Json]>([
    ['missing', { path: '/args/amout', gt: '1' }],
    ['missing, where another text is asked for', { path: '/args/country', ne: 'US' }],
    ['a number', { path: '/args/count', gt: '1' }],
    ['a number, compared as text', { path: '/args/count', eq: '3' }],
    ['null', { path: '/args/none', eq: 'null' }],
    ['an array', { path: '/args/items', eq: 'x' }],
    ['an object', { path: '/args', eq: '{}' }],
    ['the whole intent', { path: '', ne: 'x' }],
    ['no decimal', { ...currency, lt: '1' }],
    ['empty, where a decimal is asked for', { path: '/args/empty', lt: '1' }],
  ])('is an error where the value is %s, under not as well', (_, value) => {
    expect(outcome(value)).toBe('condition_error');
    expect(outcome({ not: value })).toBe('condition_error');
    expect(outcome({ not: { not: value } })).toBe('condition_error');
  });

  it('names the path and not the value', () => {
    const result = evaluateCondition(unwrap(condition({ ...currency, gt: '1' })), intent);
    expect(result).toMatchObject({ detail: `the intent's value at "/args/currency" is not a decimal` });
  });
});

describe('reading a condition', () => {
  it.each<[string, Json, string]>([
    ['an operator that is not known', { ...amount, matches: '.*' }, 'unknown_member'],
    ['an unknown operator beside a known one', { ...amount, gt: '1', between: '2' }, 'unknown_member'],
    ['two operators', { ...amount, gt: '1', lt: '2' }, 'bad_value'],
    ['no operator', amount, 'missing_member'],
    ['nothing', {}, 'missing_member'],
    ['an operator of the prototype', { ...amount, toString: 'x' }, 'unknown_member'],
    ['no path', { gt: '1' }, 'missing_member'],
    ['a path that is no pointer', { path: 'args.amount', gt: '1' }, 'bad_value'],
    ['a path with a bad escape', { path: '/args/~2', gt: '1' }, 'bad_value'],
    ['a bound that is a number', { ...amount, gt: 1 }, 'wrong_type'],
    ['a bound that is no decimal', { ...amount, gt: '1e3' }, 'bad_value'],
    ['a bound with a leading zero', { ...amount, lte: '01' }, 'bad_value'],
    ['a text that is a number', { ...amount, eq: 1 }, 'wrong_type'],
    ['a list that is a text', { ...amount, in: 'usd' }, 'wrong_type'],
    ['an empty list', { ...amount, in: [] }, 'bad_value'],
    ['a list with the same twice', { ...amount, in: ['a', 'a'] }, 'bad_value'],
    ['a list with a number', { ...amount, in: [1] }, 'wrong_type'],
    ['a list that is too long', { ...amount, in: Array.from({ length: 1001 }, String) }, 'too_large'],
    ['not beside an operator', { not: { ...amount, gt: '1' }, ...amount, gt: '1' }, 'unknown_member'],
    ['not of nothing', { not: {} }, 'missing_member'],
    ['not of a list', { not: [] }, 'wrong_type'],
    ['text', 'true', 'wrong_type'],
  ])('refuses %s', (_, value, code) => {
    expect(codeOf(condition(value))).toBe(code);
  });
});

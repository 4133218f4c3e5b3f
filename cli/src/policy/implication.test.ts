import { type Condition, evaluateCondition } from '@assent/verifier';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excludes, implies } from './implication.ts';

const path = '/args/x';
const c = (operator: object): Condition => ({ path, ...operator }) as Condition;
const not = (condition: Condition): Condition => ({ not: condition });

describe('implies', () => {
  it.each<[string, Condition, Condition]>([
    ['itself', c({ eq: 'a' }), c({ eq: 'a' })],
    ['more, from a higher bound', c({ gt: '100' }), c({ gt: '50' })],
    ['or equal', c({ gt: '100' }), c({ gte: '100.00' })],
    ['less, from a lower one', c({ lte: '5' }), c({ lt: '5.01' })],
    ['the same in other words', not(c({ lte: '5' })), c({ gt: '5' })],
    ['the same, denied twice', not(not(c({ in: ['a'] }))), c({ in: ['a'] })],
    ['a longer list', c({ in: ['a', 'b'] }), c({ in: ['b', 'c', 'a'] })],
    ['a shorter beginning', c({ starts_with: 'abc' }), c({ starts_with: 'ab' })],
    ['a shorter end', c({ ends_with: 'abc' }), c({ ends_with: 'bc' })],
    ['a bound, from a number', c({ eq: '7' }), c({ gt: '5' })],
    ['an error, from a text', c({ eq: 'seven' }), c({ gt: '5' })],
    ['that it is not another', c({ eq: 'a' }), not(c({ in: ['b', 'c'] }))],
  ])('%s', (_, a, b) => {
    expect(implies(a, b)).toBe(true);
  });

  it.each<[string, Condition, Condition]>([
    ['another path', { path: '/args/y', eq: 'a' }, c({ eq: 'a' })],
    ['a higher bound', c({ gt: '50' }), c({ gt: '100' })],
    ['that it is not equal', c({ gte: '5' }), c({ gt: '5' })],
    ['the other side', c({ gt: '5' }), c({ lt: '9' })],
    ['a shorter list', c({ in: ['a', 'b'] }), c({ eq: 'a' })],
    ['a longer beginning', c({ starts_with: 'ab' }), c({ starts_with: 'abc' })],
  ])('not %s', (_, a, b) => {
    expect(implies(a, b)).toBe(false);
  });

  it('is never wrong', () => {
    const text = fc.constantFrom('', 'a', 'ab', 'abc', 'b', '0', '1', '1.0', '5', '-5', '10', '5x');
    const decimal = fc.constantFrom('0', '1', '1.0', '5', '-5', '10');
    const comparison = fc.oneof(
      fc.tuple(fc.constantFrom('eq', 'ne', 'starts_with', 'ends_with'), text),
      fc.tuple(fc.constantFrom('gt', 'gte', 'lt', 'lte'), decimal),
      fc.tuple(fc.constant('in'), fc.uniqueArray(text, { minLength: 1, maxLength: 3 })),
    );
    const condition = fc
      .tuple(comparison, fc.nat(2))
      .map(([[operator, operand], nots]) =>
        Array.from({ length: nots }).reduce<Condition>((inner) => not(inner), c({ [operator]: operand })),
      );
    const holds = (of: Condition, value: string) => {
      const result = evaluateCondition(of, {
        type: 'assent/intent/v1',
        action: 'a',
        connector: 'c',
        args: { x: value },
        salt: '',
      });
      return result.ok ? result.value : undefined;
    };
    fc.assert(
      fc.property(condition, condition, text, (a, b, value) => {
        if (holds(a, value) !== true) return;
        if (implies(a, b)) expect(holds(b, value)).not.toBe(false);
        if (excludes(a, b)) expect(holds(b, value)).not.toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('excludes', () => {
  it.each<[string, Condition, Condition, boolean]>([
    ['two values', c({ eq: 'a' }), c({ eq: 'b' }), true],
    ['bounds that do not meet', c({ gt: '10' }), c({ lte: '10' }), true],
    ['bounds that do', c({ gte: '10' }), c({ lte: '10' }), false],
    ['a value and a list without it', c({ in: ['b', 'c'] }), c({ eq: 'a' }), true],
    ['a number and a text', c({ eq: 'many' }), c({ gt: '5' }), true],
    ['its opposite', c({ starts_with: 'a' }), not(c({ starts_with: 'a' })), true],
    ['another path', { path: '/args/y', eq: 'a' }, c({ eq: 'b' }), false],
  ])('%s', (_, a, b, expected) => {
    expect([excludes(a, b), excludes(b, a)]).toEqual([expected, expected]);
  });
});

import { codeOf } from '@assent/test-support/results';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionPattern, connectorPattern, matchesPattern } from './policy-pattern.ts';

describe('patterns', () => {
  it.each(['*', 'a', 'payment.refund', 'payment.*', 'payment*', 'pay_1.a2*'])('takes %s for an action', (pattern) => {
    expect(codeOf(actionPattern(pattern))).toBeUndefined();
  });

  it.each(['', '**', '*.refund', 'a.*.b', 'a*b', 'a.', '.a', '.*', 'a..*', 'A', 'a?', 'a/*', 'a.*\n', 'a.**'])(
    'refuses %j for an action',
    (pattern) => {
      expect(codeOf(actionPattern(pattern))).toBe('bad_value');
    },
  );

  it.each(['*', 'stripe/*', 'stripe/acct_1A2b', '/*', `${'a'.repeat(127)}*`])('takes %s for a connector', (pattern) => {
    expect(codeOf(connectorPattern(pattern))).toBeUndefined();
  });

  it.each(['', '**', '*a', 'a*b', 'a b', 'ä', 'a\n', `${'a'.repeat(128)}*`, 'a'.repeat(129)])(
    'refuses %j for a connector',
    (pattern) => {
      expect(codeOf(connectorPattern(pattern))).toBe('bad_value');
    },
  );
});

describe('matchesPattern', () => {
  it.each([
    ['payment.*', 'payment.refund', true],
    ['payment.*', 'payment.refund.partial', true],
    ['payment.*', 'payment.', false],
    ['payment.*', 'payment', false],
    ['payment.*', 'payments.refund', false],
    ['stripe/*', 'stripe/a/b', true],
    ['*', 'a', true],
    ['*', '', false],
    ['payment', 'payment.refund', false],
    ['a.b', 'axb', false],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '/', '+'), maxLength: 6 });
    fc.assert(
      fc.property(name, name, fc.boolean(), (beginning, candidate, open) => {
        const literal = beginning.replace(/[.+/]/g, '\\$&');
        const oracle = new RegExp(`^${literal}${open ? '.+' : ''}$`);
        expect(matchesPattern(beginning + (open ? '*' : ''), candidate)).toBe(oracle.test(candidate));
      }),
      { numRuns: 3000 },
    );
  });
});

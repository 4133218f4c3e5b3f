import { describe, expect, it } from 'vitest';
import { negotiate } from './negotiate.ts';

const OFFERS = ['application/json', 'text/plain'] as const;

describe('negotiate', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/plain', 'text/plain'],
    ['TEXT/Plain ; charset=utf-8', 'text/plain'],
    ['application/json, text/plain', 'application/json'],
    ['text/plain, application/json', 'application/json'],
    ['application/json;q=0.5, text/plain', 'text/plain'],
    ['application/json;q=0.5, text/plain;q=0.501', 'text/plain'],
    ['text/*', 'text/plain'],
    ['*/*;q=0.1, text/*;q=0.2', 'text/plain'],
    // The most specific range counts, not the most generous one.
    ['*/*, text/plain;q=0.1', 'application/json'],
    ['*/*, application/json;q=0.1', 'text/plain'],
    ['application/json;q=0, */*', 'text/plain'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
    // Nothing that is here is acceptable, or nothing can be understood.
    ['image/png', 'application/json'],
    ['text/plain;q=0, application/json;q=0', 'application/json'],
    ['text/plain;q=1.5', 'application/json'],
    ['text/plain;q=-1', 'application/json'],
    [`${'a/b,'.repeat(100_000)}text/plain`, 'application/json'],
  ])('%j: %s', (accept, expected) => {
    expect(negotiate(accept, OFFERS)).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { parseReference, referencePath } from './reference.ts';

const DIGEST = `sha256:${'0f'.repeat(32)}`;

describe('parseReference', () => {
  it.each([
    ['0', '0'],
    ['9007199254740991', '9007199254740991'],
    [DIGEST, DIGEST],
    ['approvals.example.com/req_8f2', 'approvals.example.com/req_8f2'],
    ['a+b@c:d/e', 'a%2Bb%40c%3Ad/e'],
    ['.../..a', '.../..a'],
  ])('%s is asked for as %s', (text, path) => {
    const reference = parseReference(text);
    expect(reference && referencePath(reference)).toBe(path);
  });

  it.each([
    '',
    '01',
    '-1',
    '1e3',
    '9007199254740992',
    '1/',
    '/1',
    'a/b/c',
    '../a',
    'a/..',
    './a',
    'a/%2e',
    'a b/c',
    'a/b?c',
    'a/b#c',
    DIGEST.toUpperCase(),
    `${DIGEST}0`,
    'sha256:',
    'receipt.json',
    `${'a'.repeat(129)}/b`,
  ])('%j names no entry', (text) => {
    expect(parseReference(text)).toBeUndefined();
  });

  it('never lets an address leave the folder of receipts', () => {
    for (const text of ['a+b@c:d/e', '.../..a', 'a/b', DIGEST]) {
      const url = new URL(`api/v1/receipts/${referencePath(parseReference(text)!)}`, 'http://log.example.com/base/');
      expect(url.pathname).toMatch(/^\/base\/api\/v1\/receipts\/[^/]+(\/[^/]+)?$/);
      expect(url.search + url.hash).toBe('');
    }
  });
});

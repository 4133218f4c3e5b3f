import { describe, expect, it } from 'vitest';
import { parseReference, receiptPath } from './reference.ts';

const DIGEST = `sha256:${'0f'.repeat(32)}`;

describe('parseReference', () => {
  it.each([
    ['0', 'receipts/0'],
    ['9007199254740991', 'receipts/9007199254740991'],
    [DIGEST, `receipts/${DIGEST}`],
    ['approvals.example.com/req_8f2', 'receipts/approvals.example.com/req_8f2'],
    ['a+b@c:d/e', 'receipts/a%2Bb%40c%3Ad/e'],
    ['.../..a', 'receipts/.../..a'],
    ['a+b/..', 'receipts?name=a%2Bb/..'],
    ['./a', 'receipts?name=./a'],
  ])('%s is asked for as %s', (text, path) => {
    const reference = parseReference(text);
    expect(reference && receiptPath(reference)).toBe(path);
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
    '../a/b',
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
    for (const text of ['a+b@c:d/e', '.../..a', 'a/b', DIGEST, '../..', './a', 'a/.']) {
      const url = new URL(`api/v1/${receiptPath(parseReference(text)!)}`, 'http://log.example.com/base/');
      expect(url.pathname).toMatch(/^\/base\/api\/v1\/receipts(\/[^/]+){0,2}$/);
      const name = url.searchParams.get('name') ?? decodeURIComponent(url.pathname.split('/receipts/')[1]!);
      expect([name, url.hash]).toEqual([text, '']);
    }
  });
});

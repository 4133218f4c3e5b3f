import { describe, expect, it } from 'vitest';
import { readQuestion, receiptPath } from './question.ts';

const OWN = 'http://localhost:6962';
const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('readQuestion', () => {
  it('takes JSON as a receipt, whatever it holds: judging it is for the verifier', () => {
    for (const receipt of ['{"type":1}', '[', '"x"', '{ broken']) {
      expect(readQuestion(` ${receipt}\n`, OWN)).toEqual({ kind: 'receipt', receipt });
    }
  });

  it('takes an index, a digest and service/id', () => {
    for (const id of ['0', '17', DIGEST, 'demo.approvals/req_8f2', './b', 'a/..']) {
      expect(readQuestion(id, OWN)).toEqual({ kind: 'lookup', id });
    }
    expect(readQuestion('0a'.repeat(32), OWN)).toEqual({ kind: 'lookup', id: DIGEST });
  });

  it('takes links of its own origin only', () => {
    expect(readQuestion(`${OWN}/verify?id=7`, OWN)).toEqual({ kind: 'lookup', id: '7' });
    expect(readQuestion(`${OWN}/api/v1/receipts/a/b`, OWN)).toEqual({ kind: 'lookup', id: 'a/b' });
    expect(readQuestion(`${OWN}/api/v1/receipts?name=a/..`, OWN)).toEqual({ kind: 'lookup', id: 'a/..' });
    expect(readQuestion(`${OWN}/verify#receipt=abc`, OWN)).toEqual({ kind: 'link', fragment: '#receipt=abc' });
    for (const link of [
      'https://elsewhere.example/verify?id=7',
      `${OWN}/verify`,
      `${OWN}/verify?id=../x/y`,
      'http://',
      `${OWN}/api/v1/receipts/a/..`,
    ]) {
      expect(readQuestion(link, OWN).kind).toBe('unclear');
    }
  });

  it('advises on everything else', () => {
    for (const text of [
      '',
      '  ',
      '007',
      '-1',
      '1.5',
      'sha256:abc',
      'a/b/c',
      'hello',
      '../etc/x',
      '99999999999999999',
    ]) {
      expect(readQuestion(text, OWN).kind).toBe('unclear');
    }
  });
});

describe('receiptPath', () => {
  it('escapes the name, and stays what it is when a browser resolves it', () => {
    for (const id of ['demo.approvals/a+b@c', DIGEST, '7', './b', 'a/..']) {
      const url = new URL(receiptPath(id), OWN);
      expect([url.pathname, url.searchParams.get('name')]).toEqual(['/api/v1/receipts', id]);
    }
  });
});

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
    for (const id of ['0', '17', DIGEST, 'demo.approvals/req_8f2']) {
      expect(readQuestion(id, OWN)).toEqual({ kind: 'lookup', id });
    }
    expect(readQuestion('0a'.repeat(32), OWN)).toEqual({ kind: 'lookup', id: DIGEST });
  });

  it('takes links of its own origin only', () => {
    expect(readQuestion(`${OWN}/verify?id=7`, OWN)).toEqual({ kind: 'lookup', id: '7' });
    expect(readQuestion(`${OWN}/api/v1/receipts/a/b`, OWN)).toEqual({ kind: 'lookup', id: 'a/b' });
    expect(readQuestion(`${OWN}/verify#receipt=abc`, OWN)).toEqual({ kind: 'link', fragment: '#receipt=abc' });
    for (const link of [
      'https://elsewhere.example/verify?id=7',
      `${OWN}/verify`,
      `${OWN}/verify?id=../x`,
      'http://',
      `${OWN}/verify?id=a/..`,
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
      '../etc',
      'a/.',
      './b',
      '99999999999999999',
    ]) {
      expect(readQuestion(text, OWN).kind).toBe('unclear');
    }
  });
});

describe('receiptPath', () => {
  it('escapes each part', () => {
    expect(receiptPath('demo.approvals/a+b@c')).toBe('/api/v1/receipts/demo.approvals/a%2Bb%40c');
    expect(receiptPath(DIGEST)).toBe(`/api/v1/receipts/sha256%3A${'0a'.repeat(32)}`);
  });
});

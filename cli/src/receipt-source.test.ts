import { describe, expect, it } from 'vitest';
import { findReceipt } from './receipt-source.ts';

describe('findReceipt', () => {
  const online = { log: true, offline: false };

  it('takes for entries of a log what no path looks like, and service/id where no such file is', () => {
    for (const [argument, kind] of [
      ['7', 'index'],
      [`sha256:${'0f'.repeat(32)}`, 'digest'],
      ['approvals.example.com/req_8f2', 'identity'],
      ['approvals.example.com/..', 'identity'],
    ]) {
      expect(findReceipt(argument!, online)).toMatchObject({ kind: 'reference', reference: { kind } });
    }
  });

  it('takes what begins like a path for a file, though a service may be called like that', () => {
    for (const path of ['./7', '../receipt.json', './refund.receipt.json', '-', 'a/b/c', 'receipt']) {
      expect(findReceipt(path, online)).toEqual({ kind: 'file', path });
    }
    expect(findReceipt('a/b', { log: false, offline: false })).toEqual({ kind: 'file', path: 'a/b' });
  });
});

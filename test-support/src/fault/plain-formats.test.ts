import { describe, expect, it } from 'vitest';
import { createTestLog } from '../receipts.ts';
import { openCheckpoint, readBundle, readReceipt, tilePath } from './plain-formats.ts';
import { PlainTree } from './plain-tree.ts';

describe('the formats that the auditor reads by itself', () => {
  it('names tiles as tlog-tiles does', () => {
    expect(tilePath('0', 0, 256)).toBe('/tile/0/000');
    expect(tilePath('1', 1_234_067, 256)).toBe('/tile/1/x001/x234/067');
    expect(tilePath('entries', 999, 17)).toBe('/tile/entries/999.p/17');
  });

  it('takes a bundle apart, and refuses one that ends inside an entry', () => {
    const bundle = Buffer.from('0001610000000262630001', 'hex');
    expect(readBundle(bundle.subarray(0, 9)).map(String)).toEqual(['a', '', 'bc']);
    expect(() => readBundle(bundle)).toThrow(/ends inside an entry/);
  });

  it('opens a checkpoint that the key signed, whose root is the plain tree’s, and no other', () => {
    const log = createTestLog({ origin: 'log.test/plain' });
    const entries = Array.from({ length: 7 }, (_, i) => Buffer.from(`entry ${i}`));
    for (const entry of entries) log.appendBytes(entry);
    const opened = openCheckpoint(log.checkpoint(), log.vkey);
    expect(opened).toEqual({
      origin: 'log.test/plain',
      size: 7,
      root: new PlainTree(entries).root().toString('base64'),
    });
    const other = createTestLog({ origin: 'log.test/plain' });
    expect(() => openCheckpoint(log.checkpoint(), other.vkey)).toThrow(/not signed by/);
    expect(() => openCheckpoint(log.checkpoint().replace('\n7\n', '\n8\n'), log.vkey)).toThrow(/not signed by/);
  });

  it('reads what the ledger needs of a receipt', () => {
    const log = createTestLog();
    log.appendBytes(Buffer.from('a'));
    const { receipt } = log.appendBytes(Buffer.from('b'));
    expect(readReceipt(receipt)).toEqual({ index: 1, entry: 'b', checkpoint: log.checkpoint() });
  });
});

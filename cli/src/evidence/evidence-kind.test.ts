import { describe, expect, it } from 'vitest';
import { detectKind } from './evidence-kind.ts';

const kindOf = (text: string) => detectKind(new TextEncoder().encode(text));

describe('detectKind', () => {
  it.each([
    ['receipt', '{"type":"assent/receipt/v1"}'],
    ['tlog-proof', 'c2sp.org/tlog-proof@v1\nindex 0\n\nx'],
    ['tlog-proof', 'c2sp.org/tlog-proof@v9\n'],
    ['checkpoint', 'log.example.com\n7\nAAAA\n\n\u2014 log.example.com AAAA\n'],
    ['sth', ' \n{"tree_size":1,"tree_head_signature":"AA=="}'],
    ['misbehaviour', '{ "origin": "x", "type": "assent/misbehaviour/v1" }'],
    ['misbehaviour', '{"type":"assent/misbehaviour/v2"}'],
  ])('tells %s from %j', (kind, text) => {
    expect(kindOf(text)).toBe(kind);
  });

  it.each([
    ['nothing', ''],
    ['a page', '<html>'],
    ['another document', '{"type":"assent/intent/v1"}'],
    [
      'a text in a receipt that looks like another kind',
      '{"type":"assent/receipt/v1","entry":"c2sp.org/tlog-proof@v1\\n\\n\u2014 "}',
    ],
    ['JSON that is not strict', '{"tree_head_signature":"x","tree_head_signature":"y"}'],
    ['a million brackets', '['.repeat(1_000_000)],
    ['a long receipt', `{"type":"assent/receipt/v1","entry":"${'x'.repeat(5_000_000)}"}`],
  ])('takes %s for a receipt', (_, text) => {
    expect(kindOf(text)).toBe('receipt');
  });
});

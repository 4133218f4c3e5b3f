import { canonicalJson, formatEntry, formatSealedEntry } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { encodeHere } from './contents.ts';
import type { Examined } from './examined.ts';
import { entrySize, formatExamined } from './format-examined.ts';

const CONTENT = { payloadType: 'text/plain', payload: 'aGk=', name: 'Zoë €' };
const INTENT = { action: 'payment.refund', note: 'für Zoë' };
const content = encodeHere(canonicalJson(CONTENT));
const common = { statement: '00'.repeat(32), identity: '11'.repeat(32), bytes: 0 } as const;
const open: Examined = { kind: 'approval', content, intent: undefined, ...common };
const revealed: Examined = { kind: 'approval', content, intent: canonicalJson(INTENT), ...common };
const consumption: Examined = {
  kind: 'consumption',
  content,
  consumes: { approval: '', intent: '', keyid: '' },
  ...common,
};

describe('formatExamined', () => {
  it('gives the bytes that formatEntry gives, whichever came before', () => {
    for (const loggedAt of [1_775_235_662_123, 1_775_235_662_124, 0]) {
      const plain = formatEntry({ kind: 'approval', loggedAt, content: CONTENT });
      for (let round = 0; round < 2; round++) {
        expect(Buffer.from(formatExamined(open, loggedAt))).toEqual(Buffer.from(plain));
        expect(Buffer.from(formatExamined(revealed, loggedAt))).toEqual(
          Buffer.from(formatEntry({ kind: 'approval', loggedAt, content: CONTENT, reveal: { intent: INTENT } })),
        );
        expect(Buffer.from(formatExamined(consumption, loggedAt))).toEqual(
          Buffer.from(formatEntry({ kind: 'consumption', loggedAt, content: CONTENT })),
        );
      }
    }
  });

  it('puts a commitment in the place of content', () => {
    const sealed = `sha256:${'ab'.repeat(32)}`;
    const examined: Examined = { kind: 'approval', sealed, checked: undefined, ...common };
    expect(Buffer.from(formatExamined(examined, 5))).toEqual(Buffer.from(formatSealedEntry({ sealed, loggedAt: 5 })));
  });
});

it('entrySize is what the entry has at the last time of 13 digits', () => {
  const last = 9_999_999_999_999;
  expect(entrySize(content, 'approval')).toBe(formatExamined(open, last).length);
  expect(entrySize(content, 'approval', canonicalJson(INTENT))).toBe(formatExamined(revealed, last).length);
  expect(entrySize(content, 'consumption')).toBe(formatExamined(consumption, last).length);
});

import { canonicalJson } from '@assent/verifier';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromEditable, toEditable } from './editable-entry.ts';

describe('toEditable', () => {
  it('spells out what cannot be seen, and gives it back', () => {
    const entry = '{"a":"pay \u202e001\u200b \u{e0041}"}';
    expect(toEditable(entry)).toBe('{"a":"pay \\u202e001\\u200b \\udb40\\udc41"}');
    expect(fromEditable(toEditable(entry))).toBe(entry);
  });

  it('leaves escapes alone that the entry holds itself', () => {
    for (const entry of ['{"a":"\\u0000\\n"}', '{"a":"\\\\u202e"}', '{"a":"\\\\\\\\u200b \u200b"}']) {
      expect(fromEditable(toEditable(entry)), entry).toBe(entry);
    }
    expect(toEditable('{"a":"\\u202e \u202e"}')).toBe('{"a":"\\u202e \u202e"}'); // not canonical: ambiguous, so shown as it is
  });

  it('loses nothing of any canonical text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 })), (texts) => {
        const entry = canonicalJson({ texts });
        expect(fromEditable(toEditable(entry))).toBe(entry);
      }),
    );
  });
});

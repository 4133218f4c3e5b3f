import { formatSealedEntry, parseEntry, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { readSealed } from './sealed-entry.ts';

const SEALED = `sha256:${'0123456789abcdef'.repeat(4)}`;

function read(bytes: Uint8Array): { time: number; prefix: Uint8Array } {
  const prefix = new Uint8Array(8);
  return { time: readSealed(bytes, 0, bytes.length, prefix, 0), prefix };
}

describe('readSealed', () => {
  it.each([0, 1, 9, 10, 1_775_235_662_123, 253_402_300_799_999])(
    'takes what the verifier formats at %i',
    (loggedAt) => {
      const { time, prefix } = read(formatSealedEntry({ loggedAt, sealed: SEALED }));
      expect(time).toBe(loggedAt);
      expect(prefix).toEqual(Uint8Array.of(0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef));
    },
  );

  it('reads in the midst of other bytes', () => {
    const entry = formatSealedEntry({ loggedAt: 5, sealed: SEALED });
    const around = Buffer.concat([Buffer.from('{{'), entry, Buffer.from('}}')]);
    const prefix = new Uint8Array(24);
    expect(readSealed(around, 2, 2 + entry.length, prefix, 8)).toBe(5);
    expect(prefix[8]).toBe(0x01);
  });

  it('takes a changed entry only where the verifier reads the same from it: every byte, every bit', () => {
    const entry = formatSealedEntry({ loggedAt: 1_775_235_662_123, sealed: SEALED });
    let taken = 0;
    for (let at = 0; at < entry.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Uint8Array.from(entry);
        changed[at]! ^= 1 << bit;
        const parsed = parseEntry(changed);
        const { time } = read(changed);
        const expected = parsed.ok && 'sealed' in parsed.value ? parsed.value.loggedAt : -1;
        expect(time, `byte ${at}, bit ${bit}`).toBe(expected);
        if (time >= 0) taken++;
      }
    }
    expect(taken).toBeGreaterThan(100); // other digits, and other times
  });

  it.each([
    ['a time with a zero in front', '{"kind":"approval","logged_at":01,"sealed":"S","type":"assent/entry/v1"}'],
    ['a time after the last', '{"kind":"approval","logged_at":253402300800000,"sealed":"S","type":"assent/entry/v1"}'],
    ['no time', '{"kind":"approval","logged_at":,"sealed":"S","type":"assent/entry/v1"}'],
    ['a negative time', '{"kind":"approval","logged_at":-1,"sealed":"S","type":"assent/entry/v1"}'],
    ['something behind it', '{"kind":"approval","logged_at":1,"sealed":"S","type":"assent/entry/v1"} '],
    ['another order', '{"logged_at":1,"kind":"approval","sealed":"S","type":"assent/entry/v1"}'],
    ['another kind', '{"kind":"consumpt","logged_at":1,"sealed":"S","type":"assent/entry/v1"}'],
  ])('leaves %s to the verifier, which refuses it', (_, text) => {
    const bytes = utf8Encode(text.replace('S', SEALED));
    expect(read(bytes).time).toBe(-1);
    expect(parseEntry(bytes).ok).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import {
  compareBytes,
  concatBytes,
  equalBytes,
  hexDecode,
  hexEncode,
  shortLived,
  utf8Decode,
  utf8Encode,
} from './bytes.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('concatBytes, equalBytes, compareBytes', () => {
  it('joins any number of parts, also none', () => {
    expect(concatBytes()).toEqual(bytes());
    expect(concatBytes(bytes(1), bytes(), bytes(2, 3))).toEqual(bytes(1, 2, 3));
  });

  it('copies, so that a later change of a part does not reach the joined bytes', () => {
    const part = bytes(1);
    const joined = concatBytes(part);
    part[0] = 9;
    expect(joined).toEqual(bytes(1));
  });

  it('compares content and length', () => {
    expect(equalBytes(bytes(1, 2), bytes(1, 2))).toBe(true);
    expect(equalBytes(bytes(1, 2), bytes(1, 3))).toBe(false);
    expect(equalBytes(bytes(1, 2), bytes(1))).toBe(false);
    expect(equalBytes(bytes(1), bytes(1, 2))).toBe(false);
  });

  it('orders as unsigned bytes, a prefix first', () => {
    const sorted = [bytes(), bytes(0), bytes(0, 255), bytes(1), bytes(127), bytes(128), bytes(255)];
    expect([...sorted].reverse().sort(compareBytes)).toEqual(sorted);
    expect(compareBytes(bytes(7), bytes(7))).toBe(0);
  });
});

describe('shortLived', () => {
  it('gives each as much as it asks for, and nobody what another one has', () => {
    const taken = Array.from({ length: 300 }, (_, i) => {
      const length = [0, 1, 69, 600, 16_384, 16_385, 70_000][i % 7]!;
      return { length, filled: shortLived(length).fill(i) };
    });
    for (const [i, { length, filled }] of taken.entries()) {
      expect(filled.length).toBe(length);
      expect(filled.every((byte) => byte === i % 256)).toBe(true);
    }
  });
});

describe('UTF-8', () => {
  it.each(['', 'plain', 'Grüße', '€', '😀', '\u0000', '\ufeffwith a byte order mark'])('round-trips %j', (text) => {
    expect(utf8Decode(utf8Encode(text))).toEqual({ ok: true, value: text });
  });

  it.each(['\ud800', 'a\udc00b', '\udc00\ud800', '\ud83d'])('throws on the lone surrogate in %j', (text) => {
    expect(() => utf8Encode(text)).toThrow(TypeError);
  });

  it.each([
    ['a bare continuation byte', [0x80]],
    ['a truncated sequence', [0xe2, 0x82]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['0xff', [0xff]],
  ])('refuses %s', (_, values) => {
    expect(utf8Decode(bytes(...values))).toMatchObject({ ok: false, code: 'not_utf8' });
  });
});

describe('hex', () => {
  it('round-trips every byte', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(hexEncode(all)).toBe(Buffer.from(all).toString('hex'));
    expect(hexDecode(hexEncode(all))).toEqual({ ok: true, value: all });
    expect(hexDecode('')).toEqual({ ok: true, value: bytes() });
  });

  it.each(['0', 'abc', 'AB', 'aB', '0x', 'g0', '0g', ' a', 'a ', '0:', '`0', '/0', '0\n', 'éé', '\u0130a'])(
    'refuses %j',
    (text) => {
      expect(hexDecode(text)).toMatchObject({ ok: false, code: 'bad_hex' });
    },
  );
});

import { createHash } from 'node:crypto';
import { sha256 as noble } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from './sha256.ts';

const hex = (data: Uint8Array) => Buffer.from(sha256(data)).toString('hex');
const native = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    [
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
      'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('gives the examples of FIPS 180: %.20s', (text, digest) => {
    expect(hex(Buffer.from(text))).toBe(digest);
  });

  it('agrees with noble and node:crypto on every length from 0 to 300', () => {
    for (let length = 0; length <= 300; length++) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 151 + length * 7) % 256);
      expect(hex(data), `length ${length}`).toBe(native(data));
      expect(sha256(data)).toEqual(noble(data));
    }
  });

  it('agrees with noble and node:crypto on random larger data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 301, maxLength: 20_000, size: 'max' }), (data) => {
        expect(hex(data)).toBe(native(data));
        expect(sha256(data)).toEqual(noble(data));
      }),
      { numRuns: 50 },
    );
  });

  it('hashes what a view shows and not the buffer behind it, leaves it unchanged, and returns a new array each time', () => {
    const buffer = Uint8Array.from({ length: 200 }, (_, i) => i);
    const view = buffer.subarray(13, 150);
    const first = sha256(view);
    expect(Buffer.from(first).toString('hex')).toBe(native(view));
    expect(buffer).toEqual(Uint8Array.from({ length: 200 }, (_, i) => i));
    const kept = first.slice();
    sha256(buffer);
    expect(first).toEqual(kept);
  });

  it('throws on what is not a Uint8Array', () => {
    for (const wrong of ['abc', [1, 2], new ArrayBuffer(3), undefined]) {
      expect(() => Reflect.apply(sha256, undefined, [wrong])).toThrow(TypeError);
    }
  });
});

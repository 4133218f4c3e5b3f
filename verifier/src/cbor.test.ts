import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { hexDecode } from './bytes.ts';
import { type CborValue, decodeCbor } from './cbor.ts';

const hex = (text: string): Uint8Array => unwrap(hexDecode(text));
const decode = (text: string): CborValue => {
  const { value, length } = unwrap(decodeCbor(hex(text)));
  expect(length).toBe(text.length / 2);
  return value;
};

/** RFC 8949 appendix A, what falls in the subset. */
const EXAMPLES: readonly (readonly [string, CborValue])[] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1000000],
  ['1b000000e8d4a51000', 1000000000000],
  ['1bffffffffffffffff', 18446744073709551615n],
  ['3bffffffffffffffff', -18446744073709551616n],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f90000', { float: 0 }],
  ['f98000', { float: -0 }],
  ['f93c00', { float: 1 }],
  ['fb3ff199999999999a', { float: 1.1 }],
  ['f93e00', { float: 1.5 }],
  ['f97bff', { float: 65504 }],
  ['fa47c35000', { float: 100000 }],
  ['fa7f7fffff', { float: 3.4028234663852886e38 }],
  ['fb7e37e43c8800759c', { float: 1e300 }],
  ['f90001', { float: 2 ** -24 }],
  ['f90400', { float: 0.00006103515625 }],
  ['f9c400', { float: -4 }],
  ['fbc010666666666666', { float: -4.1 }],
  ['f97c00', { float: Number.POSITIVE_INFINITY }],
  ['f97e00', { float: Number.NaN }],
  ['f9fc00', { float: Number.NEGATIVE_INFINITY }],
  ['fa7f800000', { float: Number.POSITIVE_INFINITY }],
  ['fb7ff8000000000000', { float: Number.NaN }],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['f7', undefined],
  ['40', new Uint8Array()],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', 'ü'],
  ['63e6b0b4', '水'],
  ['64f0908591', '𐅑'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', Array.from({ length: 25 }, (_, i) => i + 1)],
  ['a0', new Map()],
  [
    'a201020304',
    new Map([
      [1, 2],
      [3, 4],
    ]),
  ],
  [
    'a26161016162820203',
    new Map<string, CborValue>([
      ['a', 1],
      ['b', [2, 3]],
    ]),
  ],
  ['826161a161626163', ['a', new Map([['b', 'c']])]],
];

describe('decodeCbor', () => {
  it('reads the examples of RFC 8949 appendix A', () => {
    for (const [encoded, value] of EXAMPLES) expect(decode(encoded), encoded).toStrictEqual(value);
  });

  it('gives bigint from 2^53 on, of either sign', () => {
    expect(decode('1b001fffffffffffff')).toBe(Number.MAX_SAFE_INTEGER);
    expect(decode('1b0020000000000000')).toBe(9007199254740992n);
    expect(decode('3b001ffffffffffffe')).toBe(Number.MIN_SAFE_INTEGER);
    expect(decode('3b001fffffffffffff')).toBe(-9007199254740992n);
  });

  it('says how many bytes the item took, and leaves the rest to the caller', () => {
    expect(unwrap(decodeCbor(hex('820102ff')))).toEqual({ value: [1, 2], length: 3 });
  });

  it('reads a view into a larger buffer', () => {
    const buffer = hex('ffff1903e8ffff');
    expect(unwrap(decodeCbor(buffer.subarray(2, 5)))).toEqual({ value: 1000, length: 3 });
    expect(codeOf(decodeCbor(buffer.subarray(2, 4)))).toBe('cbor_malformed');
  });

  it('copies byte strings', () => {
    const buffer = hex('4101');
    const { value } = unwrap(decodeCbor(buffer));
    buffer.fill(0);
    expect(value).toEqual(Uint8Array.of(1));
  });

  const refused: Record<string, string> = {
    nothing: '',
    '23 in two bytes': '1817',
    '255 in three bytes': '1900ff',
    '65535 in five bytes': '1a0000ffff',
    '2^32 − 1 in nine bytes': '1b00000000ffffffff',
    'a negative number in a longer form': '3800',
    'a length in a longer form': '580101',
    'a text length in a longer form': '780161',
    'an array length in a longer form': '980101',
    'a map length in a longer form': 'b8010102',
    'reserved additional information 28': '1c',
    'reserved additional information 29 in a length': '5d',
    'reserved additional information 30': 'fe',
    'an indefinite byte string': '5f42010243030405ff',
    'an indefinite text': '7f657374726561646d696e67ff',
    'an indefinite array': '9f01ff',
    'an indefinite map': 'bf6161f5ff',
    'a break alone': 'ff',
    'an integer without its bytes': '1903',
    'a float without its bytes': 'fb3ff1',
    'a half float without its bytes': 'f93c',
    'a byte string that is too short': '4401',
    'a text that is too short': '6261',
    'an array that is too short': '8301',
    'a map without its value': 'a101',
    'a length of 2^32 − 1': '5affffffff',
    'a length of 2^53': '5b0020000000000000',
    'a length of 2^64 − 1': '5bffffffffffffffff',
    'an array of 2^64 − 1 items': '9bffffffffffffffff00',
    'a map of 2^32 − 1 members': 'baffffffff',
    'a tag': 'c074323031332d30332d32315432303a30343a30305a',
    'a bignum': 'c249010000000000000000',
    'the simple value 16': 'f0',
    'the simple value 255': 'f8ff',
    'false in two bytes': 'f814',
    'text that is not UTF-8': '61ff',
    'a surrogate in UTF-8': '63eda080',
    'a key twice': 'a201020103',
    'a text key twice': 'a2616101616102',
    'a byte string as a key': 'a1410102',
    'an array as a key': 'a18001',
    'a float as a key': 'a1fb3ff199999999999a01',
    'null as a key': 'a1f601',
    'a bad item deep inside': '82a1616181f8ff01',
  };
  for (const [what, encoded] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(decodeCbor(hex(encoded)))).toBe('cbor_malformed');
    });
  }

  it('refuses deep nesting, at any price', () => {
    expect(codeOf(decodeCbor(hex(`${'81'.repeat(16)}00`)))).toBeUndefined();
    expect(codeOf(decodeCbor(hex(`${'81'.repeat(17)}00`)))).toBe('cbor_malformed');
    expect(codeOf(decodeCbor(hex(`${'a100'.repeat(17)}00`)))).toBe('cbor_malformed');
    expect(codeOf(decodeCbor(new Uint8Array(1_000_000).fill(0x81)))).toBe('cbor_malformed');
  });

  it('allocates nothing for lengths that are only announced', () => {
    for (const head of ['9b', '5b', '7b', 'bb']) {
      expect(codeOf(decodeCbor(hex(`${head}ffffffffffffffff`)))).toBe('cbor_malformed');
      expect(codeOf(decodeCbor(hex(`${head}00000000ffffffff`)))).toBe('cbor_malformed');
    }
  });

  it('answers, whatever the bytes', () => {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        const result = decodeCbor(Uint8Array.of(first, second, 0x01));
        if (result.ok) expect(result.value.length).toBeLessThanOrEqual(3);
        else expect(result.code).toBe('cbor_malformed');
      }
    }
  });
});

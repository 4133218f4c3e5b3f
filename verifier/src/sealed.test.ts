import { createHash } from 'node:crypto';
import { codeOf, unwrap } from '@assent/test-support/results';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { canonicalJson, type Json } from './canonical-json.ts';
import { formatSealedEntry, parseEntry } from './entry.ts';
import { checkCommitment, createSalt, parseSalt, SALT_SIZE, sealCanonical, sealContent } from './sealed.ts';

const zeros = new Uint8Array(32);
const anyJson = fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const anySalt = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('sealContent', () => {
  it('makes the commitment of the example', () => {
    expect(sealContent({ a: 1 }, zeros)).toBe(
      'sha256:b06a229070741292512e8760f470dd7a4c46ccfdf253df781d88dabe58c1ccb1',
    );
  });

  it('hashes the salt before the canonical form, whatever the order of members', () => {
    fc.assert(
      fc.property(anyJson, anySalt, (content, salt) => {
        const expected = createHash('sha256').update(salt).update(canonicalJson(content)).digest('hex');
        expect(sealContent(content, salt)).toBe(`sha256:${expected}`);
        expect(sealCanonical(canonicalJson(content), salt)).toBe(`sha256:${expected}`);
      }),
    );
    expect(sealContent({ b: 1, a: 2 }, zeros)).toBe(sealContent({ a: 2, b: 1 }, zeros));
  });

  it.each([0, 16, 31, 33, 64])('refuses a salt of %i bytes', (size) => {
    expect(() => sealContent({}, new Uint8Array(size))).toThrow(RangeError);
  });

  it('refuses content without a canonical form', () => {
    expect(() => sealContent(Number.NaN, zeros)).toThrow(TypeError);
  });
});

describe('createSalt', () => {
  it('gives 32 bytes that are new each time', () => {
    const salts = Array.from({ length: 50 }, () => createSalt());
    expect(salts.every(({ length }) => length === SALT_SIZE)).toBe(true);
    expect(new Set(salts.map(base64Encode)).size).toBe(50);
  });
});

describe('parseSalt', () => {
  it('reads what base64Encode wrote', () => {
    fc.assert(
      fc.property(anySalt, (salt) => {
        expect(unwrap(parseSalt(base64Encode(salt)))).toEqual(salt);
      }),
    );
  });

  it.each([
    ['31 bytes', base64Encode(new Uint8Array(31)), 'bad_value'],
    ['33 bytes', base64Encode(new Uint8Array(33)), 'bad_value'],
    ['nothing', '', 'bad_value'],
    ['no padding', base64Encode(zeros).replace('=', ''), 'bad_base64'],
    ['trailing bits', `${'A'.repeat(42)}B=`, 'bad_base64'],
    ['a line end', `${base64Encode(zeros)}\n`, 'bad_base64'],
    ['base64url', base64Encode(new Uint8Array(32).fill(255)).replaceAll('/', '_'), 'bad_base64'],
  ])('refuses %s', (_, salt, code) => {
    expect(codeOf(parseSalt(salt))).toBe(code);
  });
});

describe('checkCommitment', () => {
  it('takes what was sealed, and nothing that differs in a bit', () => {
    fc.assert(
      fc.property(anyJson, anySalt, fc.nat(255), (content, salt, bit) => {
        const sealed = sealContent(content, salt);
        const right = { content, salt: base64Encode(salt) };
        expect(checkCommitment(sealed, right)).toEqual({ result: { ok: true, value: undefined }, computed: sealed });
        const other = salt.slice();
        other[bit >> 3]! ^= 1 << (bit & 7);
        const { result, computed } = checkCommitment(sealed, { content, salt: base64Encode(other) });
        expect(codeOf(result)).toBe('commitment_mismatch');
        expect(computed).not.toBe(sealed);
        expect(codeOf(checkCommitment(sealed, { ...right, content: [content] }).result)).toBe('commitment_mismatch');
      }),
    );
  });

  it('names a salt that is none', () => {
    expect(codeOf(checkCommitment(sealContent({}, zeros), { content: {}, salt: 'AAAA' }).result)).toBe('bad_value');
  });
});

describe('formatSealedEntry', () => {
  it('makes what parseEntry reads', () => {
    const entry = { loggedAt: 1775235662123, sealed: sealContent({ a: 1 }, zeros) };
    expect(unwrap(parseEntry(formatSealedEntry(entry)))).toEqual({ kind: 'approval', ...entry });
  });

  it.each(['', 'sha256:', `sha256:${'AB'.repeat(32)}`, `sha256:${'ab'.repeat(32)}"`])('refuses %j', (sealed) => {
    expect(() => formatSealedEntry({ loggedAt: 1, sealed })).toThrow(TypeError);
  });
});

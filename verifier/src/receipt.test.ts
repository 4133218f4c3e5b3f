import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { utf8Encode } from './bytes.ts';
import { formatReceipt, MAX_RECEIPT_BYTES, parseReceipt } from './receipt.ts';

const bare = { type: 'assent/receipt/v1', entry: '{}', proof: 'p' };
const salt = base64Encode(new Uint8Array(32));
const full = {
  ...bare,
  disclosures: { intent: {}, content: {}, salt, display: 'Refund' },
  trust: [{ envelope: {}, members: {}, salt }],
  policy: {},
  consumption: {},
};

describe('parseReceipt', () => {
  it('reads every member that there is, whatever the white space', () => {
    for (const document of [bare, full]) {
      expect(unwrap(parseReceipt(JSON.stringify(document)))).toEqual(document);
      expect(unwrap(parseReceipt(utf8Encode(JSON.stringify(document, null, 2))))).toEqual(document);
    }
  });

  it.each<[string, unknown, string]>([
    ['that is no object', [], 'wrong_type'],
    ['without type', { ...bare, type: undefined }, 'missing_member'],
    ['of another type', { ...bare, type: 'assent/receipt/v2', more: 1 }, 'unsupported'],
    ['whose type is a number', { ...bare, type: 1 }, 'wrong_type'],
    ['without entry', { ...bare, entry: undefined }, 'missing_member'],
    ['without proof', { ...bare, proof: undefined }, 'missing_member'],
    ['whose entry is an object', { ...bare, entry: {} }, 'wrong_type'],
    ['with an unknown member', { ...bare, note: '' }, 'unknown_member'],
    ['that discloses something unknown', { ...bare, disclosures: { more: 1 } }, 'unknown_member'],
    ['that discloses text for an intent', { ...bare, disclosures: { intent: '{}' } }, 'wrong_type'],
    ['that discloses an object for a text', { ...bare, disclosures: { display: {} } }, 'wrong_type'],
    ['with a salt of 31 bytes', { ...bare, disclosures: { salt: base64Encode(new Uint8Array(31)) } }, 'bad_value'],
    ['with a salt that is no base64', { ...bare, disclosures: { salt: '-' } }, 'bad_base64'],
    ['with a salt that is a number', { ...bare, disclosures: { salt: 1 } }, 'wrong_type'],
    ['whose trust is an object', { ...bare, trust: {} }, 'wrong_type'],
    ['whose trust holds text', { ...bare, trust: ['x'] }, 'wrong_type'],
    ['whose policy is text', { ...bare, policy: 'x' }, 'wrong_type'],
    ['whose consumption is an array', { ...bare, consumption: [] }, 'wrong_type'],
  ])('refuses a receipt %s', (_, document, code) => {
    expect(codeOf(parseReceipt(JSON.stringify(document)))).toBe(code);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['that is empty', '', 'json_syntax'],
    ['of 20 MB', new Uint8Array(20_000_000).fill(0x20), 'too_large'],
    ['of 20 MB of text', ' '.repeat(20_000_000), 'too_large'],
    ['nested a million deep', '['.repeat(1_000_000), 'json_too_deep'],
    ['nested a million deep in objects', '{"a":'.repeat(1_000_000), 'json_too_deep'],
    ['that is no text', Uint8Array.of(0x7b, 0xc3, 0x28, 0x7d), 'not_utf8'],
    ['with a null byte', `${JSON.stringify(bare)}\u0000`, 'json_syntax'],
    ['with a bare null byte in a string', JSON.stringify(bare).replace('{}', '\u0000'), 'json_syntax'],
    ['with a lone surrogate', JSON.stringify(bare).replace('{}', '\\ud83d'), 'json_lone_surrogate'],
    ['with a member twice', JSON.stringify(bare).replace('"proof"', '"entry"'), 'json_duplicate_key'],
    ['with a byte order mark', `\ufeff${JSON.stringify(bare)}`, 'json_syntax'],
  ])('refuses text %s', (_, text, code) => {
    expect(codeOf(parseReceipt(text))).toBe(code);
  });

  it('nests at most 64 deep', () => {
    const nested = (depth: number): object => (depth === 1 ? {} : { a: nested(depth - 1) });
    expect(codeOf(parseReceipt(JSON.stringify({ ...bare, policy: nested(63) })))).toBeUndefined();
    expect(codeOf(parseReceipt(JSON.stringify({ ...bare, policy: nested(64) })))).toBe('json_too_deep');
  });

  it('is at most 16 MiB', () => {
    const text = JSON.stringify({ ...bare, proof: '' });
    const padded = (size: number) => JSON.stringify({ ...bare, proof: 'p'.repeat(size - text.length) });
    expect(codeOf(parseReceipt(padded(MAX_RECEIPT_BYTES)))).toBeUndefined();
    expect(codeOf(parseReceipt(padded(MAX_RECEIPT_BYTES + 1)))).toBe('too_large');
  });
});

describe('formatReceipt', () => {
  it('writes what else a receipt carries', () => {
    const { type, ...parts } = full;
    expect(unwrap(parseReceipt(formatReceipt(parts)))).toEqual({ type, ...parts });
  });

  it('makes what parses back', () => {
    const { disclosures } = full;
    expect(unwrap(parseReceipt(formatReceipt({ entry: '{}', proof: 'p' })))).toEqual(bare);
    expect(unwrap(parseReceipt(formatReceipt({ entry: utf8Encode('{}'), proof: 'p', disclosures })))).toEqual({
      ...bare,
      disclosures,
    });
  });

  it('throws on an entry that is no text', () => {
    expect(() => formatReceipt({ entry: Uint8Array.of(0xff), proof: 'p' })).toThrow(/entry/);
  });
});

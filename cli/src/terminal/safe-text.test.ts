import { describe, expect, it } from 'vitest';
import { safeExcerpt, safeJson, safeText } from './safe-text.ts';

const HOSTILE = '\u001b[2J\u009b31m\u202egpj\u2066\u200b\u2028\r\n\u0007\u{e0041}\ud800\u3164\u007f';

describe('safeText', () => {
  it('leaves no character that controls a terminal or the order of reading', () => {
    const safe = safeText(HOSTILE);
    expect(safe).toMatch(/^[\x20-\x7e]*$/);
    expect(safe).toContain('\\u{1b}[2J');
    expect(safe).toContain('\\u{202e}gpj');
    expect(safe).toContain('\\u{e0041}');
  });

  it('keeps letters of any script, and spaces', () => {
    const text = 'Zürich 東京 עברית 42.00 € 👍 a\\b';
    expect(safeText(text)).toBe(text);
  });

  it('says how much of a long text it left out', () => {
    expect(safeExcerpt('abcdef', 4)).toBe('abcd… (2 more characters)');
    expect(safeExcerpt('abcd', 4)).toBe('abcd');
  });
});

describe('safeJson', () => {
  it('escapes inside strings without changing the value', () => {
    const value = { text: `${HOSTILE.replace('\ud800', '')}"\\`, '\u202e': [1] };
    const json = safeJson(JSON.stringify(value, null, 2));
    expect(json).toMatch(/^[\x20-\x7e\n]*$/);
    expect(JSON.parse(json)).toEqual(value);
  });

  it('keeps the white space between values', () => {
    expect(safeJson('{\r\n\t"a": 1}\n')).toBe('{\r\n\t"a": 1}\n');
  });
});

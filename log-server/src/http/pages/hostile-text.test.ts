import { describe, expect, it } from 'vitest';
import { MAX_SHOWN_CHARACTERS, visibleParts } from './hostile-text.ts';

const seen = (text: string) =>
  visibleParts(text)
    .map((part) => (part.hidden ? `[${part.text}]` : part.text))
    .join('');

describe('visibleParts', () => {
  it('leaves ordinary text of any script in one piece', () => {
    for (const text of ['Harbour Books Ltd', '<script>alert(1)</script>', 'Привет, 東京', 'שלום', 'a\nb', 'é']) {
      expect(visibleParts(text)).toEqual([{ text, hidden: false }]);
    }
    expect(visibleParts('')).toEqual([]);
  });

  it('names what has no shape of its own', () => {
    expect(seen('pay \u202e001 EUR')).toBe('pay [U+202E]001 EUR');
    expect(seen('A\u200bcme\u2066\u2069')).toBe('A[U+200B]cme[U+2066][U+2069]');
    expect(seen('\u0000\u001b[31m\r\t')).toBe('[U+0000][U+001B][31m[U+000D][U+0009]');
    expect(seen('a\u2028b\ufeffc\u00add\u3164e')).toBe('a[U+2028]b[U+FEFF]c[U+00AD]d[U+3164]e');
    expect(seen('\u{e0041}')).toBe('[U+E0041]');
  });

  it('shows a lone surrogate and does not choke on a pair', () => {
    expect(seen('a\ud800b')).toBe('a[U+D800]b');
    expect(seen('🧾 receipt')).toBe('🧾 receipt');
  });

  it('cuts what is too long and says by how much', () => {
    const text = 'x'.repeat(MAX_SHOWN_CHARACTERS + 1_234);
    expect(seen(text)).toBe(`${'x'.repeat(MAX_SHOWN_CHARACTERS)}[… and 1,234 more characters]`);
  });
});

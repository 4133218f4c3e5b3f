import { describe, expect, it } from 'vitest';
import { said, saidInBrief, saidPlainly } from './fragments.ts';

describe('words of others, as the server writes them', () => {
  it('names what cannot be seen, and letters that pass for others', async () => {
    const flagged = '<span class="hidden-character">not Latin letters: Αcme</span>';
    expect(String(await said('Αcme Ltd'))).toBe(`<bdi class="said">Αcme Ltd ${flagged}</bdi>`);
    expect(String(await saidInBrief('Αcme \u200b Ltd'))).toContain('<span class="hidden-character">U+200B</span>');
    expect(String(await saidInBrief('Αcme Ltd'))).toContain(flagged);
    // Behind the mark that the text was cut, or the flag would look cut.
    expect(String(await saidInBrief('Αcme Ltd', 6))).toBe(`<bdi class="said">Αcme L… ${flagged}</bdi>`);
    expect(String(await said('Возврат <b>'))).toBe('<bdi class="said">Возврат &lt;b&gt;</bdi>');
  });

  it('names them in an attribute too, and cuts no character in two', () => {
    expect(saidPlainly('a\u202e/json')).toBe('aU+202E/json');
    expect(saidPlainly('ab😀c', 3)).toBe('ab😀…');
    expect(saidPlainly('abc', 3)).toBe('abc');
  });
});

import { TEXT } from '../../words/common.ts';
import { type TextPart, visibleParts } from './hostile-text.ts';

/**
 * Letters of one alphabet that pass for those of another: "Αcme" with a Greek alpha is another name than "Acme", and nobody sees
 * it. What is flagged is a word that mixes Latin with such an alphabet, or that is written only in letters which look Latin
 * while the text around it is Latin. Honest words of other alphabets are left alone.
 */
const OTHER = '[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Armenian}\\p{Script=Cherokee}\\p{Script=Lisu}]';
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const HAS_LATIN = /[\p{Script=Latin}]/u;
const HAS_OTHER = new RegExp(OTHER, 'u');
const ONLY_ALIKE = /^[авсԁеһіјӏорԛѕԝхуАВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναιυ\p{N}\p{M}]+$/u;
/** Latin letters in other shapes: full-width, mathematical, and the like. */
const DISGUISED = /[\uff21-\uff3a\uff41-\uff5a\u{1d400}-\u{1d7ff}\u2100-\u214f]/u;

/** The words of a text that may be read as other ones, each once. */
export function lookAlikes(text: string): readonly string[] {
  if (!HAS_OTHER.test(text) && !DISGUISED.test(text)) return [];
  const latin = HAS_LATIN.test(text);
  const doubtful = (word: string) =>
    DISGUISED.test(word) || (HAS_OTHER.test(word) && (HAS_LATIN.test(word) || (latin && ONLY_ALIKE.test(word))));
  return [...new Set(text.match(WORD) ?? [])].filter(doubtful);
}

const MAX_NAMED = 3;

/**
 * What a page shows of words of others: what can be seen, names for what cannot, then the words that may be read as other ones.
 *
 * @param end what stands right behind the text: `…` where it was cut
 */
export function shownParts(text: string, limit?: number, end = ''): TextPart[] {
  const parts = visibleParts(text, limit);
  if (end !== '') parts.push({ text: end, hidden: false });
  const alike = lookAlikes(text).slice(0, MAX_NAMED).join(', ');
  if (alike === '') return parts;
  return [...parts, { text: ' ', hidden: false }, { text: TEXT.notLatin + alike, hidden: true }];
}

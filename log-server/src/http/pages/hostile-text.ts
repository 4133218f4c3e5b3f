import { TEXT } from '../../words/common.ts';

/**
 * Everything that a page shows comes from the log or from a receipt, so it may have been chosen by someone who wants it
 * to read as something else. Markup is no concern here (text is only ever set as text); what remains are characters
 * that have no shape of their own: bidirectional overrides that turn "100 to Eve" around, zero-width characters that
 * make two names look alike, controls. They are shown by their code point, and nothing is dropped.
 */
export type TextPart = { readonly text: string; readonly hidden: boolean };

/** Longer text is cut in the page (the receipt keeps it), so that one member cannot bury the verdict. */
export const MAX_SHOWN_CHARACTERS = 4_000;

// Categories C (control, format, surrogate, private use, unassigned) and the two odd separators; then letters and marks
// that are blank by definition: the combining grapheme joiner, the Hangul and Khmer fillers, the Braille blank.
const HIDDEN = /(?!\n)[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5/u;
/** Each by itself. */
export const HIDDEN_CHARACTERS = new RegExp(`(${HIDDEN.source})`, 'gu');

/** The text in order, cut into what can be seen and names (`U+202E`) for what cannot. @param limit in UTF-16 units */
export function visibleParts(text: string, limit = MAX_SHOWN_CHARACTERS): TextPart[] {
  const shown = text.length > limit ? text.slice(0, limit) : text;
  const parts = shown
    .split(HIDDEN_CHARACTERS)
    .map((part, index) => (index % 2 === 0 ? { text: part, hidden: false } : { text: codePoint(part), hidden: true }))
    .filter((part) => part.text !== '');
  const cut = text.length - shown.length;
  return cut === 0
    ? parts
    : [...parts, { text: TEXT.cut + cut.toLocaleString('en') + TEXT.cutCharacters, hidden: true }];
}

function codePoint(character: string): string {
  const value = character.codePointAt(0) ?? 0;
  return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
}

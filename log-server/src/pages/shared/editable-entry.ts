import { HIDDEN_CHARACTERS } from '../../http/pages/hostile-text.ts';

/**
 * The text of an entry for a text field. Canonical JSON holds characters that cannot be seen, or that turn the line around, as
 * they are; in the field they stand as JSON escapes, and become themselves again before anything is hashed.
 */
const ESCAPE = /(\\+)u([0-9a-f]{4})/g;

export function toEditable(entry: string): string {
  const escaped = entry.replace(HIDDEN_CHARACTERS, (character) => [...escapesOf(character)].join(''));
  // An entry that was not canonical may hold such an escape itself: then the two could not be told apart.
  return fromEditable(escaped) === entry ? escaped : entry;
}

export function fromEditable(text: string): string {
  return text.replace(ESCAPE, (whole, slashes: string, hex: string) => {
    const unit = Number.parseInt(hex, 16);
    const isOurs =
      slashes.length % 2 === 1 && unit >= 0x20 && (isSurrogate(unit) || isHidden(String.fromCharCode(unit)));
    return isOurs ? slashes.slice(1) + String.fromCharCode(unit) : whole;
  });
}

function* escapesOf(character: string): Generator<string> {
  for (let at = 0; at < character.length; at++) yield `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isHidden(character: string): boolean {
  return character.search(HIDDEN_CHARACTERS) >= 0;
}

/** The quick way to read JSON that nobody could read in two ways: most of what is hashed and signed. The strict one is in json.ts. */
import type { Json, JsonObject, ParsedJson } from './json.ts';

/** Longer texts are for the strict parser alone, which counts levels as it goes: 16 MB of `[` make `JSON.parse` take 650 MB. */
const MAX_TIGHT_LENGTH = 65_536;
/** Each is searched for in the whole text; 8,000 of them would take a quarter of a second. An entry has one. */
const MAX_TIGHT_NUMBERS = 16;

/**
 * What `JSON.parse` makes of a text without escapes, where that text has not one character more than it needs: so no space, and no
 * second key that is the same, of which `JSON.parse` would keep the last alone. Undefined for any other text, good or bad. As good as all
 * that is hashed or signed is such a text, and the engine reads it in half the time of the strict parser.
 */
export function parseTight(text: string, maxDepth: number): ParsedJson | undefined {
  if (text.length > MAX_TIGHT_LENGTH || text.includes('\\')) return undefined;
  const numbers: string[] = [];
  let isCanonical = true;

  /** How many characters a value takes at least; NaN for one that has to be looked at more closely. */
  function needs(value: Json, levels: number): number {
    if (typeof value === 'string') return value.length + 2;
    if (typeof value === 'boolean' || value === null) return value === false ? 5 : 4;
    // A number in an array has no key to be found by.
    if (typeof value === 'number' || levels === 0) return Number.NaN;
    let length = 1;
    if (isArray(value)) {
      for (const item of value) length += 1 + needs(item, levels - 1);
      return Math.max(2, length);
    }
    let previous: string | undefined;
    for (const key in value) {
      // Objects put keys that are numbers in front of the others, so their order is not the text's.
      if (key >= '0' && key < ':') return Number.NaN;
      if (previous !== undefined && key <= previous) isCanonical = false; // RFC 8785 §3.2.3
      previous = key;
      const member = value[key]!;
      length +=
        typeof member === 'number' ? 1 + needsOfNumber(key, member) : key.length + 4 + needs(member, levels - 1);
    }
    return Math.max(2, length);
  }

  /**
   * `1e5` is shorter than `100000`, its canonical form, and would make room for a space elsewhere. So that form has to stand in the text
   * behind its key. What is found is a member, and no piece between two strings: behind the quote that ends a string stands no letter, so
   * the first quote begins one. And it is this very member, as no other has the same key and number, but for one that was overwritten;
   * and that takes more room than writing a number shorter makes.
   */
  function needsOfNumber(key: string, value: number): number {
    const member = `"${key}":${value}`;
    if (!/^[A-Za-z_]/.test(key) || numbers.includes(member) || numbers.length === MAX_TIGHT_NUMBERS) return Number.NaN;
    numbers.push(member);
    const at = text.indexOf(member);
    const next = text[at + member.length];
    return at >= 0 && (next === ',' || next === '}') ? member.length : Number.NaN;
  }

  try {
    const value: Json = JSON.parse(text);
    return needs(value, maxDepth) === text.length ? { value, isCanonical } : undefined;
  } catch {
    return undefined;
  }
}

function isArray(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

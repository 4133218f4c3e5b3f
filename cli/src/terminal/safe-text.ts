/**
 * Text from outside (a receipt, an answer, a file name) on its way to a terminal. Left alone it could clear the screen,
 * paint a green "authorized" over the verdict (ANSI), or make an amount read backwards (bidirectional overrides, "Trojan
 * Source"). Nothing is dropped: what is escaped can still be seen.
 */

/** Controls, formats (bidi, zero width, tags), line and paragraph separators, private use, lone surrogates, invisible letters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** One line: `\u{1b}` stands for an escape character. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** As above, at most `limit` characters of it. */
export function safeExcerpt(text: string, limit: number): string {
  if (text.length <= limit) return safeText(text);
  return `${safeText(text.slice(0, limit))}… (${text.length - limit} more characters)`;
}

/** JSON text with such characters escaped inside its strings: the same JSON, and white space between values stays. */
export function safeJson(json: string): string {
  return json.replace(UNSAFE, (character) => {
    if (character === '\n' || character === '\r' || character === '\t') return character;
    let escaped = '';
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}

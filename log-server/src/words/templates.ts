/** What the templates of pages are filled with when they are built: `{{home.title}}`. No page's script has it with it. */
import { DEMO } from './demo.ts';
import { DOCS } from './docs.ts';
import { ENTRIES } from './entries.ts';
import { ENTRY_PAGE } from './entry.ts';
import { FRAME } from './frame.ts';
import { HOME } from './home.ts';
import { PROBLEM_PAGE } from './problem.ts';
import { VERIFY } from './verify.ts';

export const TEMPLATE_WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  frame: FRAME,
  home: HOME,
  entries: ENTRIES,
  entry: ENTRY_PAGE,
  problem: PROBLEM_PAGE,
  docs: DOCS,
  demo: DEMO,
  verify: VERIFY,
};

/** Puts words in the places of their names; escaped, as both text and attributes take them. Throws Error on a name that has none. */
export function withWords(html: string): string {
  return html.replace(/\{\{(\w+)\.(\w+)\}\}/g, (name, page: string, word: string) => {
    const words = TEMPLATE_WORDS[page]?.[word];
    if (words === undefined) throw new Error(`there are no words ${name}`);
    return words.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  });
}

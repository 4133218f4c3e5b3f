import { readFileSync } from 'node:fs';
import { withWords } from '../words/templates.ts';

/** Several pages, one frame: `<!-- layout/x.html -->` in a page stands for that file, and `{{home.title}}` for words. @param page its folder */
export function withLayout(html: string, page: string, pages: URL): string {
  const whole = html.replace(/<!-- (layout\/[a-z]+\.html) -->/g, (_, file) =>
    readFileSync(new URL(file, pages), 'utf8'),
  );
  const here = page === 'home' ? '/' : page === 'entry' ? '/entries' : `/${page}`;
  return withWords(whole).replace(`<li><a href="${here}">`, `<li><a href="${here}" aria-current="page">`);
}

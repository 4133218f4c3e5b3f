import { readFileSync } from 'node:fs';

/** Several pages, one frame: `<!-- layout/x.html -->` in a page stands for that file. @param page its folder */
export function withLayout(html: string, page: string, pages: URL): string {
  const whole = html.replace(/<!-- (layout\/[a-z]+\.html) -->/g, (_, file) =>
    readFileSync(new URL(file, pages), 'utf8'),
  );
  const here = page === 'home' ? '/' : page === 'entry' ? '/entries' : `/${page}`;
  return whole.replace(`<li><a href="${here}">`, `<li><a href="${here}" aria-current="page">`);
}

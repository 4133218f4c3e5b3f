/**
 * Makes `assent-verify.html` of the built /verify: the same page in one file, which works from a disk without a network. Its policy
 * stands in the file itself: one script and one style sheet, named by their hashes, and nobody to talk to.
 *
 * The same sources give the same bytes, so anybody can compare the SHA-256 that the build prints, and that the hosted page shows,
 * with that of the file that they were given.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const SAVED_COPY = 'assent-verify.html';
/** Of examples/refund.receipt.json: its seed is public (docs/formats.md). */
const EXAMPLE_LOG_KEY = 'log.example.com/approvals+7b48e9c0+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR';
const EXAMPLE = new URL('../../../examples/refund.receipt.json', import.meta.url);
const ICON = new URL('./public/favicon.svg', import.meta.url);

/** The page's parts as they were built. */
export type PageParts = { readonly html: string; readonly script: string; readonly style: string };

/** What the log serves at /verify, with the copy's SHA-256 on it. @param assets where script and style sheet are */
export function hostedPage(
  html: string,
  assets: { readonly script: string; readonly style: string },
  sha256: string,
): string {
  let page = without(html, 'saved').replace(/<!-- \/?hosted -->/g, '');
  page = replaced(page, /<script type="module"[^>]*>/, `<script type="module" src="/${assets.script}">`);
  page = replaced(page, /<link rel="stylesheet"[^>]*>\n?/, '');
  page = replaced(page, /<link rel="stylesheet"[^>]*>/, `<link rel="stylesheet" href="/${assets.style}">`);
  page = replaced(page, '<!-- example receipt -->\n', '');
  return replaced(page, "<!-- saved copy's SHA-256 -->", sha256);
}

/** The page in one file. */
export function savedPage({ html, script, style }: PageParts): string {
  // What would end the element, or begin a comment in it, would be read by the HTML parser first.
  if (/<\/script|<!--/i.test(script) || /<\/style|<!--/i.test(style))
    throw new Error('the script or style cannot be inlined');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const icon = `data:image/svg+xml;base64,${readFileSync(fileURLToPath(ICON)).toString('base64')}`;
  let page = without(html, 'hosted').replace(/<!-- \/?saved -->/g, '');
  page = replaced(page, '<html lang="en">', '<html lang="en" data-copy="saved">');
  page = replaced(
    page,
    '<meta charset="utf-8">',
    `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
  page = replaced(page, /<script type="module"[^>]*><\/script>\n?/, '');
  page = replaced(page, /<link rel="stylesheet"[^>]*>\n?/, '');
  page = replaced(page, /<link rel="stylesheet"[^>]*>\n?/, '');
  page = replaced(page, /<link rel="icon"[^>]*>/, `<link rel="icon" href="${icon}">`);
  page = replaced(page, '</head>', `<style>${style}</style>\n<script type="module">${script}</script>\n</head>`);
  // What leads to the log leads nowhere from a disk.
  page = replaced(page, /<nav[\s\S]*?<\/nav>\n?/, '');
  page = replaced(page, /<ul class="colophon-links">[\s\S]*?<\/ul>\n?/, '');
  page = replaced(page, '<a class="brand" href="/">', '<a class="brand" href="#content">');
  return replaced(page, '<!-- example receipt -->', exampleBlock());
}

function exampleBlock(): string {
  const receipt = JSON.stringify(JSON.parse(readFileSync(fileURLToPath(EXAMPLE), 'utf8'))).replaceAll('<', '\\u003c');
  return `<script type="application/json" id="example-receipt" data-log-key="${EXAMPLE_LOG_KEY}">${receipt}</script>`;
}

function without(html: string, part: 'hosted' | 'saved'): string {
  return html.replace(new RegExp(`\\n?<!-- ${part} -->[\\s\\S]*?<!-- /${part} -->`, 'g'), '');
}

/** A frame that has changed must not leave the copy half made. */
function replaced(html: string, what: string | RegExp, by: string): string {
  const changed = html.replace(what, () => by);
  if (changed === html) throw new Error(`there is no ${what} in the page`);
  return changed;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

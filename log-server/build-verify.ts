/**
 * Builds /verify, and `assent-verify.html` of it (src/pages/saved-copy.ts). The other pages are vite's. This one is built by itself:
 * it loads what it uses and nothing that only other pages need, and the same sources give the same bytes wherever they lie. It is held
 * to 60 kB, so it is minified twice and compressed here, as well as gzip goes, rather than by the server.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { minify } from 'terser';
import { withLayout } from './src/pages/layout.ts';
import { hostedPage, SAVED_COPY, savedPage } from './src/pages/saved-copy.ts';

export type VerifyPage = {
  /** By path below the folder of the built pages. */
  readonly files: ReadonlyMap<string, string>;
  /** Hexadecimal, of the saved copy. */
  readonly sha256: string;
};

/** @param folder the workspace `log-server/`, with its sources. */
export async function buildVerifyPage(folder: URL = new URL('./', import.meta.url)): Promise<VerifyPage> {
  const pages = new URL('src/pages/', folder);
  const files = new Map<string, string>();
  const add = (name: string, extension: string, content: string): string => {
    const file = `assets/${name}-${digestOf(content).slice(0, 10)}.${extension}`;
    files.set(file, content);
    return file;
  };
  // Fetched when they are needed; the saved copy, which can fetch nothing, has them with it.
  const apart = new Map<string, string>();
  for (const entry of APART) {
    const file = add(path.basename(entry, '.ts'), 'js', (await script(entry, pages)).code);
    apart.set(entry, file.replace('assets/', './'));
  }
  const { code, map } = await script(MAIN, pages, apart);
  const saved = await script(MAIN, pages);
  const source = readFileSync(new URL('verify/index.html', pages), 'utf8');
  const html = withLayout(source, 'verify', pages).replace(/\n\s+/g, '\n');
  const styles = await bundled({ stdin: { contents: STYLES, loader: 'css', resolveDir: fileURLToPath(pages) } }, pages);
  const style = withShortNames(withoutUnused(styles, html + code + saved.code));
  const made = { script: add('verify', 'js', code), style: add('verify', 'css', style) };
  // Who distrusts the page can read what it runs.
  files.set(`${made.script}.map`, map);
  files.set(made.script, `${code}\n//# sourceMappingURL=${made.script.replace('assets/', '')}.map\n`);

  const copy = savedPage({ html, script: saved.code, style });
  const sha256 = digestOf(copy);
  files.set(SAVED_COPY, copy);
  files.set('verify/index.html', hostedPage(html, made, sha256));
  return { files, sha256 };
}

const MAIN = 'verify/main.ts';
/** What draws codes for paper, judges keys that the log has replaced, and takes a receipt apart: most visits need none of it. */
const APART = ['shared/print-foot.ts', 'verify/replaced-key.ts', 'shared/evidence-view.ts'];
/**
 * Of the verifier what no page asks for, and what stands in its place. No page is a boundary that is about to run an action: one that
 * says so stops there, before anything is judged. And the strict parser reads all that the quick one does, soon enough for a person.
 */
const LEFT_OUT: Readonly<Record<string, string>> = {
  boundary: `export function refuseBadPins() { throw new TypeError('boundary: a page is none'); }`,
  'use-at-boundary': `export { refuseBadPins as checkUseAtBoundary } from './boundary.ts';`,
  'json-tight': 'export function parseTight() {}',
};
const VERIFIER = /[\\/]verifier[\\/]src[\\/][\w-]+\.ts$/;
/** What is said to whoever calls the verifier wrongly: that the page does not. Which error it is stays, and so does the line. */
const TO_CALLERS = /throw new (Type|Range)Error\(\s*(?:'(?:[^'\\]|\\.)*'|`[^`]*`),?\s*\)/g;
/** A line of person-words.ts. */
const WORDS_OF_CODE = /^ {2}([a-z_]+): '.*',$/gm;

/** What stands beside one another compresses well together: words near those that they resemble. Half a kilobyte in all. */
const ORDER = ['shared/editable-entry', 'shared/icons', 'shared/times', 'shared/sentence', 'verify/question'].map(
  (name) => `${name}.ts`,
);

const STYLES = '@import "./style/index.css"; @import "./verify/verify.css";';

/** Without rules for classes and elements that page and script never name: the design serves other pages as well. */
function withoutUnused(css: string, named: string): string {
  const names = new Set(named.match(/[\w-]+/g));
  const isUsed = (selector: string) =>
    (selector.replace(/:[\w-]+|\[[^\]]*\]|[\d.]+%/g, '').match(/[a-z][\w-]*/gi) ?? []).every((name) => names.has(name));
  return css
    .replace(/([^{}]+)\{([^{}]*)\}/g, (rule, selectors: string, body: string) => {
      if (selectors.startsWith('@')) return rule;
      const used = selectors.split(/,(?![^(]*\))/).filter(isUsed);
      return used.length === 0 ? '' : `${used.join(',')}{${body}}`;
    })
    .replace(/@media[^{}]*\{\}/g, '');
}

/** With short names for custom properties, which nothing outside of the style sheet names, and without what separates nothing. */
function withShortNames(css: string): string {
  const names = [...new Set(css.match(/--[\w-]+/g))];
  return css
    .replace(/--[\w-]+/g, (name) => `--${names.indexOf(name).toString(36)}`)
    .replace(/(--\w+): /g, '$1:')
    .replaceAll('}@layer shared{', '');
}

/**
 * Bundled by one, minified again by another: neither finds all that can go. The map leads to the sources.
 *
 * @param apart of the page that a log serves: where the scripts of {@link APART} are. Without it everything is in one.
 */
async function script(
  entry: string,
  pages: URL,
  apart?: ReadonlyMap<string, string>,
): Promise<{ readonly code: string; readonly map: string }> {
  const elsewhere: Plugin = {
    name: 'assent-apart',
    setup: ({ onResolve }) =>
      onResolve({ filter: /\.ts$/ }, (imported) => {
        const file = apart?.get(path.relative(fileURLToPath(pages), path.join(imported.resolveDir, imported.path)));
        return file === undefined ? undefined : { path: file, external: true };
      }),
  };
  let named: ReadonlySet<string> | undefined;
  const leftOut: Plugin = {
    name: 'assent-left-out',
    setup: ({ onLoad }) =>
      onLoad({ filter: VERIFIER }, ({ path: file }) => ({
        contents:
          LEFT_OUT[path.basename(file, '.ts')] ??
          readFileSync(file, 'utf8')
            .replace(TO_CALLERS, 'throw new $1Error()')
            .replace(WORDS_OF_CODE, (line, code) => (named?.has(code) === false ? '' : line)),
        loader: 'ts',
      })),
  };
  const order = entry === MAIN ? ORDER : [];
  const options = {
    stdin: {
      contents: [...order.map((file) => `import './${file}';`), `export * from './${entry}';`].join('\n'),
      resolveDir: fileURLToPath(pages),
    },
    sourcemap: 'inline' as const,
    define: { BUILT_TO_BE_SAVED: String(apart === undefined) },
    plugins: [elsewhere, leftOut],
  } satisfies BuildOptions;
  // Words of a code that nothing in the script fails with are words that nobody reads.
  named = new Set((await bundled(options, pages)).match(/(?<=")[a-z_]+(?=")/g));
  const once = await bundled(options, pages);
  const { code, map } = await minify(once, {
    module: true,
    ecma: 2020,
    compress: { passes: 2, pure_getters: true, sequences: false, lhs_constants: false, inline: 1 },
    sourceMap: { content: 'inline', includeSources: true },
  });
  if (code === undefined || typeof map !== 'string') throw new Error('terser made no code, or no map');
  return { code, map };
}

async function bundled(options: BuildOptions, pages: URL): Promise<string> {
  const { outputFiles = [] } = await build({
    ...options,
    absWorkingDir: fileURLToPath(pages),
    tsconfigRaw: {},
    conditions: ['assent-source'],
    // A page has none, and what the verifier does with one need not be sent.
    define: { 'globalThis.Buffer': 'undefined', ...options.define },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    write: false,
    outdir: 'out',
  });
  const [file, ...others] = outputFiles;
  if (file === undefined || others.length > 0) throw new Error('esbuild made another number of files than one');
  return file.text;
}

function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = new URL('dist/pages/', import.meta.url);
  const { files, sha256 } = await buildVerifyPage();
  const { gzip } = await import('@gfx/zopfli');
  const compress = promisify<Buffer, object, Uint8Array>(gzip);
  for (const name of ['assets', 'verify']) mkdirSync(new URL(name, dist), { recursive: true });
  for (const [name, content] of files) {
    writeFileSync(new URL(name, dist), content);
    if (!/\.(js|css)$/.test(name)) continue;
    writeFileSync(
      new URL(`${name}.gz`, dist),
      await compress(Buffer.from(content), { numiterations: 50, blocksplittingmax: 0 }),
    );
  }
  console.log(`${sha256}  ${SAVED_COPY} (${Buffer.byteLength(files.get(SAVED_COPY) ?? '')} bytes)`);
}

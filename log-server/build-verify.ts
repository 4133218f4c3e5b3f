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
  const scripts = await minified(pages, 'hosted');
  const everything = [...scripts.values()].map(({ code }) => code).join('');
  // One for all of them: the page's own names those that it fetches, and they name it.
  const hash = digestOf(everything).slice(0, 10);
  const named = (text: string): string =>
    text
      .replace(/(?<="\.\/)[\w-]+(?=\.js")/g, (name) => `${name}-${hash}`)
      .replace(/(?<=import\("\.\/[\w-]+\.js")(?=\))/g, '+(self.assentAgain??"")');
  for (const [name, { code, map }] of scripts) {
    const file = `${name}-${hash}.js`;
    // Who distrusts the page can read what it runs.
    files.set(`assets/${file}`, `${named(code)}\n//# sourceMappingURL=${file}.map\n`);
    files.set(`assets/${file}.map`, map);
  }
  const saved = (await minified(pages, 'saved')).get(PAGE)?.code ?? '';
  const source = readFileSync(new URL('verify/index.html', pages), 'utf8');
  const html = withLayout(source, 'verify', pages).replace(/\n\s+/g, '\n');
  const styles = await bundledStyle(pages);
  const style = withShortNames(withoutUnused(styles, html + everything + saved));
  const made = { script: `assets/${PAGE}-${hash}.js`, style: `assets/${PAGE}-${digestOf(style).slice(0, 10)}.css` };
  files.set(made.style, style);

  const copy = savedPage({ html, script: saved, style });
  const sha256 = digestOf(copy);
  files.set(SAVED_COPY, copy);
  files.set('verify/index.html', hostedPage(html, made, sha256));
  return { files, sha256 };
}

const PAGE = 'verify';
const MAIN = 'verify/main.ts';
/**
 * Of the verifier what only a key asks for that the log has replaced. That script names it by its file: all that the verifier's index
 * names is within the page's reach, and would be bundled with the page.
 */
const REPLACED_KEY = 'verify/replaced-key.ts';
const OF_REPLACED_KEY = ['retired-key', 'consistency'];
/**
 * What is fetched when somebody asks for it: what stands in a check, explains a receipt, asks what is about to run, says what is pinned
 * and changes it, and judges keys that the log has replaced. Most visits need none of it; what draws codes for paper is fetched after
 * an answer. The saved copy, which can fetch nothing, has it with it.
 */
const APART = [
  'shared/check-parts.ts',
  'shared/evidence-view.ts',
  'shared/merkle-view.ts',
  'shared/qr.ts',
  'verify/act-parts.ts',
  'verify/pin-view.ts',
  REPLACED_KEY,
];
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
const PAGES = /[\\/]pages[\\/](verify|shared)[\\/][\w-]+\.ts$/;
/** One export of the verifier's index. */
const NAMED_IN_INDEX = /^export \{[^}]*\} from '\.\/([\w-]+)\.ts';$/gm;
/** What is said to whoever calls the verifier wrongly: that the page does not. Which error it is stays, and so does the line. */
const TO_CALLERS = /throw new (Type|Range)Error\(\s*(?:'(?:[^'\\]|\\.)*'|`[^`]*`),?\s*\)/g;
/** A line of person-words.ts. */
const WORDS_OF_CODE = /^ {2}([a-z_]+): '.*',$/gm;

/** What stands beside one another compresses well together: words near those that they resemble. Half a kilobyte in all. */
const ORDER = ['shared/icons', 'shared/times', 'shared/sentence', 'verify/question'].map((name) => `../${name}.ts`);

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
 * Bundled by one, minified again by another: neither finds all that can go. The maps lead to the sources.
 *
 * @returns by name; of the saved copy one, which has everything
 */
async function minified(
  pages: URL,
  copy: 'hosted' | 'saved',
): Promise<ReadonlyMap<string, { readonly code: string; readonly map: string }>> {
  // Words of a code that nothing in the scripts fails with are words that nobody reads.
  const all = [...(await bundled(pages, copy)).values()].join('');
  const scripts = await bundled(pages, copy, new Set(all.match(/(?<=")[a-z_]+(?=")/g)));
  const made = new Map<string, { readonly code: string; readonly map: string }>();
  for (const [name, script] of scripts) {
    const { code, map } = await minify(script, {
      module: true,
      ecma: 2020,
      compress: { passes: 2, pure_getters: true, sequences: false, lhs_constants: false, inline: 1 },
      sourceMap: { content: 'inline', includeSources: true },
    });
    if (code === undefined || typeof map !== 'string') throw new Error('terser made no code, or no map');
    made.set(name, { code, map });
  }
  return made;
}

/** @param named the codes whose words are kept; all of them without */
async function bundled(
  pages: URL,
  copy: 'hosted' | 'saved',
  named?: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const folder = fileURLToPath(pages);
  const isHosted = copy === 'hosted';
  const sources: Plugin = {
    name: 'assent-sources',
    setup: ({ onLoad }) => {
      onLoad({ filter: VERIFIER }, ({ path: file }) => ({
        contents:
          LEFT_OUT[path.basename(file, '.ts')] ??
          readFileSync(file, 'utf8')
            .replace(NAMED_IN_INDEX, (names, module) => (isHosted && OF_REPLACED_KEY.includes(module) ? '' : names))
            .replace(TO_CALLERS, 'throw new $1Error()')
            .replace(WORDS_OF_CODE, (line, code) => (named?.has(code) === false ? '' : line)),
        loader: 'ts',
      }));
      onLoad({ filter: PAGES }, ({ path: file }) => {
        const name = path.relative(folder, file).replaceAll('\\', '/');
        const first = name === MAIN ? ORDER : isHosted && APART.includes(name) ? [`../${MAIN}`] : [];
        const imports = first.map((each) => `import '${each}';`);
        // Where all of it is there, nothing is to be set up late: a module that might be is slower, and longer.
        const atOnce = (_: string, each: string): string => {
          imports.push(`import * as apart${imports.length} from '${each}';`);
          return `Promise.resolve(apart${imports.length - 1})`;
        };
        const source = readFileSync(file, 'utf8');
        const contents = !isHosted
          ? source.replace(/\bimport\('([^']+)'\)/g, atOnce)
          : name === REPLACED_KEY
            ? source.replace("'@assent/verifier'", `'../../../../verifier/src/${OF_REPLACED_KEY[0]}.ts'`)
            : source;
        return { contents: imports.join('') + contents, loader: 'ts' };
      });
    },
  };
  const apart = isHosted ? APART : [];
  const { outputFiles } = await build({
    ...OPTIONS,
    absWorkingDir: folder,
    entryPoints: [MAIN, ...apart].map((file) => ({ in: file, out: path.basename(file, '.ts') })),
    // Each of those apart imports the page, so that all of it is common to all: it becomes one script, which they take from.
    splitting: isHosted,
    chunkNames: PAGE,
    minifyIdentifiers: isHosted,
    sourcemap: 'inline',
    define: { ...OPTIONS.define, BUILT_TO_BE_SAVED: String(!isHosted) },
    plugins: [sources],
  });
  const scripts = new Map(outputFiles.map(({ path: file, text }) => [path.basename(file, '.js'), text]));
  const main = scripts.get('main') ?? '';
  scripts.delete('main');
  // Of the hosted page nothing is left but the name of what holds it.
  if (!isHosted) scripts.set(PAGE, main);
  if (scripts.size !== 1 + apart.length || outputFiles.length > 2 + apart.length)
    throw new Error(`esbuild made other files: ${[...scripts.keys()].join(', ')}`);
  return scripts;
}

async function bundledStyle(pages: URL): Promise<string> {
  const { outputFiles } = await build({
    ...OPTIONS,
    absWorkingDir: fileURLToPath(pages),
    stdin: { contents: STYLES, loader: 'css', resolveDir: fileURLToPath(pages) },
  });
  return outputFiles[0]?.text ?? '';
}

const OPTIONS = {
  tsconfigRaw: {},
  conditions: ['assent-source'],
  // A page has none, and what the verifier does with one need not be sent.
  define: { 'globalThis.Buffer': 'undefined' },
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  write: false,
  outdir: 'out',
} as const satisfies BuildOptions;

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

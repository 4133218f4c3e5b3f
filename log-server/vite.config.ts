import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { withLayout } from './src/pages/layout.ts';

const folder = new URL('./src/pages/', import.meta.url);
const pages = fileURLToPath(folder);

function layout(): Plugin {
  return {
    name: 'assent-layout',
    transformIndexHtml: {
      order: 'pre',
      handler: (html, { path }) => withLayout(html, path.replace(/^\/|\/index\.html$/g, ''), folder),
    },
  };
}

/** The server keeps its pages in memory, and the map of other people's minified code is larger than all of ours. */
function withoutForeignMaps(): Plugin {
  return {
    name: 'assent-without-foreign-maps',
    generateBundle(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        if (!/swagger-ui-[^/]+\.js(\.map)?$/.test(name)) continue;
        if (file.type === 'asset') delete bundle[name];
        else file.code = file.code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
      }
    },
  };
}

const PAGES = ['home', 'entries', 'entry', 'problem', 'demo', 'docs'];

// The pages are static files, or templates that the server fills: those with `<!-- server: … -->` (src/http/pages/).
// /verify is built by itself (build-verify.ts).
// No inline script may come out of this build: the pages' content security policy has no room for one.
export default defineConfig({
  root: pages,
  publicDir: 'public',
  plugins: [layout(), withoutForeignMaps()],
  resolve: { conditions: ['assent-source', ...defaultClientConditions] },
  build: {
    outDir: fileURLToPath(new URL('./dist/pages/', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000, // in kB; the reference page's library has 1,600
    modulePreload: { polyfill: false },
    sourcemap: true, // who distrusts the page can read what it runs
    rolldownOptions: {
      input: Object.fromEntries(PAGES.map((page) => [page, `${pages}${page}/index.html`])),
      // One file with the verifier's name on it: that is the code to read.
      output: {
        codeSplitting: {
          groups: [
            // But for what one page alone needs.
            { name: 'verifier', test: /\/verifier\/src\/(?!misbehaviour)/ },
            { name: 'swagger-ui', test: /\/swagger-ui-dist\// },
          ],
        },
      },
    },
  },
});

/** /verify and its saved copy as they come out of the build. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildVerifyPage, type VerifyPage } from '../build-verify.ts';
import { SAVED_COPY } from '../src/pages/saved-copy.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'assent-build-verify-'));
let built: VerifyPage;

beforeAll(async () => {
  built = await buildVerifyPage();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('buildVerifyPage', () => {
  it('makes the same bytes in another folder', async () => {
    const elsewhere = join(folder, 'some/where else');
    for (const name of ['log-server/src', 'verifier/src', 'verifier/package.json', 'examples/refund.receipt.json']) {
      cpSync(join(REPOSITORY, name), join(elsewhere, name), { recursive: true });
    }
    // Libraries are those of the lock file; the verifier is the copy.
    cpSync(join(REPOSITORY, 'node_modules/lean-qr'), join(elsewhere, 'node_modules/lean-qr'), { recursive: true });
    // As npm links a workspace: the bundler names a module by where it really is.
    mkdirSync(join(elsewhere, 'node_modules/@assent'));
    symlinkSync('../../verifier', join(elsewhere, 'node_modules/@assent/verifier'));
    // What a folder above says about building must not matter.
    writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "useDefineForClassFields": false } }');
    const again = await buildVerifyPage(pathToFileURL(join(elsewhere, 'log-server/')));
    expect(again.sha256).toBe(built.sha256);
    const withoutMaps = ({ files }: VerifyPage) => [...files].filter(([name]) => !name.endsWith('.map'));
    expect(withoutMaps(again)).toEqual(withoutMaps(built));
  });

  it('puts all of the page into one file, which names nothing else that could be loaded', () => {
    const copy = built.files.get(SAVED_COPY)!;
    const markup = copy.replace(/<style>.*?<\/style>|<script[^>]*>.*?<\/script>/gs, '');
    expect(markup).not.toMatch(/\s(src|href)="(?!#|data:)/);
    expect(markup).not.toContain('<!-- ');
    expect(markup).toContain("connect-src 'none'");
    expect(copy).not.toMatch(/sourceMappingURL|unsafe-/);
    expect(copy).not.toContain(REPOSITORY);
  });

  it('has nothing twice: what is fetched on demand takes the rest from the script that is there already', () => {
    const scripts = [...built.files].filter(([name]) => name.endsWith('.js')).map(([name, code]) => ({ name, code }));
    expect(scripts).toHaveLength(8);
    const own = scripts.find(({ name }) => name.startsWith('assets/verify-'))!;
    for (const { name, code } of scripts.filter((script) => script !== own)) {
      expect(code, name).toContain(`from"./${own.name.replace('assets/', '')}"`);
      expect(own.code, name).toContain(`import("./${name.replace('assets/', '')}"`);
      const words = code.match(/(?<=["'`])[A-Z][^"'`$]{20,}(?=["'`])/g) ?? [];
      for (const text of words) expect(own.code, name).not.toContain(text);
    }
    // And the maps lead to the sources of each.
    for (const { name } of scripts) {
      const map = JSON.parse(built.files.get(`${name}.map`)!) as { sources: string[]; sourcesContent: string[] };
      expect(
        map.sources.some((source) => source.endsWith('.ts')),
        name,
      ).toBe(true);
      expect(map.sourcesContent).toHaveLength(map.sources.length);
    }
  });

  it('leaves out of the verifier what judges for a boundary, and refuses to be one', () => {
    const names = [...built.files.keys()].filter((name) => /^assets\/verify-.*\.js$/.test(name));
    expect(names).toHaveLength(1);
    for (const name of [...names, SAVED_COPY]) {
      const code = built.files.get(name)!;
      expect(code).toContain('boundary: a page is none');
      expect(code).toContain('the statement does not name this boundary');
      for (const gone of ['it was consumed for another attempt', 'record.dispatched']) expect(code).not.toContain(gone);
    }
  });

  it('shows the SHA-256 of that file on the hosted page, and nothing of what only the copy says', () => {
    const hosted = built.files.get('verify/index.html')!;
    expect(hosted).toContain(built.sha256);
    expect(hosted).not.toMatch(/saved copy\.|example-receipt|<!-- (saved|hosted)/);
  });
});

/**
 * The verifier in one file, as it is built: the same bytes wherever it is built, and the same answers wherever it runs. All vectors
 * run in Node, in a page and in a web worker.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launchBrowser } from '@assent/test-support/browser';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSingleFile, type SingleFile } from '../../verifier/build-single-file.ts';
import { readVectorFiles } from '../src/generate.ts';
import type { Outcome } from '../src/run.ts';
import { runWithMlDsa } from './run-with-ml-dsa.ts';

const VERIFIER = new URL('../../verifier/', import.meta.url);
/** What it was measured to be, rounded up: who adds a kilobyte should know. */
const MOST_BYTES_GZIPPED = 39_900;

const files = readVectorFiles();
const count = files.reduce((sum, { cases }) => sum + cases.length, 0);
const folder = mkdtempSync(join(tmpdir(), 'assent-single-file-'));
let built: SingleFile;

beforeAll(async () => {
  built = await buildSingleFile();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('assent-verifier.mjs', () => {
  it('is the same to the byte when it is built in another folder', async () => {
    const elsewhere = pathToFileURL(join(folder, 'some/where else/'));
    for (const name of ['src', 'package.json']) {
      cpSync(fileURLToPath(new URL(name, VERIFIER)), fileURLToPath(new URL(name, elsewhere)), { recursive: true });
    }
    // What a folder above says about building must not matter.
    writeFileSync(
      new URL('../tsconfig.json', elsewhere),
      '{ "compilerOptions": { "useDefineForClassFields": false } }',
    );
    const again = await buildSingleFile(elsewhere);
    expect(again.sha256).toBe(built.sha256);
    expect(Buffer.compare(again.code, built.code)).toBe(0);
  });

  it('imports nothing, and is no larger than is known', () => {
    const code = new TextDecoder().decode(built.code);
    expect(code).not.toMatch(/\bimport\b\s*[("'{*]|\brequire\b\s*\(|\bnode:/);
    expect(code).not.toContain(fileURLToPath(VERIFIER));
    expect(built.gzipped).toBeLessThanOrEqual(MOST_BYTES_GZIPPED);
  });

  it('answers every vector in Node', async () => {
    const file = join(folder, 'assent-verifier.mjs');
    writeFileSync(file, built.code);
    const outcome = await runWithMlDsa(await import(pathToFileURL(file).href), files);
    expect(outcome).toEqual({ cases: count, mismatches: [] });
  });
});

describe('assent-verifier.mjs in Chromium', () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    const runner = await build({
      entryPoints: [fileURLToPath(new URL('run-with-ml-dsa.ts', import.meta.url))],
      tsconfigRaw: {},
      bundle: true,
      format: 'esm',
      write: false,
    });
    const served: Readonly<Record<string, readonly [type: string, body: Uint8Array | string]>> = {
      '/': ['text/html', '<!doctype html><title>vectors</title>'],
      '/assent-verifier.mjs': ['text/javascript', built.code],
      '/run.mjs': ['text/javascript', runner.outputFiles[0]!.contents],
      '/vectors.json': ['application/json', JSON.stringify(files)],
      '/in-browser.mjs': ['text/javascript', readFileSync(new URL('in-browser.mjs', import.meta.url))],
      '/worker.mjs': ['text/javascript', "import { outcome } from '/in-browser.mjs'; postMessage(outcome);"],
    };
    server = createServer((request, response) => {
      const [type, body] = served[request.url ?? ''] ?? ['text/plain', ''];
      response.writeHead(body === '' ? 404 : 200, { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function openPage() {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return page;
  }

  it('answers every vector in a page', async () => {
    const page = await openPage();
    // As text: the test's own build would rewrite an import.
    const outcome: unknown = await page.evaluate("import('/in-browser.mjs').then(({ outcome }) => outcome)");
    expect(outcome).toEqual({ cases: count, mismatches: [] });
    await page.close();
  });

  it('answers every vector in a web worker', async () => {
    const page = await openPage();
    const outcome = await page.evaluate(
      () =>
        new Promise<Outcome>((resolve, reject) => {
          const worker = new Worker('/worker.mjs', { type: 'module' });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        }),
    );
    expect(outcome).toEqual({ cases: count, mismatches: [] });
    await page.close();
  });
});

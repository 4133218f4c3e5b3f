/**
 * Makes `dist/assent-verifier.mjs`, the verifier in one file: nothing to install, nothing that it imports.
 *
 * The same sources give the same bytes, wherever they lie and whoever builds them, so anyone can compare the SHA-256 that this
 * prints with that of the file that they were given. Names inside are short; those that are exported stay.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

export type SingleFile = {
  readonly code: Uint8Array;
  /** Hexadecimal, of the code. */
  readonly sha256: string;
  /** Bytes of the code when it is sent gzipped. */
  readonly gzipped: number;
};

/** @param folder the workspace `verifier/`, with its sources. */
export async function buildSingleFile(folder: URL = new URL('./', import.meta.url)): Promise<SingleFile> {
  const { version, license } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('src/single-file.ts', folder))],
    // Paths would end up in the output otherwise, and settings of a folder above in what it does.
    absWorkingDir: fileURLToPath(folder),
    tsconfigRaw: {},
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    banner: { js: `// Assent verifier ${version}, ${license}` },
    write: false,
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild made no file');
  const code = new Uint8Array(file.contents);
  return {
    code,
    sha256: createHash('sha256').update(code).digest('hex'),
    gzipped: gzipSync(code, { level: 9 }).length,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = new URL('dist/', import.meta.url);
  const { code, sha256, gzipped } = await buildSingleFile();
  mkdirSync(dist, { recursive: true });
  writeFileSync(new URL('assent-verifier.mjs', dist), code);
  console.log(`${sha256}  assent-verifier.mjs (${code.length} bytes, ${gzipped} gzipped)`);
}

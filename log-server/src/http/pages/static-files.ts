import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

/** `dist/pages`, where vite puts what it builds; the same folder seen from `src` and from `dist`. */
export const BUILT_PAGES = fileURLToPath(new URL('../../../dist/pages/', import.meta.url));

export type StaticFile = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, compressed; absent where that saves nothing. */
  readonly gzipped?: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Names the uncompressed bytes; not quoted yet. */
  readonly etag: string;
  /** Its name holds a hash of its content, so it never changes. */
  readonly immutable: boolean;
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
};

/**
 * Reads everything below `folder` into memory once, keyed by path with forward slashes (`verify/index.html`). A request
 * then never touches the file system, so no path in it can lead anywhere. Throws if the folder is missing, and on a file
 * whose type is not known here: nothing is served by guess.
 *
 * @param edit changes an HTML file before it is kept.
 */
export function loadStaticFiles(folder: string, edit = (html: string) => html): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (!entry.isFile() || /(^|\/)\./.test(name) || extname(name) === '.gz') continue;
    const bytes = readFileSync(path);
    const isEdited = extname(name) === '.html';
    const packed = isEdited ? undefined : readPacked(path);
    files.set(name, staticFile(name, isEdited ? Buffer.from(edit(bytes.toString('utf8'))) : bytes, packed));
  }
  return files;
}

/** Compressed by the build, with more time than a start has. */
function readPacked(path: string): Buffer | undefined {
  return existsSync(`${path}.gz`) ? readFileSync(`${path}.gz`) : undefined;
}

function staticFile(name: string, content: Buffer, packed?: Buffer): StaticFile {
  const contentType = CONTENT_TYPES[extname(name)];
  if (contentType === undefined) throw new Error(`no content type is known for the page file ${name}`);
  const bytes = new Uint8Array(content);
  const gzipped = new Uint8Array(packed ?? gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
  return {
    bytes,
    ...(gzipped.length < bytes.length * 0.9 && { gzipped }),
    contentType,
    etag: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
    immutable: name.startsWith('assets/'),
  };
}

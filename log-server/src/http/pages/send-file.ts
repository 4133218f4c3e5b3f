import type { Context } from 'hono';
import { PAGE_HEADERS } from './page-headers.ts';
import type { StaticFile } from './static-files.ts';

const FOREVER = 'public, max-age=31536000, immutable';

/** Answers with a file, compressed where the browser takes that; 304 where it has the file already (RFC 9110 §13.1.2). */
export function sendFile(c: Context, file: StaticFile, pageHeaders = PAGE_HEADERS): Response {
  const gzipped = acceptsGzip(c.req.header('accept-encoding')) ? file.gzipped : undefined;
  // Two encodings are two representations, and a strong validator names one.
  const etag = gzipped === undefined ? `"${file.etag}"` : `"${file.etag}-gzip"`;
  const headers: Record<string, string> = {
    ...pageHeaders,
    ETag: etag,
    'Cache-Control': file.immutable ? FOREVER : 'no-cache',
    Vary: 'Accept-Encoding',
  };
  if (matches(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers);
  headers['Content-Type'] = file.contentType;
  if (gzipped !== undefined) headers['Content-Encoding'] = 'gzip';
  return c.body(gzipped ?? file.bytes, 200, headers);
}

function acceptsGzip(header = ''): boolean {
  return header.split(',').some((coding) => /^\s*gzip\s*(;\s*q=(1|0\.0*[1-9]).*)?$/i.test(coding));
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header
    .split(',')
    .some((candidate) => candidate.trim().replace(/^W\//, '') === etag || candidate.trim() === '*');
}

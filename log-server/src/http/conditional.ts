/**
 * Conditional requests: RFC 9110 §13.1.2 (If-None-Match) and §15.4.5 (304). Every entity tag here is a strong one, made
 * of what is served, so that all processes of a log agree on it.
 *
 *     if (isFresh(c, etag)) return notModified(c, headers);      // before the work, where the tag is known without it
 *     return tagged(c, body, headers);
 */
import { hash } from 'node:crypto';
import type { Context } from 'hono';
import { respond } from './common-headers.ts';

/** Headers of a representation; a 304 repeats them, as a cache updates what it holds from them. */
export type TaggedHeaders = {
  /** With its quotation marks. */
  readonly ETag: string;
  readonly 'Cache-Control': string;
  readonly 'Content-Type': string;
  readonly 'Content-Encoding'?: string;
  readonly Vary?: string;
};

/** For the `responses` of an operation. */
export const NOT_MODIFIED = { description: 'The client has it already, by If-None-Match' } as const;

/** Of the bytes that are sent, or of a hash that commits to them. 130 bits of SHA-256: nobody finds two alike. */
export function etagOf(data: Uint8Array | string, suffix = ''): string {
  return `"${hash('sha256', data, 'base64url').slice(0, 22)}${suffix}"`;
}

/** Whether the client has this representation already: it names the tag in If-None-Match, weak or not, or says `*`. */
export function isFresh(c: Context, etag: string): boolean {
  const header = c.req.header('if-none-match');
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  // A list of tags: opaque text in quotation marks, which may hold commas. What is not of that form matches nothing.
  for (const [, tag] of header.matchAll(/(?:^|,)[ \t]*(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/g)) {
    if (tag === etag) return true;
  }
  return false;
}

export function notModified(c: Context, headers: TaggedHeaders): Response {
  const { 'Content-Type': _, 'Content-Encoding': __, ...repeated } = headers;
  return respond(c, null, 304, repeated);
}

/** 200 with the body, 304 if the client has it, and for HEAD the header fields alone, with the body's length. */
export function tagged(c: Context, body: Uint8Array | string, headers: TaggedHeaders): Response {
  if (isFresh(c, headers.ETag)) return notModified(c, headers);
  if (c.req.method === 'HEAD') {
    return respond(c, null, 200, { ...headers, 'Content-Length': String(Buffer.byteLength(body)) });
  }
  return respond(c, body, 200, headers);
}

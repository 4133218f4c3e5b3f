import type { Context } from 'hono';
import { Problem } from '../problems.ts';
import { ByteBudget } from './byte-budget.ts';

/** What the bodies that are arriving may take together: who sends slowly keeps memory busy for as long. */
export const MAX_BYTES_ARRIVING = 32 * 1024 * 1024;

/**
 * The request's body, of at most `limit` bytes: refused by its Content-Length before a byte of it is read, and without
 * one as soon as there is too much.
 */
export async function readBody(c: Context, limit: number): Promise<Uint8Array> {
  const encoding = c.req.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported_media_type', 'Send the body without a Content-Encoding.');
  }
  const length = c.req.header('content-length');
  if (Number(length ?? 0) > limit) throw tooLarge(limit);
  try {
    // Node enforces the length that was announced.
    return length === undefined ? await readChunks(c, limit) : new Uint8Array(await c.req.arrayBuffer());
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    // Nobody is left to be told. But a connection that the caller broke off must not be counted as one to the database.
    throw new Problem('invalid_request', 'The request ended before all of its body was here.', { cause });
  }
}

async function readChunks(c: Context, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads bodies of at most `limit` bytes, as many at a time as memory is for. Throws a Problem as {@link readBody} does, or `overloaded`. */
export function bodyReader(limit: number): (c: Context) => Promise<Uint8Array> {
  const arriving = new ByteBudget(MAX_BYTES_ARRIVING);
  return (c) => arriving.spend(bytesAnnounced(c, limit), () => readBody(c, limit));
}

/** What reading a body of at most `limit` bytes will take: all that is allowed, if it does not say. */
export function bytesAnnounced(c: Context, limit: number): number {
  const length = Number(c.req.header('content-length') ?? limit);
  // What is larger is refused before it is read.
  return length <= limit ? length : 0;
}

function tooLarge(limit: number): Problem {
  return new Problem('too_large', `The body may have ${limit} bytes at most.`);
}

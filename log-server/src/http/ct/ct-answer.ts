import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { toBase64 } from '../../to-base64.ts';
import { etagOf, tagged } from '../conditional.ts';
import { IMMUTABLE } from '../immutable.ts';

/** Base64 as RFC 6962 writes every hash, entry and signature: standard alphabet, padded. */
export const base64 = z.string().openapi({ format: 'byte' });

/** `forever`: whoever asks the same again can't get anything else. */
export function answer(c: Context, body: string, { forever }: { readonly forever: boolean }): Response {
  return tagged(c, body, {
    ETag: etagOf(body),
    'Cache-Control': forever ? IMMUTABLE : 'no-cache',
    'Content-Type': 'application/json',
  });
}

/** A JSON array of base64 strings. */
export function base64List(hashes: readonly Uint8Array[]): string[] {
  return hashes.map(toBase64);
}

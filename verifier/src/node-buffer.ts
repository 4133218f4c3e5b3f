/**
 * Of Node's `Buffer`, where there is one: writing bytes as text, and reading it, without a loop. It takes its memory out of a pool; a
 * piece for each short text costs more than decoding it.
 */
export type NodeBuffer = {
  isEncoding?(encoding: string): boolean;
  from(text: string, encoding: 'base64'): Bytes;
  from(memory: ArrayBufferLike, offset: number, length: number): Bytes;
};
type Bytes = {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly length: number;
  toString(encoding: 'base64' | 'base64url' | 'hex'): string;
};

// As a member, so that who builds a page can leave it out.
const found = (globalThis as { readonly Buffer?: NodeBuffer }).Buffer;

/** Undefined in browsers, also where a page has the npm package of that name, which does not know base64url. */
export const nodeBuffer = found?.isEncoding?.('base64url') ? found : undefined;

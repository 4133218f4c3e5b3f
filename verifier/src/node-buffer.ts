/**
 * Of Node's `Buffer`, where there is one: writing bytes as text, and reading it, without a loop. It takes its memory out of a pool; a
 * piece for each short text costs more than decoding it.
 */
export type NodeBuffer = {
  isEncoding?(encoding: string): boolean;
  from(text: string, encoding: 'base64'): Uint8Array;
  from(
    memory: ArrayBufferLike,
    offset: number,
    length: number,
  ): { toString(encoding: 'base64' | 'base64url' | 'hex'): string };
};

const { Buffer: found } = globalThis as { readonly Buffer?: NodeBuffer };

/** Undefined in browsers, also where a page has the npm package of that name, which does not know base64url. */
export const nodeBuffer = found?.isEncoding?.('base64url') ? found : undefined;

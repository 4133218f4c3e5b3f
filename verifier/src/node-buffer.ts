/**
 * Of Node's `Buffer`, where there is one: writing bytes as text, and reading it, without a loop. It takes its memory out of a pool; a
 * piece for each short text costs more than decoding it.
 */
export type NodeBuffer = {
  from(text: string, encoding: 'base64'): Uint8Array;
  from(
    memory: ArrayBufferLike,
    offset: number,
    length: number,
  ): { toString(encoding: 'base64' | 'base64url' | 'hex'): string };
};

/** Undefined in browsers. */
export const { Buffer: nodeBuffer } = globalThis as { readonly Buffer?: NodeBuffer };

/** How the generator writes cases down: each says itself what is expected, so that a verifier that changes cannot change them. */
import { base64Encode, hexEncode, type Json, type JsonObject, utf8Decode } from '@assent/verifier';
import type { VectorBytes, VectorCase, VectorFile } from './vectors.ts';

export type CaseList = {
  good(about: string, operation: string, input: JsonObject, result: unknown): void;
  bad(about: string, operation: string, input: JsonObject, code: string): void;
};

export function vectorFile(format: string, about: string, write: (cases: CaseList) => void): VectorFile {
  const cases: VectorCase[] = [];
  write({
    good: (aboutCase, operation, input, result) => cases.push({ about: aboutCase, operation, input, result }),
    bad: (aboutCase, operation, input, code) => cases.push({ about: aboutCase, operation, input, code }),
  });
  return { format, about, cases };
}

export function text(value: string): VectorBytes {
  return { text: value };
}

/** JSON of a value as `JSON.stringify` writes it. */
export function json(value: Json): VectorBytes {
  return { text: JSON.stringify(value) };
}

export function hex(value: string): VectorBytes {
  return { hex: value };
}

const LONG = 300;

/** In the shortest of the three ways that people can still read. */
export function bytes(value: Uint8Array): VectorBytes {
  const decoded = utf8Decode(value);
  // Control characters are invisible, and nobody should have to count them.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that are looked for
  if (value.length > 0 && decoded.ok && !/[\u0000-\u0009\u000b-\u001f\u007f]/.test(decoded.value)) {
    return { text: decoded.value };
  }
  return value.length > LONG ? { base64: base64Encode(value) } : { hex: hexEncode(value) };
}

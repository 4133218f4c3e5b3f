/** What stands in a file of vectors; README.md of this folder says the same to readers who use another language. */
import type { JsonObject } from '@assent/verifier';

export type VectorFile = {
  /** The file's name without `.json`. */
  readonly format: string;
  readonly about: string;
  readonly cases: readonly VectorCase[];
};

export type VectorCase = {
  /** What is special about it; no two cases of a file share it. */
  readonly about: string;
  /** What is done with the input: README.md lists the operations of each format. */
  readonly operation: string;
  readonly input: JsonObject;
} & Expected;

/** One of both: what a good input gives, or the code of the failure. */
export type Expected = { readonly result: unknown } | { readonly code: string };

/** Bytes in an input: as UTF-8 text where they are one, else in hexadecimal, or in base64 where there are many. */
export type VectorBytes = { readonly text: string } | { readonly hex: string } | { readonly base64: string };

/** Every code that the cases of these files expect, in a result (as reports have them) or instead of one. */
export function codesOf(files: readonly VectorFile[]): ReadonlySet<string> {
  const codes = new Set<string>();
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === 'code' && typeof member === 'string') codes.add(member);
      else visit(member);
    }
  };
  for (const { cases } of files) {
    for (const vector of cases) {
      if ('code' in vector) codes.add(vector.code);
      else visit(vector.result);
    }
  }
  return codes;
}

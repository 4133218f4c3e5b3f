/**
 * Runs the vectors against a verifier. It knows nothing of where it runs (no `node:` import, no file, no test framework), so
 * the same code asks the sources in Node, and the built single file in Node, in a page and in a web worker.
 */
import type { Primitives } from '@assent/verifier';
import { OPERATIONS, type Verifier } from './operations.ts';
import type { VectorCase, VectorFile } from './vectors.ts';

export type { Verifier } from './operations.ts';

export type Mismatch = {
  readonly format: string;
  readonly about: string;
  readonly expected: string;
  readonly actual: string;
};

export type Outcome = { readonly cases: number; readonly mismatches: readonly Mismatch[] };

/**
 * Never rejects: what a verifier throws is a mismatch.
 *
 * @param primitives default: the verifier's own. Where the runtime has no ML-DSA-44, it takes others for those cases.
 */
export async function runVectors(
  verifier: Verifier,
  files: readonly VectorFile[],
  primitives: Primitives = verifier.webCryptoPrimitives,
): Promise<Outcome> {
  const mismatches: Mismatch[] = [];
  let cases = 0;
  for (const { format, cases: vectors } of files) {
    for (const vector of vectors) {
      cases++;
      const { input: _input, operation: _operation, about, ...wanted } = vector;
      const expected = inOrder(wanted);
      const actual = await runCase(verifier, format, vector, primitives);
      if (actual !== expected) mismatches.push({ format, about, expected, actual });
    }
  }
  return { cases, mismatches };
}

/** What the verifier makes of it, in the form of a case's expectation. */
export async function runCase(
  verifier: Verifier,
  format: string,
  vector: VectorCase,
  primitives: Primitives = verifier.webCryptoPrimitives,
): Promise<string> {
  const run = OPERATIONS[format]?.[vector.operation];
  if (run === undefined) return `no such operation: ${format} ${vector.operation}`;
  try {
    const result = await run(verifier, vector.input, primitives);
    return inOrder(result.ok ? { result: result.value } : { code: result.code });
  } catch (error) {
    return `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
}

/** JSON with members in the order of their names, as two readers may build objects in different orders. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

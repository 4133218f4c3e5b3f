/** The vectors where the runtime may lack ML-DSA-44: then @noble/post-quantum verifies it, as the caller of any verifier may choose. */
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { type Outcome, runVectors, type Verifier } from '../src/run.ts';
import type { VectorFile } from '../src/vectors.ts';

export function runWithMlDsa(verifier: Verifier, files: readonly VectorFile[]): Promise<Outcome> {
  const primitives = verifier.withMlDsa44(verifier.webCryptoPrimitives, (key, signature, message) =>
    ml_dsa44.verify(signature, message, key),
  );
  return runVectors(verifier, files, primitives);
}

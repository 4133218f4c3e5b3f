/** RFC 6962 §2.1 to §2.1.2, the recursive definitions word for word and as slow as they are, with another SHA-256 than ours. */
import { createHash } from 'node:crypto';

/** D[n]: the leaf inputs d(0) … d(n−1). */
type Inputs = readonly Uint8Array[];

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** MTH(D[n]) */
export function referenceRoot(inputs: Inputs): Uint8Array {
  const [only] = inputs;
  if (only === undefined) return sha256();
  if (inputs.length === 1) return sha256(Uint8Array.of(0), only);
  const k = split(inputs.length);
  return sha256(Uint8Array.of(1), referenceRoot(inputs.slice(0, k)), referenceRoot(inputs.slice(k)));
}

/** PATH(m, D[n]) */
export function referenceInclusion(m: number, inputs: Inputs): Uint8Array[] {
  if (inputs.length === 1) return [];
  const k = split(inputs.length);
  return m < k
    ? [...referenceInclusion(m, inputs.slice(0, k)), referenceRoot(inputs.slice(k))]
    : [...referenceInclusion(m - k, inputs.slice(k)), referenceRoot(inputs.slice(0, k))];
}

/** PROOF(m, D[n]) */
export function referenceConsistency(m: number, inputs: Inputs): Uint8Array[] {
  return subproof(m, inputs, true);
}

/** SUBPROOF(m, D[n], b) */
function subproof(m: number, inputs: Inputs, b: boolean): Uint8Array[] {
  if (m === inputs.length) return b ? [] : [referenceRoot(inputs)];
  const k = split(inputs.length);
  return m <= k
    ? [...subproof(m, inputs.slice(0, k), b), referenceRoot(inputs.slice(k))]
    : [...subproof(m - k, inputs.slice(k), false), referenceRoot(inputs.slice(0, k))];
}

/** "the largest power of two smaller than n" */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** Leaf inputs that differ in content and in length. */
export function referenceInputs(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => new TextEncoder().encode(`entry ${i} ${'x'.repeat(i % 5)}`));
}

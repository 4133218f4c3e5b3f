import { hexDecode, type UnverifiedGrowth } from '@assent/verifier';

/** From the size that was asked for to the newest head, nothing of it checked. */
export type AnsweredGrowth = UnverifiedGrowth & { readonly fromRoot: Uint8Array };

/** The answer of `GET /api/v1/proofs/consistency`, or undefined if it is none. */
export function readGrowth(value: unknown): AnsweredGrowth | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { checkpoint, from_root, proof } = value as { checkpoint?: unknown; from_root?: unknown; proof?: unknown };
  const fromRoot = readHash(from_root);
  if (typeof checkpoint !== 'string' || fromRoot === undefined || !Array.isArray(proof) || proof.length > 64)
    return undefined;
  const hashes = proof.map(readHash).filter((hash) => hash !== undefined);
  return hashes.length === proof.length ? { checkpoint, fromRoot, proof: hashes } : undefined;
}

function readHash(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || !value.startsWith('sha256:')) return undefined;
  const bytes = hexDecode(value.slice('sha256:'.length));
  return bytes.ok ? bytes.value : undefined;
}

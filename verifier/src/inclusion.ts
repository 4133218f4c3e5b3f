/**
 * Inclusion proofs: made as RFC 6962 §2.1.1 defines them (RFC 9162 §2.1.3.1), checked as RFC 9162 §2.1.3.2 says.
 * The proof is the hashes beside the path from the leaf to the root, nearest to the leaf first.
 */
import { equalBytes } from './bytes.ts';
import {
  checkSize,
  HASH_SIZE,
  type HashReader,
  isSize,
  type NodeId,
  nodeHash,
  rangeNodes,
  readFolded,
  splitPoint,
} from './merkle.ts';
import { fail, ok, type Result } from './result.ts';
import { sha256 as defaultSha256, type Sha256 } from './sha256.ts';

export type InclusionEvidence = {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
};

/**
 * For each hash of the proof the perfect subtrees to fold (`foldRoot`), left to right: for callers that have hashes in
 * memory and can do without promises. Throws RangeError unless 0 ≤ index < size.
 */
export function inclusionNodes(index: number, size: number): readonly (readonly NodeId[])[] {
  checkSize('size', size);
  if (!isSize(index) || index >= size) throw new RangeError('index: not an integer from 0 to size - 1');
  const groups: NodeId[][] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const split = splitPoint(start, end);
    if (index < split) {
      groups.push(rangeNodes(split, end));
      end = split;
    } else {
      groups.push(rangeNodes(start, split));
      start = split;
    }
  }
  return groups.reverse();
}

/** Rejects with RangeError unless 0 ≤ index < size, and with the reader's own error. */
export async function proveInclusion(
  index: number,
  size: number,
  reader: HashReader,
  sha256: Sha256 = defaultSha256,
): Promise<Uint8Array[]> {
  return readFolded(inclusionNodes(index, size), reader, sha256);
}

/**
 * The root of the tree of this size that has this leaf at this index and these hashes beside its path. Fails with
 * `index_out_of_range`, `hash_length` or `inclusion_length` (a proof shorter or longer than this tree needs).
 */
export function inclusionRoot(evidence: InclusionEvidence, sha256: Sha256 = defaultSha256): Result<Uint8Array> {
  const { index, size, leafHash, proof } = evidence;
  if (!isSize(size) || !isSize(index) || index >= size) {
    return fail('index_out_of_range', 'the index is not below the tree size');
  }
  if (leafHash.length !== HASH_SIZE || proof.some((hash) => hash.length !== HASH_SIZE)) {
    return fail('hash_length', 'every hash is exactly 32 bytes');
  }
  let node = index;
  let last = size - 1; // the last node of the level that we are on; a last node without a sibling moves up unhashed
  let root = leafHash;
  for (const hash of proof) {
    if (last === 0) return fail('inclusion_length', 'the proof is longer than this tree needs');
    if (node % 2 === 1 || node === last) {
      root = nodeHash(hash, root, sha256);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, hash, sha256);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) return fail('inclusion_length', 'the proof is shorter than this tree needs');
  return ok(root);
}

/** Fails as `inclusionRoot` does, with `hash_length` for the root as well, and with `inclusion_mismatch`. */
export function checkInclusion(
  evidence: InclusionEvidence & { readonly root: Uint8Array },
  sha256: Sha256 = defaultSha256,
): Result<void> {
  const computed = inclusionRoot(evidence, sha256);
  if (!computed.ok) return computed;
  if (evidence.root.length !== HASH_SIZE) return fail('hash_length', 'every hash is exactly 32 bytes');
  if (!equalBytes(computed.value, evidence.root)) {
    return fail('inclusion_mismatch', 'the leaf and the proof lead to another root');
  }
  return ok(undefined);
}

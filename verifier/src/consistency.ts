/**
 * Consistency proofs: made as RFC 6962 §2.1.2 defines them (RFC 9162 §2.1.4.1), checked as RFC 9162 §2.1.4.2 says, and
 * what that section leaves open as follows. From size 0: an empty proof, and the old root, if given, is the empty
 * tree's, as every tree extends the empty one. Equal sizes: an empty proof and equal roots.
 */
import { equalBytes } from './bytes.ts';
import {
  checkSize,
  emptyRoot,
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

/** `fromRoot` may be left out only if `from` is 0. */
export type ConsistencyEvidence = {
  readonly from: number;
  readonly to: number;
  readonly fromRoot?: Uint8Array | undefined;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
};

/** For each hash of the proof the perfect subtrees to fold, left to right. Throws RangeError unless 0 ≤ from ≤ to. */
export function consistencyNodes(from: number, to: number): readonly (readonly NodeId[])[] {
  checkSize('to', to);
  checkSize('from', from);
  if (from > to) throw new RangeError('from: larger than to');
  if (from === 0 || from === to) return [];
  const groups: NodeId[][] = [];
  let start = 0;
  let end = to;
  // Down to the subtree that ends where the old tree ended.
  while (end !== from) {
    const split = splitPoint(start, end);
    if (from <= split) {
      groups.push(rangeNodes(split, end));
      end = split;
    } else {
      groups.push(rangeNodes(start, split));
      start = split;
    }
  }
  // If that subtree is the whole old tree, the verifier has its hash: it is the old root.
  if (start !== 0) groups.push(rangeNodes(start, end));
  return groups.reverse();
}

/** Rejects with RangeError unless 0 ≤ from ≤ to, and with the reader's own error. */
export async function proveConsistency(
  from: number,
  to: number,
  reader: HashReader,
  sha256: Sha256 = defaultSha256,
): Promise<Uint8Array[]> {
  return readFolded(consistencyNodes(from, to), reader, sha256);
}

/**
 * Whether the tree of size `to` extends the tree of size `from`.
 * Fails with `index_out_of_range` (also from > to), `hash_length`, `consistency_length` or `consistency_mismatch`.
 */
export function checkConsistency(evidence: ConsistencyEvidence, sha256: Sha256 = defaultSha256): Result<void> {
  const { from, to, toRoot, proof } = evidence;
  if (!isSize(from) || !isSize(to) || from > to) {
    return fail('index_out_of_range', 'the sizes are not 0 ≤ from ≤ to');
  }
  const fromRoot = evidence.fromRoot ?? (from === 0 ? emptyRoot(sha256) : new Uint8Array(0));
  if ([fromRoot, toRoot, ...proof].some((hash) => hash.length !== HASH_SIZE)) {
    return fail('hash_length', 'every hash is exactly 32 bytes');
  }
  if (from === 0 && !equalBytes(fromRoot, emptyRoot(sha256))) {
    return fail('consistency_mismatch', 'the old root is not the root of the empty tree');
  }
  if (from === 0 || from === to) {
    if (proof.length !== 0) return fail('consistency_length', 'the proof is longer than these trees need');
    if (from === to && !equalBytes(fromRoot, toRoot)) {
      return fail('consistency_mismatch', 'two trees of one size have different roots');
    }
    return ok(undefined);
  }
  return checkGrowth(from, to, fromRoot, toRoot, proof, sha256);
}

/** RFC 9162 §2.1.4.2 for 0 < from < to. */
function checkGrowth(
  from: number,
  to: number,
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
  proof: readonly Uint8Array[],
  sha256: Sha256,
): Result<void> {
  let node = from - 1; // the old tree's last node on the level that we are on
  let last = to - 1; // and the new tree's
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  // node is 0 now exactly if `from` is a power of two: then the old root is itself a node of the new tree.
  const path = node === 0 ? [fromRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return fail('consistency_length', 'the proof is shorter than these trees need');
  let oldRoot = first;
  let newRoot = first;
  for (const hash of rest) {
    if (last === 0) return fail('consistency_length', 'the proof is longer than these trees need');
    if (node % 2 === 1 || node === last) {
      oldRoot = nodeHash(hash, oldRoot, sha256);
      newRoot = nodeHash(hash, newRoot, sha256);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newRoot = nodeHash(newRoot, hash, sha256);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) return fail('consistency_length', 'the proof is shorter than these trees need');
  if (!equalBytes(oldRoot, fromRoot)) return fail('consistency_mismatch', 'the proof does not contain the old root');
  if (!equalBytes(newRoot, toRoot)) return fail('consistency_mismatch', 'the proof leads to another new root');
  return ok(undefined);
}

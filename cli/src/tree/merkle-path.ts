/** The way from an entry to the root of its tree (RFC 6962 §2.1.1), with every hash on it: those of the proof, and those that follow. */
import { fail, nodeHash, ok, type Result, splitPoint } from '@assent/verifier';

/** Entries `start` to `end` - 1. */
export type PathNode = { readonly start: number; readonly end: number; readonly hash: Uint8Array };

/** One level: the node on the path, and what stands beside it. */
export type PathStep = {
  /** Folded from what is below. */
  readonly node: PathNode;
  /** From the proof. */
  readonly sibling: PathNode;
  /** Where the sibling stands. */
  readonly side: 'left' | 'right';
};

export type MerklePath = {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  /** From the root's children down to the leaf; none in a tree of one entry. */
  readonly steps: readonly PathStep[];
  /** What the path leads to; whether it is the root that was signed, the caller compares. */
  readonly root: Uint8Array;
};

/** Fails with `index_out_of_range`, or `inclusion_length` for a proof that this tree does not have. */
export function merklePath(
  index: number,
  size: number,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
): Result<MerklePath> {
  if (index >= size) return fail('index_out_of_range', `the index ${index} is not below the tree size ${size}`);
  const levels: { side: PathStep['side']; node: readonly [number, number]; sibling: readonly [number, number] }[] = [];
  for (let [start, end] = [0, size]; end - start > 1; ) {
    const split = splitPoint(start, end);
    const isLeft = index < split;
    const [node, sibling] = isLeft
      ? ([
          [start, split],
          [split, end],
        ] as const)
      : ([
          [split, end],
          [start, split],
        ] as const);
    levels.push({ side: isLeft ? 'right' : 'left', node, sibling });
    [start, end] = node;
  }
  if (levels.length !== proof.length) {
    return fail('inclusion_length', `the proof has ${proof.length} hashes, and this tree needs ${levels.length}`);
  }
  const steps: PathStep[] = [];
  let hash = leafHash;
  for (const [i, { side, node, sibling }] of levels.reverse().entries()) {
    const beside = proof[i]!;
    steps.push({
      node: { start: node[0], end: node[1], hash },
      sibling: { start: sibling[0], end: sibling[1], hash: beside },
      side,
    });
    hash = side === 'left' ? nodeHash(beside, hash) : nodeHash(hash, beside);
  }
  return ok({ index, size, leafHash, steps: steps.reverse(), root: hash });
}

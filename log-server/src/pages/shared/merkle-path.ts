/**
 * The way of one leaf up to the root (RFC 6962 §2.1, RFC 9162 §2.1.3.2), step by step: what `inclusionRoot` computes, with
 * everything that a picture of it shows.
 */
import { HASH_SIZE, nodeHash, splitPoint } from '@assent/verifier';

/** The leaves from `start` up to, not including, `end`. */
export type LeafRange = { readonly start: number; readonly end: number };

export type MerkleStep = {
  /** On which side of the path the sibling stands. */
  readonly siblingSide: 'left' | 'right';
  readonly sibling: Uint8Array;
  readonly siblingLeaves: LeafRange;
  /** Hash of the two, and what it stands for. */
  readonly parent: Uint8Array;
  readonly parentLeaves: LeafRange;
};

/**
 * From the leaf's sibling up to the root, whose hash is the last step's parent; none for a tree of one leaf. Undefined where
 * `inclusionRoot` fails: no such index, hashes of another length, or more or fewer of them than this tree needs.
 */
export function merklePath(
  index: number,
  size: number,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
): readonly MerkleStep[] | undefined {
  const ranges = rangesAbove(index, size);
  if (ranges === undefined || ranges.length !== proof.length || leafHash.length !== HASH_SIZE) return undefined;
  const steps: MerkleStep[] = [];
  let hash = leafHash;
  for (const [level, { siblingSide, siblingLeaves, parentLeaves }] of ranges.entries()) {
    const sibling = proof[level]!;
    if (sibling.length !== HASH_SIZE) return undefined;
    hash = siblingSide === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    steps.push({ siblingSide, sibling, siblingLeaves, parent: hash, parentLeaves });
  }
  return steps;
}

/** Lowest first. */
function rangesAbove(
  index: number,
  size: number,
): Pick<MerkleStep, 'siblingSide' | 'siblingLeaves' | 'parentLeaves'>[] | undefined {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return undefined;
  const ranges: Pick<MerkleStep, 'siblingSide' | 'siblingLeaves' | 'parentLeaves'>[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const parentLeaves = { start, end };
    const split = splitPoint(start, end);
    if (index < split) {
      ranges.push({ siblingSide: 'right', siblingLeaves: { start: split, end }, parentLeaves });
      end = split;
    } else {
      ranges.push({ siblingSide: 'left', siblingLeaves: { start, end: split }, parentLeaves });
      start = split;
    }
  }
  return ranges.reverse();
}

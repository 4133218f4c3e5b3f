/**
 * Merkle Tree Hash: RFC 6962 §2.1 (the same tree in RFC 9162 §2.1.1), as pure math over whatever can look hashes up.
 *
 *     leaf = SHA-256(0x00 ‖ entry)     node = SHA-256(0x01 ‖ left ‖ right)     empty tree = SHA-256("")
 *
 * A tree of any size is a row of perfect subtrees, whose hashes never change once they are full; size 7 is 4 + 2 + 1:
 *
 *     level 2         0                        rootNodes(7) = { level: 2, index: 0 },
 *     level 1     0       1       2                           { level: 1, index: 2 },
 *     level 0   0   1   2   3   4   5   6                     { level: 0, index: 6 }
 *
 * So a store keeps only hashes of perfect subtrees, and roots and proofs of every size are folded from them.
 * Sizes and indexes are safe integers; they are never given to bit operators, which work on 32 bits.
 */
import { shortLived } from './bytes.ts';
import { sha256 as defaultSha256, type Sha256 } from './sha256.ts';

export const HASH_SIZE = 32;

/** The root of the perfect subtree over the leaves from index · 2^level up to, not including, (index + 1) · 2^level. */
export type NodeId = { readonly level: number; readonly index: number };

/** Looks up one batch of hashes (32 bytes each) in the order asked for; rejects if one is missing. */
export interface HashReader {
  readHashes(nodes: readonly NodeId[]): Promise<readonly Uint8Array[]>;
}

/**
 * The first byte keeps leaves and nodes apart: else an entry of 64 bytes could pass for two hashes (second preimage).
 */
export function leafHash(entry: Uint8Array, sha256: Sha256 = defaultSha256): Uint8Array {
  const input = shortLived(1 + entry.length);
  input[0] = 0;
  input.set(entry, 1);
  return sha256(input);
}

/** Throws RangeError unless both are 32 bytes: 31 and 33 bytes would hash as another pair of 32 does. */
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256 = defaultSha256): Uint8Array {
  if (left.length !== HASH_SIZE) throw new RangeError('left: a hash is 32 bytes');
  if (right.length !== HASH_SIZE) throw new RangeError('right: a hash is 32 bytes');
  const input = shortLived(1 + 2 * HASH_SIZE);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_SIZE);
  return sha256(input);
}

export function emptyRoot(sha256: Sha256 = defaultSha256): Uint8Array {
  return sha256(new Uint8Array(0));
}

/**
 * The root over perfect subtrees that lie side by side, left to right, each smaller than the one before; of none, the
 * empty root.
 */
export function foldRoot(hashes: readonly Uint8Array[], sha256: Sha256 = defaultSha256): Uint8Array {
  let root = hashes.at(-1);
  if (root === undefined) return emptyRoot(sha256);
  for (let i = hashes.length - 2; i >= 0; i--) root = nodeHash(hashes[i]!, root, sha256);
  return root;
}

/** The perfect subtrees that make up the tree of this size, left to right. Throws RangeError on a size that is none. */
export function rootNodes(size: number): NodeId[] {
  checkSize('size', size);
  return rangeNodes(0, size);
}

/** Rejects with RangeError on a size that is none, and with the reader's own error. */
export async function treeRoot(size: number, reader: HashReader, sha256: Sha256 = defaultSha256): Promise<Uint8Array> {
  const [root] = await readFolded([rootNodes(size)], reader, sha256);
  return root!;
}

/**
 * The perfect subtrees over the leaves from `start` up to, not including, `end`, left to right. `start` is a multiple
 * of a power of two that is at least `end − start`, as it is for every subtree of a Merkle tree.
 */
export function rangeNodes(start: number, end: number): NodeId[] {
  const nodes: NodeId[] = [];
  let level = 0;
  let width = 1;
  while (width <= (end - start) / 2) {
    width *= 2;
    level++;
  }
  for (let at = start; at < end; width /= 2, level--) {
    if (width > end - at) continue;
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/**
 * Where RFC 6962 splits the leaves from `start` to `end`, of which there are at least two: after the largest power of
 * two below their number.
 */
export function splitPoint(start: number, end: number): number {
  let width = 1;
  while (width < (end - start) / 2) width *= 2;
  return start + width;
}

/** Reads what a proof needs in one batch, and folds each group to the one hash that the proof carries. */
export async function readFolded(
  groups: readonly (readonly NodeId[])[],
  reader: HashReader,
  sha256: Sha256,
): Promise<Uint8Array[]> {
  const nodes = groups.flat();
  const hashes = nodes.length === 0 ? [] : await reader.readHashes(nodes);
  if (hashes.length !== nodes.length) throw new Error('the reader did not return one hash for each node');
  let next = 0;
  return groups.map((group) => {
    next += group.length;
    return foldRoot(hashes.slice(next - group.length, next), sha256);
  });
}

/** Whether a size or an index is one that all arithmetic here keeps exact. */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Throws RangeError that names the argument. */
export function checkSize(name: string, value: number): void {
  if (!isSize(value)) throw new RangeError(`${name}: not an integer from 0 to 2^53 - 1`);
}

/**
 * The tree as RFC 6962 §2.1 defines it, for the auditor: the recursion of the text over node:crypto. It shares nothing with
 * the project's own tree, so that an error there can't hide itself.
 */
import { createHash } from 'node:crypto';

export class PlainTree {
  private readonly leaves: readonly Buffer[];
  /** Roots of complete subtrees, by `first-end`: they are the same in every tree that contains them. */
  private readonly complete = new Map<string, Buffer>();

  constructor(entries: readonly Uint8Array[]) {
    this.leaves = entries.map((entry) => createHash('sha256').update(Uint8Array.of(0)).update(entry).digest());
  }

  get size(): number {
    return this.leaves.length;
  }

  /** MTH(D[0:size]). */
  root(size = this.size): Buffer {
    return size === 0 ? createHash('sha256').digest() : this.hash(0, size);
  }

  /** MTH(D[first:end]), end > first. */
  hash(first: number, end: number): Buffer {
    const count = end - first;
    if (count === 1) return this.leaves[first]!;
    const key = `${first}-${end}`;
    const known = this.complete.get(key);
    if (known !== undefined) return known;
    // "k the largest power of two smaller than n"
    let k = 1;
    while (2 * k < count) k *= 2;
    const left = this.hash(first, first + k);
    const right = this.hash(first + k, end);
    const hash = createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
    if (count === 2 * k) this.complete.set(key, hash);
    return hash;
  }

  /** The bottom hashes of a tile as C2SP tlog-tiles defines it: `width` roots of subtrees of 256^level leaves. */
  tile(level: number, index: number, width: number): Buffer {
    const leavesPerHash = 256 ** level;
    const hashes = Array.from({ length: width }, (_, i) => {
      const first = (index * 256 + i) * leavesPerHash;
      return this.hash(first, first + leavesPerHash);
    });
    return Buffer.concat(hashes);
  }
}

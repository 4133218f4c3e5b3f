/** A Merkle tree in memory, for tests, mirrors and small logs: 64 bytes a leaf. */
import { foldRoot, HASH_SIZE, type HashReader, type NodeId, nodeHash, rootNodes } from './merkle.ts';
import { sha256 as defaultSha256, type Sha256 } from './sha256.ts';

export class MemoryTree implements HashReader {
  readonly #sha256: Sha256;
  /**
   * `#levels[l][i]` is the node { level: l, index: i }; only perfect subtrees are kept, as their hashes never change.
   */
  readonly #levels: Uint8Array[][] = [[]];

  constructor(sha256: Sha256 = defaultSha256) {
    this.#sha256 = sha256;
  }

  get size(): number {
    return this.#levels[0]!.length;
  }

  /** Returns the leaf's index. Throws RangeError unless the hash is 32 bytes. */
  append(leafHash: Uint8Array): number {
    if (leafHash.length !== HASH_SIZE) throw new RangeError('leafHash: a hash is 32 bytes');
    let hash: Uint8Array = leafHash.slice(); // the caller may reuse its buffer
    for (let level = 0; ; level++) {
      const row = this.#levels[level] ?? [];
      this.#levels[level] = row;
      row.push(hash);
      if (row.length % 2 === 1) break;
      hash = nodeHash(row[row.length - 2]!, hash, this.#sha256);
    }
    return this.size - 1;
  }

  /** The root of the tree as it was at this size. Throws RangeError on a size that it never had. */
  root(size: number = this.size): Uint8Array {
    return foldRoot(this.hashes(rootNodes(size)), this.#sha256);
  }

  /**
   * `readHashes` without a promise; the arrays are the tree's own, not to be changed. Throws RangeError if a node is
   * not, or not yet, in the tree.
   */
  hashes(nodes: readonly NodeId[]): Uint8Array[] {
    return nodes.map(({ level, index }) => {
      const hash = this.#levels[level]?.[index];
      if (hash === undefined) throw new RangeError('nodes: one is not in this tree');
      return hash;
    });
  }

  async readHashes(nodes: readonly NodeId[]): Promise<Uint8Array[]> {
    return this.hashes(nodes);
  }
}

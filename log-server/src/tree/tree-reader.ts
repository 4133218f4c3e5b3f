import {
  foldRoot,
  HASH_SIZE,
  type HashReader,
  inclusionNodes,
  type NodeId,
  proveInclusion,
  type Sha256,
  TILE_HEIGHT,
  TILE_WIDTH,
} from '@assent/verifier';
import type { TileCache } from './tile-cache.ts';
import type { TreeEdge } from './tree-edge.ts';

/** How often a node is read that others push out of memory meanwhile. */
const READS = 5;

/** The nodes of the tree at one size: the edge has the partial tiles, the cache and the database the full ones. */
export class TreeReader implements HashReader {
  readonly edge: TreeEdge;
  private readonly cache: TileCache;
  /** By the first leaf of each of the perfect subtrees that make up this tree: what all proofs of its leaves end with. */
  private readonly ends = new Map<number, readonly Uint8Array[]>();

  constructor(edge: TreeEdge, cache: TileCache) {
    this.edge = edge;
    this.cache = cache;
  }

  /** A node's hash, unless it has to be read from the database. */
  inMemory(node: NodeId): Uint8Array | undefined {
    const { tileLevel, tileIndex, height, index } = place(node);
    const partial = this.edge.tile(tileLevel, tileIndex);
    return partial === undefined ? this.cache.node(tileLevel, tileIndex, height, index) : partial.node(height, index);
  }

  async readHashes(nodes: readonly NodeId[]): Promise<readonly Uint8Array[]> {
    const hashes: Uint8Array[] = [];
    for (const node of nodes) hashes.push(this.inMemory(node) ?? (await this.read(node)));
    return hashes;
  }

  /** What `proveInclusion` of the verifier gives: at once if all of it is in memory. */
  async proveInclusion(index: number, size: number, sha256: Sha256): Promise<readonly Uint8Array[]> {
    return this.inclusionInMemory(index, size, sha256) ?? proveInclusion(index, size, this, sha256);
  }

  /**
   * The same without its first hashes, or undefined when a part of it has to be read.
   *
   * Nearly all of it is one look-up a height: the siblings on the way up to a perfect subtree that no other of this size
   * contains. The rest is the same for all leaves of that subtree.
   */
  inclusionInMemory(index: number, size: number, sha256: Sha256, without = 0): Uint8Array[] | undefined {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
      throw new RangeError('index: not an integer from 0 to size - 1');
    }
    const proof: Uint8Array[] = [];
    let level = without;
    let width = 2 ** level;
    let node = Math.floor(index / width);
    for (let parent = Math.floor(node / 2); (parent + 1) * 2 * width <= size; parent = Math.floor(node / 2)) {
      const hash = this.inMemory({ level, index: node === 2 * parent ? node + 1 : node - 1 });
      if (hash === undefined) return undefined;
      proof.push(hash);
      node = parent;
      width *= 2;
      level++;
    }
    const end = this.endInMemory(node * width, level, size, sha256);
    if (end === undefined) return undefined;
    for (const hash of end) proof.push(hash);
    return proof;
  }

  /** The end of the proofs of all leaves of a perfect subtree that no other of this size contains. */
  private endInMemory(first: number, level: number, size: number, sha256: Sha256): readonly Uint8Array[] | undefined {
    const known = size === this.edge.size ? this.ends.get(first) : undefined;
    if (known !== undefined) return known;
    const end: Uint8Array[] = [];
    for (const nodes of inclusionNodes(first, size).slice(level)) {
      const hashes: Uint8Array[] = [];
      for (const node of nodes) {
        const hash = this.inMemory(node);
        if (hash === undefined) return undefined;
        hashes.push(hash);
      }
      end.push(foldRoot(hashes, sha256));
    }
    if (size === this.edge.size) this.ends.set(first, end);
    return end;
  }

  /** The leaf hashes from `first` to before `end`. */
  async readLeaves(first: number, end: number): Promise<Uint8Array[]> {
    const leaves: Uint8Array[] = [];
    while (first + leaves.length < end) {
      const at = first + leaves.length;
      const index = Math.floor(at / TILE_WIDTH);
      const from = index * TILE_WIDTH;
      const hashes = await this.readTile(0, index, Math.min(TILE_WIDTH, this.edge.size - from));
      if (hashes === undefined) throw new Error(`leaf ${at} is not in a tree of ${this.edge.size}`);
      for (let i = at - from; from + i < end && i * HASH_SIZE < hashes.length; i++) {
        leaves.push(hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE));
      }
    }
    return leaves;
  }

  /** The bottom hashes of a tile of this tree, `width` × 32 bytes, or undefined when this tree has no such tile. */
  async readTile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    const partial = this.edge.tile(level, index);
    if (partial !== undefined) return width <= partial.width ? partial.hashes(width) : undefined;
    if (index >= Math.floor(this.edge.size / TILE_WIDTH ** (level + 1))) return undefined;
    const hashes = this.cache.hashes(level, index) ?? (await this.readFullTile(level, index));
    return width === TILE_WIDTH ? hashes : hashes.subarray(0, width * HASH_SIZE);
  }

  private async read(node: NodeId): Promise<Uint8Array> {
    const { tileLevel, tileIndex, height, index } = place(node);
    const isFull = tileIndex < Math.floor(this.edge.size / TILE_WIDTH ** (tileLevel + 1));
    // What was read may have given way to other reads before we come to it: then once more.
    for (let attempt = 0; isFull && attempt < READS; attempt++) {
      if (!this.cache.has(tileLevel, tileIndex)) await this.readFullTile(tileLevel, tileIndex);
      if (tileLevel === 0 && this.inMemory(node) === undefined) await this.cache.readBelow(tileIndex, height, index);
      const hash = this.inMemory(node);
      if (hash !== undefined) return hash;
    }
    const hash = this.inMemory(node);
    if (hash === undefined) throw new Error(`node ${node.level}/${node.index} is not in a tree of ${this.edge.size}`);
    return hash;
  }

  /** The tile above, or the edge, says which root it must have, and so on up to the root that was signed. */
  private async readFullTile(level: number, index: number): Promise<Uint8Array> {
    const [root] = await this.readHashes([{ level: TILE_HEIGHT * (level + 1), index }]);
    return this.cache.read(level, index, root!);
  }
}

function place({ level, index }: NodeId): { tileLevel: number; tileIndex: number; height: number; index: number } {
  const height = level % TILE_HEIGHT;
  const perTile = TILE_WIDTH >> height;
  return {
    tileLevel: Math.floor(level / TILE_HEIGHT),
    tileIndex: Math.floor(index / perTile),
    height,
    index: index % perTile,
  };
}

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

/** Of so many tiles the hashes above are kept: those of a million entries. */
const TILES_WITH_ABOVE = 4_096;

/** The nodes of the tree at one size: the edge has the partial tiles, the cache and the database the full ones. */
export class TreeReader implements HashReader {
  readonly edge: TreeEdge;
  private readonly cache: TileCache;
  /** Of this tree, by their first leaf: the subtrees at its end that are not perfect, one a level at most. */
  private readonly ends = new Map<number, Uint8Array>();
  /** Of this tree, by full tile: what all proofs of its leaves end with. */
  private readonly above = new Map<number, readonly Uint8Array[]>();

  constructor(edge: TreeEdge, cache: TileCache) {
    this.edge = edge;
    this.cache = cache;
  }

  /** A node's hash, unless it has to be read from the database. */
  inMemory(node: NodeId): Uint8Array | undefined {
    const inEdge = this.edge.node(node);
    if (inEdge !== undefined) return inEdge;
    const { tileLevel, tileIndex, height, index } = place(node);
    return this.cache.node(tileLevel, tileIndex, height, index);
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

  /** The same without its first hashes, or undefined when a part of it has to be read. */
  inclusionInMemory(index: number, size: number, sha256: Sha256, without = 0): Uint8Array[] | undefined {
    const tile = Math.floor(index / TILE_WIDTH);
    const isInFullTile = Number.isInteger(index) && index >= 0 && (tile + 1) * TILE_WIDTH <= this.edge.size;
    if (size !== this.edge.size || !isInFullTile || without > 0) {
      return this.inMemoryOver(inclusionNodes(index, size).slice(without), size, sha256);
    }
    const proof: Uint8Array[] = [];
    for (let height = 0; height < TILE_HEIGHT; height++) {
      const beside = ((index % TILE_WIDTH) >> height) ^ 1;
      const hash = this.cache.node(0, tile, height, beside);
      if (hash === undefined) return undefined;
      proof.push(hash);
    }
    const above = this.aboveInMemory(tile, sha256);
    if (above === undefined) return undefined;
    for (const hash of above) proof.push(hash);
    return proof;
  }

  private aboveInMemory(tile: number, sha256: Sha256): readonly Uint8Array[] | undefined {
    const known = this.above.get(tile);
    if (known !== undefined) return known;
    const { size } = this.edge;
    const hashes = this.inMemoryOver(inclusionNodes(tile * TILE_WIDTH, size).slice(TILE_HEIGHT), size, sha256);
    if (hashes === undefined) return undefined;
    // Of two tiles that have one root over them, all but the first hash is the same: it is there once.
    const neighbour = this.above.get(tile % 2 === 0 ? tile + 1 : tile - 1);
    if (neighbour?.length === hashes.length) hashes.splice(1, hashes.length, ...neighbour.slice(1));
    if (this.above.size >= TILES_WITH_ABOVE) this.above.clear();
    this.above.set(tile, hashes);
    return hashes;
  }

  private inMemoryOver(groups: readonly (readonly NodeId[])[], size: number, sha256: Sha256): Uint8Array[] | undefined {
    const proof: Uint8Array[] = [];
    for (const nodes of groups) {
      const hash = nodes.length === 1 ? this.inMemory(nodes[0]!) : this.endInMemory(nodes, size, sha256);
      if (hash === undefined) return undefined;
      proof.push(hash);
    }
    return proof;
  }

  /** Over more than one perfect subtree, which is so at the end of the tree alone: one hash that nearly all proofs share. */
  private endInMemory(nodes: readonly NodeId[], size: number, sha256: Sha256): Uint8Array | undefined {
    const first = nodes[0]!.index * 2 ** nodes[0]!.level;
    const known = size === this.edge.size ? this.ends.get(first) : undefined;
    if (known !== undefined) return known;
    const hashes: Uint8Array[] = [];
    for (const node of nodes) {
      const hash = this.inMemory(node);
      if (hash === undefined) return undefined;
      hashes.push(hash);
    }
    const end = foldRoot(hashes, sha256);
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
    if (tileIndex < Math.floor(this.edge.size / TILE_WIDTH ** (tileLevel + 1))) {
      if (this.cache.node(tileLevel, tileIndex, TILE_HEIGHT, 0) === undefined) {
        await this.readFullTile(tileLevel, tileIndex);
      }
      if (this.inMemory(node) === undefined) await this.cache.readBelow(tileLevel, tileIndex, height, index);
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

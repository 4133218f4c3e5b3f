import { type HashReader, type NodeId, type Sha256, TILE_HEIGHT, TILE_WIDTH } from '@assent/verifier';
import { TileNodes } from './tile-nodes.ts';
import type { FullTile, TreeEdge } from './tree-edge.ts';

export type ReadFullTile = (level: number, index: number) => Promise<Uint8Array | undefined>;

/** How many full tiles stay in memory, 16 kB each. */
const CACHED_TILES = 2_048;

/** Full tiles, which never change: read from the database once, the least recently used one is dropped. */
export class TileCache {
  private readonly tiles: Map<string, TileNodes>;
  private readonly readFullTile: ReadFullTile;
  private readonly sha256: Sha256;

  constructor(readFullTile: ReadFullTile, sha256: Sha256, tiles = new Map<string, TileNodes>()) {
    this.tiles = tiles;
    this.readFullTile = readFullTile;
    this.sha256 = sha256;
  }

  /** The same tiles in memory, with another way to those that are not there. */
  through(readFullTile: ReadFullTile): TileCache {
    return new TileCache(readFullTile, this.sha256, this.tiles);
  }

  add({ level, index, nodes }: FullTile): void {
    this.tiles.set(`${level}/${index}`, nodes);
    if (this.tiles.size > CACHED_TILES) this.tiles.delete(this.tiles.keys().next().value!);
  }

  cached(level: number, index: number): TileNodes | undefined {
    const key = `${level}/${index}`;
    const nodes = this.tiles.get(key);
    if (nodes !== undefined) {
      this.tiles.delete(key);
      this.tiles.set(key, nodes);
    }
    return nodes;
  }

  /** Throws an Error when the tile is not stored, though it should be. */
  async read(level: number, index: number): Promise<TileNodes> {
    const cached = this.cached(level, index);
    if (cached !== undefined) return cached;
    const hashes = await this.readFullTile(level, index);
    if (hashes === undefined) throw new Error(`full tile ${level}/${index} is not in the database`);
    const nodes = TileNodes.fromHashes(hashes, this.sha256);
    this.add({ level, index, nodes });
    return nodes;
  }
}

/** The nodes of the tree at one size: the edge has the partial tiles, the cache and the database the full ones. */
export class TreeReader implements HashReader {
  readonly edge: TreeEdge;
  private readonly cache: TileCache;

  constructor(edge: TreeEdge, cache: TileCache) {
    this.edge = edge;
    this.cache = cache;
  }

  async readHashes(nodes: readonly NodeId[]): Promise<readonly Uint8Array[]> {
    const hashes: Uint8Array[] = [];
    for (const node of nodes) {
      const { tileLevel, tileIndex, height, index } = place(node);
      const hash =
        this.edge.node(node) ??
        this.cache.cached(tileLevel, tileIndex)?.node(height, index) ??
        (await this.cache.read(tileLevel, tileIndex)).node(height, index);
      if (hash === undefined) throw new Error(`node ${node.level}/${node.index} is not in a tree of ${this.edge.size}`);
      hashes.push(hash);
    }
    return hashes;
  }

  /** The bottom hashes of a tile of this tree, `width` × 32 bytes, or undefined when this tree has no such tile. */
  async readTile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    const partial = this.edge.tile(level, index);
    if (partial !== undefined) return width <= partial.width ? partial.hashes(width) : undefined;
    if (index >= Math.floor(this.edge.size / TILE_WIDTH ** (level + 1))) return undefined;
    return (await this.cache.read(level, index)).hashes(width);
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

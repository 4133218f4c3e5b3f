import {
  concatBytes,
  emptyRoot,
  foldRoot,
  HASH_SIZE,
  type NodeId,
  rootNodes,
  type Sha256,
  TILE_HEIGHT,
  TILE_WIDTH,
} from '@assent/verifier';
import { TileNodes } from './tile-nodes.ts';

/** A tile that became full: it is stored once and never changes. `hashes` are 256 × 32 bytes. */
export type FullTile = { readonly level: number; readonly index: number; readonly nodes: TileNodes };

/**
 * The right edge of the tree: on each tile level the one tile that is not full yet. From it alone the root of the tree
 * is computed, and it grows by batches. A value, not a state: {@link extend} returns the next edge, so whoever loses a
 * race or a connection still holds, or drops, exactly what was true before.
 */
export class TreeEdge {
  readonly size: number;
  /** Per tile level, the partial tile; its width is 0 where the level ends on a full tile. */
  private readonly tiles: readonly TileNodes[];
  /** The index of each of them. */
  private readonly places: readonly number[];
  private readonly sha256: Sha256;

  private constructor(size: number, tiles: readonly TileNodes[], sha256: Sha256) {
    this.size = size;
    this.tiles = tiles;
    this.places = tiles.map((_, level) => Math.floor(size / TILE_WIDTH ** (level + 1)));
    this.sha256 = sha256;
  }

  static empty(sha256: Sha256): TreeEdge {
    return new TreeEdge(0, [], sha256);
  }

  /** From the partial tile of each level, lowest first. Whoever read them compares {@link root} with a head's. */
  static fromTiles(size: number, tiles: readonly TileNodes[], sha256: Sha256): TreeEdge {
    return new TreeEdge(size, tiles, sha256);
  }

  /** The edge after `leafHashes` (n × 32 bytes) were appended, and the tiles that became full, lower levels first. */
  extend(leafHashes: Uint8Array): { edge: TreeEdge; fullTiles: FullTile[] } {
    const added = leafHashes.length / HASH_SIZE;
    if (!Number.isInteger(added)) throw new RangeError('leafHashes: not a whole number of hashes');
    const size = this.size + added;
    const tiles = [...this.tiles];
    const fullTiles: FullTile[] = [];
    let hashes = leafHashes;
    for (let level = 0; hashes.length > 0; level++) {
      const roots: Uint8Array[] = [];
      let tile = tiles[level] ?? TileNodes.empty;
      let index = Math.floor(this.size / TILE_WIDTH ** (level + 1));
      for (let at = 0; at < hashes.length; ) {
        const end = Math.min(hashes.length, at + (TILE_WIDTH - tile.width) * HASH_SIZE);
        tile = tile.extend(hashes.subarray(at, end), this.sha256);
        at = end;
        if (tile.width === TILE_WIDTH) {
          fullTiles.push({ level, index, nodes: tile });
          roots.push(tile.node(TILE_HEIGHT, 0)!);
          tile = TileNodes.empty;
          index++;
        }
      }
      tiles[level] = tile;
      hashes = concatBytes(...roots);
    }
    return { edge: new TreeEdge(size, tiles, this.sha256), fullTiles };
  }

  /** The root of the whole tree (RFC 6962 §2.1). */
  root(): Uint8Array {
    if (this.size === 0) return emptyRoot(this.sha256);
    const hashes = rootNodes(this.size).map((node) => {
      const hash = this.node(node);
      if (hash === undefined) throw new Error(`the edge of size ${this.size} lacks node ${node.level}/${node.index}`);
      return hash;
    });
    return foldRoot(hashes, this.sha256);
  }

  /** A node's hash when it lies in one of the partial tiles; undefined when it must be read from a full one. */
  node({ level, index }: NodeId): Uint8Array | undefined {
    const height = level % TILE_HEIGHT;
    const perTile = TILE_WIDTH >> height;
    const tile = this.tile((level - height) / TILE_HEIGHT, Math.floor(index / perTile));
    return tile?.node(height, index % perTile);
  }

  /** The partial tile at `level`, when `index` is its place. */
  tile(level: number, index: number): TileNodes | undefined {
    return index === this.places[level] ? this.tiles[level] : undefined;
  }
}

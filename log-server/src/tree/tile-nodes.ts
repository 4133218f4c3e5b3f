import { HASH_SIZE, type Sha256, TILE_HEIGHT, TILE_WIDTH } from '@assent/verifier';
import { hashPair, PerfectSubtree } from './perfect-subtree.ts';

/** Where the nodes of each height begin in {@link TileNodes.data}: 256 bottom hashes, then 128, 64, … 1. */
const OFFSETS: readonly number[] = Array.from({ length: TILE_HEIGHT + 1 }, (_, height) =>
  Array.from({ length: height }, (_, below) => TILE_WIDTH >> below).reduce((sum, count) => sum + count, 0),
);
const NODES = OFFSETS[TILE_HEIGHT]! + 1;

/**
 * One tile with all its complete interior nodes, so that a proof costs look-ups instead of 255 hashes a tile.
 * Immutable: {@link extend} copies (16 kB), because a batch whose statement did not commit must leave no trace.
 */
export class TileNodes {
  static readonly empty = new TileNodes(new Uint8Array(0), 0);

  private readonly data: Uint8Array;
  /** How many bottom hashes there are, 0 to 256. */
  readonly width: number;

  private constructor(data: Uint8Array, width: number) {
    this.data = data;
    this.width = width;
  }

  /** From the bottom hashes of a tile: `width` × 32 bytes. */
  static fromHashes(hashes: Uint8Array, sha256: Sha256): TileNodes {
    return TileNodes.empty.extend(hashes, sha256);
  }

  /** The tile with more bottom hashes on its right. Throws a RangeError when they do not fit. */
  extend(hashes: Uint8Array, sha256: Sha256): TileNodes {
    const added = hashes.length / HASH_SIZE;
    const width = this.width + added;
    if (!Number.isInteger(added) || width > TILE_WIDTH) {
      throw new RangeError(`hashes: ${hashes.length} bytes do not fit a tile of width ${this.width}`);
    }
    const data = new Uint8Array(NODES * HASH_SIZE);
    data.set(this.data);
    data.set(hashes, this.width * HASH_SIZE);
    for (let height = 1; height <= TILE_HEIGHT; height++) {
      const below = OFFSETS[height - 1]!;
      for (let i = this.width >> height; i < width >> height; i++) {
        data.set(hashPair(data, (below + 2 * i) * HASH_SIZE, sha256), (OFFSETS[height]! + i) * HASH_SIZE);
      }
    }
    return new TileNodes(data, width);
  }

  /** The node `index` at `height` (0 is the bottom, 8 the root of a full tile), or undefined while it is incomplete. */
  node(height: number, index: number): Uint8Array | undefined {
    if (height < 0 || height > TILE_HEIGHT || index < 0 || index >= this.width >> height) return undefined;
    const start = (OFFSETS[height]! + index) * HASH_SIZE;
    return this.data.subarray(start, start + HASH_SIZE);
  }

  /** All nodes of a full tile at `height`, lowest index first. Throws a RangeError for a tile that is not full. */
  row(height: number): Uint8Array {
    this.checkFull();
    const start = OFFSETS[height]! * HASH_SIZE;
    return this.data.subarray(start, start + (TILE_WIDTH >> height) * HASH_SIZE);
  }

  /** The same tile as memory of its own. Throws a RangeError for one that is not full. */
  copy(): PerfectSubtree {
    this.checkFull();
    return new PerfectSubtree(this.data.slice(), TILE_WIDTH);
  }

  /** The first `width` bottom hashes, as a tile is served. */
  hashes(width: number = this.width): Uint8Array {
    if (width > this.width) throw new RangeError(`width: this tile has ${this.width} hashes, not ${width}`);
    return this.data.subarray(0, width * HASH_SIZE);
  }

  private checkFull(): void {
    if (this.width !== TILE_WIDTH) throw new RangeError(`this tile has ${this.width} hashes, not ${TILE_WIDTH}`);
  }
}

import { HASH_SIZE, type Sha256, TILE_HEIGHT, TILE_WIDTH } from '@assent/verifier';
import { hashPair } from './perfect-subtree.ts';
import type { TileNodes } from './tile-nodes.ts';

/** From where on a tile's nodes are kept for proofs: what lies below is eight hashes a group. */
export const GROUP_HEIGHT = 3;

/** Every second row: the one between two costs a proof one hash, and would be a third of the memory. */
const ROWS = [GROUP_HEIGHT, GROUP_HEIGHT + 2, GROUP_HEIGHT + 4] as const;

const widthOf = (rows: readonly number[]): number => rows.reduce((sum, height) => sum + (TILE_WIDTH >> height), 0);
/** Where each row begins among the hashes that are kept of a tile, by its height. */
const STARTS: ReadonlyMap<number, number> = new Map(ROWS.map((height, i) => [height, widthOf(ROWS.slice(0, i))]));
const TOP_BYTES = widthOf(ROWS) * HASH_SIZE;
/** Of a tile's place in the map and the arrays. */
const OVERHEAD = 50;

/**
 * The upper parts of full tiles over leaves, as many as there are places for. Tens of thousands of them are one piece of
 * memory: as objects they would take a third more, and leave holes between what else comes and goes. It is filled as
 * tiles come, so that a small log's is not there.
 *
 * When all places are taken, a new tile gets that of the first one, in turn, that was not used since the last turn.
 */
export class TileTops {
  private readonly memory: Uint8Array;
  private readonly places = new Map<number, number>();
  /** By place: whose it is, and whether that was used. */
  private readonly tiles: Float64Array;
  private readonly used: Uint8Array;
  private next = 0;

  /** @param count of tiles */
  constructor(count: number) {
    this.memory = new Uint8Array(count * TOP_BYTES);
    this.tiles = new Float64Array(count);
    this.used = new Uint8Array(count);
  }

  /** What it takes in memory by now, all told. */
  get bytes(): number {
    return this.places.size * (TOP_BYTES + OVERHEAD);
  }

  /** Throws a RangeError for a tile that is not full. */
  set(index: number, tile: TileNodes): void {
    const rows = ROWS.map((height) => tile.row(height));
    const place = this.places.get(index) ?? this.take(index);
    ROWS.forEach((height, i) => {
      this.memory.set(rows[i]!, place * TOP_BYTES + STARTS.get(height)! * HASH_SIZE);
    });
  }

  has(index: number): boolean {
    return this.places.has(index);
  }

  /**
   * A node of a tile, at `height` above its bottom, from {@link GROUP_HEIGHT} on, if the tile is here. It is memory of its
   * own: the place may be another tile's before the caller is done with it.
   */
  node(index: number, height: number, at: number, sha256: Sha256): Uint8Array | undefined {
    if (height < GROUP_HEIGHT || height > TILE_HEIGHT) throw new RangeError('height: not one of the upper part');
    const place = this.places.get(index);
    if (place === undefined) return undefined;
    this.used[place] = 1;
    const start = STARTS.get(height);
    if (start === undefined) {
      return hashPair(this.memory, place * TOP_BYTES + (STARTS.get(height - 1)! + 2 * at) * HASH_SIZE, sha256);
    }
    const from = place * TOP_BYTES + (start + at) * HASH_SIZE;
    return Buffer.from(this.memory.subarray(from, from + HASH_SIZE));
  }

  private take(index: number): number {
    const place = this.places.size < this.used.length ? this.places.size : this.takeUnused();
    this.places.set(index, place);
    this.tiles[place] = index;
    this.used[place] = 0;
    return place;
  }

  private takeUnused(): number {
    while (this.used[this.next] === 1) {
      this.used[this.next] = 0;
      this.next = (this.next + 1) % this.used.length;
    }
    const place = this.next;
    this.next = (place + 1) % this.used.length;
    this.places.delete(this.tiles[place]!);
    return place;
  }
}

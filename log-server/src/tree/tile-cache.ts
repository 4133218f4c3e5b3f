import { equalBytes, HASH_SIZE, type Sha256, TILE_HEIGHT, TILE_WIDTH } from '@assent/verifier';
import { ByteCache } from '../byte-cache.ts';
import { Problem } from '../problems.ts';
import { PerfectSubtree, perfectRoot } from './perfect-subtree.ts';
import { TileNodes } from './tile-nodes.ts';
import { GROUP_HEIGHT, TileTops } from './tile-tops.ts';
import type { FullTile } from './tree-edge.ts';

/** The 256 bottom hashes of a full tile, or `count` of them, or undefined when it is not stored. */
export type ReadFullTile = (
  level: number,
  index: number,
  part?: { readonly from: number; readonly count: number },
) => Promise<Uint8Array | undefined>;

export const GROUP_WIDTH = 2 ** GROUP_HEIGHT;
const GROUPS = TILE_WIDTH / GROUP_WIDTH;

/** A Map's own entry and the objects around a buffer. */
const OVERHEAD = 250;
/** Upper parts of tiles over 5.6 million entries: 30 MB. */
const TOPS = 22_000;
/** Whole tiles above the lowest level: a thousand of them, over 66 million entries. */
const WHOLES_BYTES = 16 * 1024 * 1024;
/** What comes with an entry is used for its proof at once, and comes again with the entry. */
const GROUPS_BYTES = 1024 * 1024;
/** Tiles of the lowest level as they are served: 3,970 of them, over a million entries. */
const HASHES_BYTES = 32 * 1024 * 1024;
/** These and the upper parts: of a larger log fewer tiles as they are served, as every proof needs the upper parts. */
const LOWEST_BYTES = 39 * 1024 * 1024;

type Memory = {
  readonly tops: TileTops;
  readonly wholes: ByteCache<PerfectSubtree>;
  readonly groups: ByteCache<PerfectSubtree>;
  readonly hashes: ByteCache<Uint8Array>;
};

/**
 * Full tiles, which never change, as much of them as some memory holds. A proof takes one hash of each height from a tile,
 * and to compute the upper ones of them from a tile's 256 hashes takes 0.2 ms. So of the tiles over leaves the upper parts
 * are kept first (1.3 kB each, so that millions of entries fit); the lower parts come in groups of 8 hashes, with the entries
 * that are read (`store/entry-reads.ts`). Tiles above those are kept as a whole: every proof needs hashes of all their
 * heights, nothing brings these with it, and there is one such tile for 65,536 entries.
 *
 * Nothing is kept that was not compared: a tile with its root in the tile above, a group with its root in its tile.
 */
export class TileCache {
  private readonly readFullTile: ReadFullTile;
  private readonly sha256: Sha256;
  private readonly memory: Memory;
  private readonly reading = new Map<number, Promise<Uint8Array>>();

  constructor(readFullTile: ReadFullTile, sha256: Sha256, memory?: Memory) {
    this.readFullTile = readFullTile;
    this.sha256 = sha256;
    this.memory = memory ?? {
      ...lowestTiles(LOWEST_BYTES),
      wholes: new ByteCache(WHOLES_BYTES),
      groups: new ByteCache(GROUPS_BYTES),
    };
  }

  /** The same tiles in memory, with another way to those that are not there. */
  through(readFullTile: ReadFullTile): TileCache {
    return new TileCache(readFullTile, this.sha256, this.memory);
  }

  /** Takes a tile that the caller computed from its leaves. */
  add(tile: FullTile): void {
    this.addNodes(tile);
    const { level, index, nodes } = tile;
    if (level > 0) return;
    // A copy: a view would keep all of the memory behind it.
    const hashes = nodes.hashes().slice();
    this.memory.hashes.set(index, hashes, hashes.length + OVERHEAD);
  }

  /** The same of a tree's tiles in their order: what would be dropped again is not copied first. */
  addOf(tile: FullTile, size: number): void {
    const leavesAfter = size - (tile.index + 1) * TILE_WIDTH ** (tile.level + 1);
    if (leavesAfter < this.memory.hashes.maxBytes / HASH_SIZE) this.add(tile);
    else this.addNodes(tile);
  }

  private addNodes({ level, index, nodes }: FullTile): void {
    if (level === 0) {
      this.memory.tops.set(index, nodes);
    } else {
      const whole = nodes.copy();
      this.memory.wholes.set(keyOf(level, index), whole, whole.bytes + OVERHEAD);
    }
  }

  /** Takes a group of stored leaf hashes (8 × 32 bytes), and returns whether they are known to be those of the tile. */
  addGroup(index: number, group: number, hashes: Uint8Array): boolean {
    const root = this.memory.tops.node(index, GROUP_HEIGHT, group, this.sha256);
    return root !== undefined && this.addGroupOf(root, index, group, hashes);
  }

  /** @param root of the group, out of its tile */
  private addGroupOf(root: Uint8Array, index: number, group: number, hashes: Uint8Array): boolean {
    if (hashes.length !== GROUP_WIDTH * HASH_SIZE) return false;
    const nodes = PerfectSubtree.over(hashes, this.sha256);
    if (!equalBytes(nodes.root, root)) return false;
    this.memory.groups.set(index * GROUPS + group, nodes, nodes.bytes + OVERHEAD);
    return true;
  }

  /** A node of a full tile, at `height` above its bottom, if it is in memory. */
  node(level: number, index: number, height: number, at: number): Uint8Array | undefined {
    if (level > 0) return this.memory.wholes.get(keyOf(level, index))?.node(height, at);
    if (height >= GROUP_HEIGHT) return this.memory.tops.node(index, height, at, this.sha256);
    const perGroup = GROUP_WIDTH >> height;
    const group = Math.floor(at / perGroup);
    return (
      this.memory.groups.get(index * GROUPS + group)?.node(height, at % perGroup) ?? this.overHashes(index, height, at)
    );
  }

  /** Whether a full tile is in memory, but for the lower part of one over leaves. */
  has(level: number, index: number): boolean {
    return level === 0 ? this.memory.tops.has(index) : this.memory.wholes.get(keyOf(level, index)) !== undefined;
  }

  /** Whether the eight leaf hashes of a group are in memory. */
  hasGroup(index: number, group: number): boolean {
    return this.memory.groups.get(index * GROUPS + group) !== undefined || this.memory.hashes.get(index) !== undefined;
  }

  /** The bottom hashes of a full tile, if they are in memory. */
  hashes(level: number, index: number): Uint8Array | undefined {
    return level === 0 ? this.memory.hashes.get(index) : this.memory.wholes.get(keyOf(level, index))?.bottom;
  }

  /**
   * Reads the eight leaf hashes below a node that is in the lower part of a tile, if the tile is in memory to compare them
   * with. Throws as {@link read} does.
   */
  async readBelow(index: number, height: number, at: number): Promise<void> {
    const group = Math.floor(at / (GROUP_WIDTH >> height));
    // Before the database is asked: meanwhile the tile's place may become another one's, which would pass for damage.
    const root = this.memory.tops.node(index, GROUP_HEIGHT, group, this.sha256);
    if (root === undefined) return;
    const hashes = await this.readFullTile(0, index, { from: group * GROUP_WIDTH, count: GROUP_WIDTH });
    if (hashes === undefined) throw missing(0, index);
    if (!this.addGroupOf(root, index, group, hashes)) throw damaged(0, index);
  }

  /**
   * Reads a tile, and keeps it if its root is this one. Whoever waits for the same tile shares the work.
   *
   * Throws a Problem `stored_data_damaged`, also when the tile is not stored, though it should be.
   */
  read(level: number, index: number, root: Uint8Array): Promise<Uint8Array> {
    const key = keyOf(level, index);
    const known = this.reading.get(key);
    if (known !== undefined) return known;
    const reading = this.readNow(level, index, root).finally(() => this.reading.delete(key));
    this.reading.set(key, reading);
    return reading;
  }

  private async readNow(level: number, index: number, root: Uint8Array): Promise<Uint8Array> {
    const hashes = await this.readFullTile(level, index);
    if (hashes === undefined) throw missing(level, index);
    const nodes = TileNodes.fromHashes(hashes, this.sha256);
    const computed = nodes.node(TILE_HEIGHT, 0);
    if (computed === undefined || !equalBytes(computed, root)) throw damaged(level, index);
    this.add({ level, index, nodes });
    return hashes;
  }

  /**
   * The same out of the tile's hashes, if they are in memory. It is not kept: a proof takes four hashes for all three
   * heights, and whatever is kept for each of many proofs at random places outlives several collections of garbage.
   */
  private overHashes(index: number, height: number, at: number): Uint8Array | undefined {
    const hashes = this.memory.hashes.get(index);
    if (hashes === undefined) return undefined;
    const size = HASH_SIZE << height;
    const below = hashes.subarray(at * size, (at + 1) * size);
    return height === 0 ? below : perfectRoot(below, this.sha256);
  }
}

/** Memory for the tiles over leaves, of `bytes` in all. */
export function lowestTiles(bytes: number): Pick<Memory, 'tops' | 'hashes'> {
  const tops = new TileTops(TOPS);
  return { tops, hashes: new ByteCache(() => Math.min(HASHES_BYTES, bytes - tops.bytes)) };
}

/** A number for each tile of all levels. */
function keyOf(level: number, index: number): number {
  return level * 2 ** 45 + index;
}

function missing(level: number, index: number): Problem {
  const message = `The full tile ${level}/${index} is not in the database, though the signed tree has it; the operator must restore it from a copy.`;
  return new Problem('stored_data_damaged', message);
}

function damaged(level: number, index: number): Problem {
  const message = `The stored tile ${level}/${index} does not match the signed tree. It was not used; the operator must restore it from a copy.`;
  return new Problem('stored_data_damaged', message);
}

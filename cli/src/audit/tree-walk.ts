/**
 * The tree over all entries so far, grown from bundle to bundle with the right edge alone in memory (C2SP tlog-tiles: on each level of
 * tiles above the lowest the one that is not full yet).
 */
import {
  base64Decode,
  base64Encode,
  concatBytes,
  foldRoot,
  HASH_SIZE,
  type NodeId,
  nodeInTile,
  rangeNodes,
  TILE_HEIGHT,
  TILE_WIDTH,
  type Tile,
} from '@assent/verifier';
import { foldPerfect } from './fold.ts';
import { nativeSha256 } from './native-primitives.ts';

/** A tile whose hashes were computed from entries. */
export type ComputedTile = Tile & { readonly hashes: Uint8Array };

export class TreeWalk {
  /** Per level of tiles, from 1 up, the hashes of the tile that is not full. */
  readonly #tiles: Uint8Array[];
  /** Full bundles so far. */
  #bundles: number;

  private constructor(bundles: number, tiles: readonly Uint8Array[]) {
    this.#bundles = bundles;
    this.#tiles = [...tiles];
  }

  static empty(): TreeWalk {
    return new TreeWalk(0, []);
  }

  /** The same again, which grows apart from it. */
  copy(): TreeWalk {
    return new TreeWalk(this.#bundles, this.#tiles);
  }

  /** Entries in full bundles so far. */
  get size(): number {
    return this.#bundles * TILE_WIDTH;
  }

  /** Takes the root over the next 256 leaves. Returns the tiles that became full. */
  add(root: Uint8Array): ComputedTile[] {
    const full: ComputedTile[] = [];
    let hash = root;
    let index = this.#bundles++;
    for (let level = 1; ; level++) {
      const hashes = concatBytes(this.#tiles[level - 1] ?? new Uint8Array(0), hash);
      index = Math.floor(index / TILE_WIDTH);
      if (hashes.length < TILE_WIDTH * HASH_SIZE) {
        this.#tiles[level - 1] = hashes;
        return full;
      }
      full.push({ level, index, width: TILE_WIDTH, hashes });
      this.#tiles[level - 1] = new Uint8Array(0);
      hash = foldPerfect(hashes, TILE_HEIGHT);
    }
  }

  /** The root of the tree of all full bundles and of these further leaf hashes, fewer than 256 of them. */
  root(leaves: Uint8Array): Uint8Array {
    const rows = [leaves, ...this.#tiles];
    const hashes: Uint8Array[] = [];
    for (let level = rows.length - 1; level >= 0; level--) {
      const row = rows[level]!;
      hashes.push(...nodesOf(row.length / HASH_SIZE).map((node) => nodeInTile(node, row, nativeSha256)));
    }
    return foldRoot(hashes, nativeSha256);
  }

  /** The tiles above the lowest level that are not full. */
  partialTiles(): ComputedTile[] {
    return this.#tiles.flatMap((hashes, i) => {
      const level = i + 1;
      const index = Math.floor(this.#bundles / TILE_WIDTH ** level);
      return hashes.length === 0 ? [] : [{ level, index, width: hashes.length / HASH_SIZE, hashes }];
    });
  }

  /** For a state file. */
  format(): readonly string[] {
    return this.#tiles.map(base64Encode);
  }

  /** Undefined for what no walk of this size formats. */
  static parse(size: number, tiles: readonly string[]): TreeWalk | undefined {
    const bundles = size / TILE_WIDTH;
    const rows = tiles.map(base64Decode);
    const widths = rows.map((row, i) => row.ok && row.value.length === widthAt(bundles, i) * HASH_SIZE);
    if (!Number.isSafeInteger(bundles) || widths.includes(false) || widthsEnd(bundles) > rows.length) return undefined;
    return new TreeWalk(
      bundles,
      rows.map((row) => (row.ok ? row.value : new Uint8Array(0))),
    );
  }
}

/** Of the tile on level i + 1 that is not full. */
function widthAt(bundles: number, i: number): number {
  return Math.floor(bundles / TILE_WIDTH ** i) % TILE_WIDTH;
}

function widthsEnd(bundles: number): number {
  let levels = 0;
  while (bundles >= TILE_WIDTH ** levels) levels++;
  return levels;
}

/** The perfect subtrees over so many hashes of one tile, as nodes within it. */
function nodesOf(width: number): readonly NodeId[] {
  return width === 0 ? [] : rangeNodes(0, width);
}

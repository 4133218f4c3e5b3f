/**
 * Tiles of one tree (C2SP tlog-tiles), each proved to be of that tree before it is handed out, whoever it came from.
 *
 * The partial tiles, one a level, fold to the root together, so they are read first. A full tile's own hash stands in the tile
 * above it, so it is as good as that one. Nothing has to be kept for it but the tiles above the one that is read.
 */
import {
  equalBytes,
  formatTilePath,
  HASH_SIZE,
  leafHash,
  nodeHash,
  nodeInTile,
  partialTiles,
  type Sha256,
  TILE_HEIGHT,
  TILE_WIDTH,
  type Tile,
  TileHashReader,
  type TileSource,
  tileWidthAt,
  treeRoot,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import type { LogSource } from './log-source.ts';
import type { TreeHead } from './signed-head.ts';

/** Exactly 32 bytes a hash; undefined where it has none. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array | undefined>;

export type TileReaders = {
  /** Where the head comes from: what is missing or wrong there ends it. */
  readonly origin: { readonly name: string; readonly read: ReadTile };
  /** Asked before, such as a copy of our own: what is missing or wrong there does not matter. */
  readonly before?: ReadTile;
};

/** 2 MB: for reading in order, those above the tiles that are read at once. */
const MAX_KEPT = 256;

export class AuthenticTiles implements TileSource {
  readonly #head: TreeHead;
  readonly #readers: TileReaders;
  readonly #sha256: Sha256;
  readonly #kept = new Map<string, Promise<Uint8Array>>();
  #edge: Promise<ReadonlyMap<number, Uint8Array>> | undefined;

  constructor(head: TreeHead, readers: TileReaders, sha256: Sha256) {
    this.#head = head;
    this.#readers = readers;
    this.#sha256 = sha256;
  }

  /**
   * The tile at this place, as wide as it is in the tree. Throws RangeError if the tree has none there; rejects with CommandFailure
   * `log_misbehaves` for tiles that are not of this tree.
   */
  async tile(level: number, index: number): Promise<Uint8Array> {
    const width = tileWidthAt(level, index, this.#head.size);
    if (width === 0) throw new RangeError('level, index: not in this tree');
    if (width < TILE_WIDTH) {
      this.#edge ??= this.#readEdge();
      return (await this.#edge).get(level)!;
    }
    const name = `${level}/${index}`;
    const kept = this.#kept.get(name) ?? this.#readFull(level, index);
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return kept;
  }

  readTile({ level, index, width }: Tile): Promise<Uint8Array> {
    if (width !== tileWidthAt(level, index, this.#head.size)) throw new RangeError('tile: not as wide as in this tree');
    return this.tile(level, index);
  }

  async #readEdge(): Promise<ReadonlyMap<number, Uint8Array>> {
    const { size, root } = this.#head;
    const { name, read } = this.#readers.origin;
    const edge = new Map<number, Uint8Array>();
    await Promise.all(
      partialTiles(size).map(async (tile) => {
        edge.set(tile.level, (await read(tile)) ?? this.#wrong(tile, 'it is missing'));
      }),
    );
    // The perfect subtrees that a root is folded from lie in the partial tiles, and each of their hashes in one of those.
    const reader = new TileHashReader(size, { readTile: async ({ level }) => edge.get(level)! }, this.#sha256);
    if (equalBytes(await treeRoot(size, reader, this.#sha256), root)) return edge;
    const paths = partialTiles(size).map(formatTilePath).join(', ');
    throw new CommandFailure(
      'log_misbehaves',
      `${name}: its tiles do not give the root that it signed at size ${size}: one of ${paths} is wrong`,
    );
  }

  async #readFull(level: number, index: number): Promise<Uint8Array> {
    const tile = { level, index, width: TILE_WIDTH };
    const above = await this.tile(level + 1, Math.floor(index / TILE_WIDTH));
    const at = (index % TILE_WIDTH) * HASH_SIZE;
    const expected = above.subarray(at, at + HASH_SIZE);
    const near = await this.#readers.before?.(tile);
    if (near !== undefined && equalBytes(rootOfFull(near, this.#sha256), expected)) return near;
    const far = (await this.#readers.origin.read(tile)) ?? this.#wrong(tile, 'it is missing');
    return equalBytes(rootOfFull(far, this.#sha256), expected)
      ? far
      : this.#wrong(tile, 'it is not of the tree that the log signed');
  }

  #wrong(tile: Tile, why: string): never {
    throw new CommandFailure('log_misbehaves', `${this.#readers.origin.name}: ${formatTilePath(tile)}: ${why}`);
  }
}

/** Those that a log serves, of one of its heads. */
export function tilesOfLog(
  source: Pick<LogSource, 'name' | 'tile'>,
  head: TreeHead,
  sha256: Sha256,
  before?: ReadTile,
): AuthenticTiles {
  const read: ReadTile = ({ level, index, width }) => source.tile(level, index, width);
  return new AuthenticTiles(head, { origin: { name: source.name, read }, ...(before && { before }) }, sha256);
}

/**
 * The first entry whose hash is not the one in its tile, by its place in the bundle; undefined if there is none. Entries that are
 * undefined are passed over.
 */
export function findChangedEntry(
  entries: readonly (Uint8Array | undefined)[],
  hashes: Uint8Array,
  sha256: Sha256,
): number | undefined {
  const changed = entries.findIndex(
    (entry, i) =>
      entry !== undefined && !equalBytes(leafHash(entry, sha256), hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE)),
  );
  return changed < 0 ? undefined : changed;
}

function rootOfFull(tile: Uint8Array, sha256: Sha256): Uint8Array {
  const half = (index: number) => nodeInTile({ level: TILE_HEIGHT - 1, index }, tile, sha256);
  return nodeHash(half(0), half(1), sha256);
}

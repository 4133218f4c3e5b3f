/**
 * Tiles: C2SP tlog-tiles, "Merkle Tree". A tile is up to 256 consecutive node hashes of one level in eight, level l of
 * tiles being level 8·l of the tree; its path names level, index in groups of three digits and, unless it is full, its
 * width.
 *
 *     { level: 0, index: 1234067, width: 256 }   tile/0/x001/x234/067
 *     { level: 1, index: 0, width: 17 }          tile/1/000.p/17
 */
import { checkSize, HASH_SIZE, isSize, type NodeId, nodeHash } from './merkle.ts';
import { fail, ok, type Result } from './result.ts';
import { sha256 as defaultSha256, type Sha256 } from './sha256.ts';

export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;
const MAX_LEVEL = 63;

/** `width` is 1 to 255 for a partial tile, 256 for a full one. */
export type Tile = { readonly level: number; readonly index: number; readonly width: number };

const TILE_PATH = /^tile\/(0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3}(?:\.p\/[1-9][0-9]{0,2})?)$/;
const POSITION = /^((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Throws RangeError on a level, index or width that no tile has. */
export function formatTilePath({ level, index, width }: Tile): string {
  if (!Number.isInteger(level) || level < 0 || level > MAX_LEVEL)
    throw new RangeError('level: not an integer from 0 to 63');
  return `tile/${level}/${formatPosition(index, width)}`;
}

/** Each tile has one path. Fails with `tile_malformed`. */
export function parseTilePath(path: string): Result<Tile> {
  const [, level, position] = TILE_PATH.exec(path) ?? [];
  const parsed = position === undefined ? undefined : parsePosition(position);
  if (parsed === undefined || Number(level) > MAX_LEVEL) return fail('tile_malformed', 'not the path of a tile');
  return ok({ level: Number(level), ...parsed });
}

/** `<N>[.p/<W>]`, which entry bundles share. Throws RangeError. */
export function formatPosition(index: number, width: number): string {
  checkSize('index', index);
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH)
    throw new RangeError('width: not an integer from 1 to 256');
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const elements = padded.match(/.{3}/g) ?? [];
  const last = elements.pop();
  const directories = elements.map((element) => `x${element}/`).join('');
  return `${directories}${last}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Undefined unless it is exactly what `formatPosition` writes: no `x000/` in front, no width of 256. */
export function parsePosition(text: string): { index: number; width: number } | undefined {
  const [, elements, partial] = POSITION.exec(text) ?? [];
  if (elements === undefined) return undefined;
  const index = Number(elements.replace(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (!isSize(index) || width > TILE_WIDTH || formatPosition(index, width) !== text) return undefined;
  return { index, width };
}

/** How many hashes the tile at this place has in a tree of this size; 0 if that tree has no such tile. */
export function tileWidthAt(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/**
 * The partial tiles of a tree of this size, lowest level first; at most one a level. Throws RangeError on a size that
 * is none.
 */
export function partialTiles(size: number): Tile[] {
  checkSize('size', size);
  const tiles: Tile[] = [];
  let hashes = size;
  for (let level = 0; hashes > 0; level++) {
    const width = hashes % TILE_WIDTH;
    const index = Math.floor(hashes / TILE_WIDTH);
    if (width > 0) tiles.push({ level, index, width });
    hashes = index;
  }
  return tiles;
}

/**
 * The tile that holds a node, or the hashes right below it, in a tree of this size. Throws RangeError if the node is
 * not in that tree.
 */
export function nodeTile(node: NodeId, size: number): Tile {
  const { level, index, first, count } = placeInTile(node);
  const width = tileWidthAt(level, index, size);
  if (first + count > width) throw new RangeError('node: not in a tree of this size');
  return { level, index, width };
}

/**
 * The node's hash out of the bytes of its tile (`nodeTile`), folded from up to 128 hashes. Throws RangeError if they
 * are too short.
 */
export function nodeInTile(node: NodeId, tile: Uint8Array, sha256: Sha256 = defaultSha256): Uint8Array {
  const { first, count } = placeInTile(node);
  if (tile.length < (first + count) * HASH_SIZE) throw new RangeError('tile: too short to hold the node');
  let row: Uint8Array[] = Array.from({ length: count }, (_, i) =>
    tile.slice((first + i) * HASH_SIZE, (first + i + 1) * HASH_SIZE),
  );
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, i) => nodeHash(row[2 * i]!, row[2 * i + 1]!, sha256));
  }
  return row[0]!;
}

/** The node is the root over `count` hashes of the tile, from the one at `first` on. */
function placeInTile({ level, index }: NodeId): { level: number; index: number; first: number; count: number } {
  const count = 2 ** (level % TILE_HEIGHT);
  const perTile = TILE_WIDTH / count; // nodes of this level in one tile
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: Math.floor(index / perTile),
    first: (index % perTile) * count,
    count,
  };
}

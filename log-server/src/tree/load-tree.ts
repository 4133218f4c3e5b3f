import { equalBytes, HASH_SIZE, hexEncode, type Sha256, TILE_HEIGHT, TILE_WIDTH } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { Head } from '../store/append-batch.ts';
import { readLeafHashes } from '../store/entries.ts';
import { readFullTiles } from '../store/tiles.ts';
import type { TileCache } from './tile-cache.ts';
import { TileNodes } from './tile-nodes.ts';
import { type FullTile, TreeEdge } from './tree-edge.ts';

/** Of how many of the newest leaves {@link newestTiles} keeps the tiles: 256 tiles of 16 kB. */
const NEWEST = 65_536;

/** A head and the tree that it covers: the edge's root is the head's. */
export type TreeState = { readonly head: Head; readonly edge: TreeEdge };

/** What is stored does not add up to the head that covers it. Nothing may be signed or appended on top of it. */
export class TreeDamaged extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TreeDamaged';
  }
}

/**
 * Recomputes the whole tree from the stored leaf hashes and compares the root with the head's and every full tile with
 * the stored one. Done at start: a tree that was damaged while the log was down must not be extended.
 *
 * @param cache gets all tiles, as much of them as it holds: what is computed here no proof has to compute again
 */
export async function recomputeTree(
  kysely: Kysely<Schema>,
  head: Head,
  sha256: Sha256,
  cache?: TileCache,
): Promise<TreeState> {
  let edge = TreeEdge.empty(sha256);
  for await (const hashes of readLeafHashes(kysely, 0, head.size)) {
    const grown = edge.extend(hashes);
    edge = grown.edge;
    await compareTiles(kysely, grown.fullTiles);
    for (const tile of grown.fullTiles) cache?.addOf(tile, head.size);
  }
  checkRoot(edge, head);
  return { head, edge };
}

/** Throws TreeDamaged unless the database holds these tiles. Lower levels come first, each in order without a gap. */
async function compareTiles(kysely: Kysely<Schema>, tiles: readonly FullTile[]): Promise<void> {
  for (let at = 0; at < tiles.length; ) {
    const { level, index } = tiles[at]!;
    const ofLevel = tiles.slice(at).filter((tile) => tile.level === level);
    let next = 0;
    for await (const stored of readFullTiles(kysely, level, index, index + ofLevel.length)) {
      if (!equalBytes(stored, ofLevel[next]!.nodes.hashes())) break;
      next++;
    }
    if (next < ofLevel.length) {
      throw new TreeDamaged(`the stored tile ${level}/${index + next} is not what the leaf hashes give`);
    }
    at += ofLevel.length;
  }
}

/**
 * Brings a state up to a newer head with the leaf hashes that came since. The root decides: whatever was read wrongly,
 * or remembered wrongly, ends in another root and a TreeDamaged.
 *
 * The full tiles are those that a cache is to have at once. Other processes may have appended millions of entries
 * meanwhile: their tiles are read when somebody asks for them.
 */
export async function advanceTree(
  kysely: Kysely<Schema>,
  from: TreeState,
  head: Head,
): Promise<{ state: TreeState; fullTiles: FullTile[] }> {
  let edge = from.edge;
  const fullTiles: FullTile[] = [];
  for await (const hashes of readLeafHashes(kysely, edge.size, head.size)) {
    const grown = edge.extend(hashes);
    edge = grown.edge;
    fullTiles.push(...newestTiles(grown.fullTiles, head.size));
  }
  checkRoot(edge, head);
  return { state: { head, edge }, fullTiles };
}

/** Those of the lowest level that are over the newest leaves of a tree, and all above: one for 65,536 leaves. */
export function newestTiles(tiles: readonly FullTile[], size: number): FullTile[] {
  return tiles.filter(({ level, index }) => level > 0 || (index + 1) * TILE_WIDTH > size - NEWEST);
}

/** Reads the edge anew from full tiles and the newest leaf hashes, after whatever was in memory became doubtful. */
export async function readTree(kysely: Kysely<Schema>, head: Head, sha256: Sha256): Promise<TreeState> {
  const partials: TileNodes[] = [];
  let below = head.size;
  for (let level = 0; below > 0; level++) {
    const full = Math.floor(below / TILE_WIDTH);
    const first = full * TILE_WIDTH;
    const hashes = new Uint8Array((below - first) * HASH_SIZE);
    let at = 0;
    if (level === 0) {
      for await (const chunk of readLeafHashes(kysely, first, below)) {
        hashes.set(chunk, at);
        at += chunk.length;
      }
    } else {
      for await (const tile of readFullTiles(kysely, level - 1, first, below)) {
        hashes.set(TileNodes.fromHashes(tile, sha256).node(TILE_HEIGHT, 0)!, at);
        at += HASH_SIZE;
      }
    }
    if (at !== hashes.length) throw new TreeDamaged(`level ${level} of the tree lacks hashes that a head covers`);
    partials.push(TileNodes.fromHashes(hashes, sha256));
    below = full;
  }
  const edge = TreeEdge.fromTiles(head.size, partials, sha256);
  checkRoot(edge, head);
  return { head, edge };
}

function checkRoot(edge: TreeEdge, head: Head): void {
  const root = edge.root();
  if (edge.size === head.size && equalBytes(root, head.root)) return;
  throw new TreeDamaged(
    `the stored entries give the root ${hexEncode(root)} at size ${edge.size}, but head ${head.seq} says ${hexEncode(head.root)} at size ${head.size}`,
  );
}

import { equalBytes, leafHash, type Sha256, TILE_HEIGHT, TILE_WIDTH } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { readBlocks } from '../store/audit-rows.ts';
import { inflateBlock } from '../store/block-data.ts';
import { readLeafHashes } from '../store/entries.ts';
import { readFullTile } from '../store/tiles.ts';
import { listWithheld } from '../store/withheld.ts';
import { TreeDamaged, type TreeState } from '../tree/load-tree.ts';
import { TileNodes } from '../tree/tile-nodes.ts';

export type BundleParts = { readonly kysely: Kysely<Schema>; readonly sha256: Sha256 };

/**
 * Re-hashes what is stored of one bundle of the signed tree: the entries, the leaf hashes beside them, and the tile that
 * they filled. What it is all compared with comes down from the edge, which gave the signed root: a tile has to have the
 * hash that the tile above it, or the edge, holds in its place. Everything is read from the database, nothing from a cache.
 *
 * @returns the indexes of entries whose bytes are not what was signed; one that was erased after a court order is none
 * @throws {TreeDamaged} where a hash is damaged with which later heads, proofs and the next start are computed
 */
export async function checkBundle(bundle: number, { head, edge }: TreeState, parts: BundleParts): Promise<number[]> {
  const { kysely, sha256 } = parts;
  const first = bundle * TILE_WIDTH;
  const end = Math.min(first + TILE_WIDTH, head.size);
  const signed = edge.tile(0, bundle) ?? (await checkFullTile(0, bundle, edge, parts));
  let at = first;
  for await (const hashes of readLeafHashes(kysely, first, end)) {
    if (
      !equalBytes(hashes, signed.hashes(end - first).subarray((at - first) * 32, (at - first) * 32 + hashes.length))
    ) {
      throw new TreeDamaged(
        `the leaf hashes beside the entries from ${first} to ${end - 1} are not those that were signed`,
      );
    }
    at += hashes.length / 32;
  }
  const damaged = new Set(Array.from({ length: end - first }, (_, i) => first + i));
  for (const block of await readBlocks(kysely, first, end)) {
    const entries = inflateBlock(block.data);
    if (!entries.ok) continue;
    entries.value.forEach((entry, i) => {
      const leaf = signed.node(0, block.first + i - first);
      if (leaf !== undefined && equalBytes(leafHash(entry, sha256), leaf)) damaged.delete(block.first + i);
    });
  }
  // Asked for last: an entry may have been erased while this went on.
  if (damaged.size > 0) for (const { index, erased } of await listWithheld(kysely)) if (erased) damaged.delete(index);
  return [...damaged];
}

/** The stored tile, once its root is found in the tile above it. The first of the tiles below one vouches for that too. */
async function checkFullTile(
  level: number,
  index: number,
  edge: TreeState['edge'],
  parts: BundleParts,
): Promise<TileNodes> {
  const { kysely, sha256 } = parts;
  const hashes = await readFullTile(kysely, level, index);
  if (hashes?.length !== TILE_WIDTH * 32) throw new TreeDamaged(`the tile ${level}/${index} is missing or cut`);
  const tile = TileNodes.fromHashes(hashes, sha256);
  const above = Math.floor(index / TILE_WIDTH);
  const parent = edge.tile(level + 1, above) ?? (await checkFullTile(level + 1, above, edge, parts));
  const expected = parent.node(0, index % TILE_WIDTH);
  if (expected === undefined || !equalBytes(tile.node(TILE_HEIGHT, 0)!, expected)) {
    throw new TreeDamaged(`the stored tile ${level}/${index} is not the one that was signed`);
  }
  return tile;
}

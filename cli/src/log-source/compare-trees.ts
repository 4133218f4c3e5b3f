/** Two heads that one log signed, of which we can read the tree of the newer one: whether there is a tree that has both. */
import { equalBytes, proveConsistency, type Sha256, TileHashReader, treeRoot } from '@assent/verifier';
import type { AuthenticTiles } from './authentic-tiles.ts';
import type { TreeHead } from './signed-head.ts';

export type ComparedTrees =
  | { readonly relation: 'consistent' }
  /** `proof` leads from `fromRoot`, the newer tree's root at the older size, to its root; none of both for two roots of one size. */
  | { readonly relation: 'fork'; readonly fromRoot?: Uint8Array; readonly proof: readonly Uint8Array[] };

/**
 * @param older at most as large. @param tiles of the newer tree; not read for two heads of one size.
 * @returns `fork` only where hashes show it. Rejects with the failure of `tiles`.
 */
export async function compareTrees(
  older: TreeHead,
  newer: TreeHead,
  tiles: AuthenticTiles,
  sha256: Sha256,
): Promise<ComparedTrees> {
  if (older.size === newer.size) {
    return equalBytes(older.root, newer.root) ? { relation: 'consistent' } : { relation: 'fork', proof: [] };
  }
  const reader = new TileHashReader(newer.size, tiles, sha256);
  const fromRoot = await treeRoot(older.size, reader, sha256);
  if (equalBytes(fromRoot, older.root)) return { relation: 'consistent' };
  return { relation: 'fork', fromRoot, proof: await proveConsistency(older.size, newer.size, reader, sha256) };
}

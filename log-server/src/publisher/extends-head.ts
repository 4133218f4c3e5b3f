import { checkConsistency, proveConsistency, type Sha256 } from '@assent/verifier';
import type { Head } from '../store/append-batch.ts';
import type { TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { TreeReader } from '../tree/tree-reader.ts';

/**
 * Whether the tree of `state` provably continues the one of `from`: a consistency proof is made from what is stored
 * and checked against both roots, so that nothing in memory has to be believed.
 */
export async function extendsHead(
  from: Pick<Head, 'size' | 'root'>,
  state: TreeState,
  cache: TileCache,
  sha256: Sha256,
): Promise<boolean> {
  const { head, edge } = state;
  if (from.size > head.size) return false;
  const proof = await proveConsistency(from.size, head.size, new TreeReader(edge, cache), sha256);
  return checkConsistency({ from: from.size, to: head.size, fromRoot: from.root, toRoot: head.root, proof }, sha256).ok;
}

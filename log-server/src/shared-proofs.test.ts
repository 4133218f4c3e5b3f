import { leafHash, MemoryTree, proveInclusion, utf8Encode } from '@assent/verifier';
import { describe, expect, it, vi } from 'vitest';
import { nativeSha256 } from './native-primitives.ts';
import { proofLines } from './receipt-text.ts';
import { AT_RANDOM, SharedProofs, TOGETHER } from './shared-proofs.ts';
import { TileCache } from './tree/tile-cache.ts';
import { TreeEdge } from './tree/tree-edge.ts';
import { TreeReader } from './tree/tree-reader.ts';

const notRead = async (): Promise<undefined> => undefined;
const leaf = (i: number): Uint8Array => leafHash(utf8Encode(`entry ${i}`), nativeSha256);
const hashes = Array.from({ length: 1_300 }, (_, i) => leaf(i));
const tree = new MemoryTree();
for (const hash of hashes) tree.append(hash);

/** A tree of this size whose tiles are in memory, as far as they are of its newest leaves. */
function readerOf(size: number, keepFrom = 0): TreeReader {
  const { edge, fullTiles } = TreeEdge.empty(nativeSha256).extend(Buffer.concat(hashes.slice(0, size)));
  const cache = new TileCache(notRead, nativeSha256);
  for (const tile of fullTiles) if (tile.index >= keepFrom) cache.add(tile);
  return new TreeReader(edge, cache);
}

describe('SharedProofs', () => {
  it('are the proofs of the verifier, of every leaf of every tree up to 64 and of some that fill tiles', async () => {
    for (const size of [...Array.from({ length: 64 }, (_, i) => i + 1), 255, 256, 257, 511, 512, 700, 1_024, 1_300]) {
      const shared = new SharedProofs(readerOf(size), nativeSha256);
      // From both ends, so that what is shared comes from either side.
      const order = Array.from({ length: size }, (_, i) => (i % 2 === 0 ? i / 2 : size - (i + 1) / 2));
      for (const index of order) {
        const lines = proofLines(await proveInclusion(index, size, tree));
        expect(shared.lines(index, TOGETHER), `${index} of ${size}`).toBe(lines);
        expect(shared.lines(index, AT_RANDOM), `${index} of ${size}`).toBe(lines);
      }
    }
  });

  it('are there for new leaves when the tiles of older ones are not in memory, and for older ones are not', async () => {
    for (const size of [1_024, 1_300]) {
      const newTile = Math.floor((size - 1) / 256);
      const shared = new SharedProofs(readerOf(size, newTile), nativeSha256);
      // The edge has the roots of the full tiles: no other part of them belongs to the proof of a new leaf.
      const index = size - 1;
      expect(shared.lines(index, TOGETHER)).toBe(proofLines(await proveInclusion(index, size, tree)));
      expect(shared.lines(5, TOGETHER)).toBeUndefined();
    }
  });

  it('look up twelve hashes for a leaf at random, however many levels are above them', async () => {
    const size = 20_000;
    const leaves = Array.from({ length: size }, (_, i) => leaf(i));
    const { edge, fullTiles } = TreeEdge.empty(nativeSha256).extend(Buffer.concat(leaves));
    const cache = new TileCache(notRead, nativeSha256);
    for (const tile of fullTiles) cache.add(tile);
    const reader = new TreeReader(edge, cache);
    const shared = new SharedProofs(reader, nativeSha256);
    const looked = vi.spyOn(reader, 'inMemory');
    for (const index of [4_096, 5_000, 8_191]) {
      const proof = await proveInclusion(index, size, new TreeReader(edge, cache), nativeSha256);
      looked.mockClear();
      expect(shared.lines(index, AT_RANDOM)).toBe(proofLines(proof));
      if (index === 4_096) expect(looked.mock.calls.length).toBeGreaterThan(12);
      else expect(looked).toHaveBeenCalledTimes(12);
    }
  });
});

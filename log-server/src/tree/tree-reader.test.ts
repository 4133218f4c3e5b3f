import { hexEncode, leafHash, proveInclusion, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { nativeSha256 } from '../native-primitives.ts';
import { TileCache } from './tile-cache.ts';
import { TreeEdge } from './tree-edge.ts';
import { TreeReader } from './tree-reader.ts';

function grown(size: number): { edge: TreeEdge; cache: TileCache } {
  const leaves = Array.from({ length: size }, (_, i) => leafHash(utf8Encode(`entry ${i}`), nativeSha256));
  const { edge, fullTiles } = TreeEdge.empty(nativeSha256).extend(Buffer.concat(leaves));
  const cache = new TileCache(async () => undefined, nativeSha256);
  for (const tile of fullTiles) cache.add(tile);
  return { edge, cache };
}

describe('inclusionInMemory', () => {
  it.each([1, 2, 255, 256, 257, 512, 700, 1_024])('is what the definition gives, for each leaf of %d', async (size) => {
    const { edge, cache } = grown(size);
    const reader = new TreeReader(edge, cache);
    for (let index = 0; index < size; index++) {
      const proof = await proveInclusion(index, size, new TreeReader(edge, cache), nativeSha256);
      expect(reader.inclusionInMemory(index, size, nativeSha256)?.map(hexEncode), `leaf ${index}`).toEqual(
        proof.map(hexEncode),
      );
    }
  });

  it('and of older sizes, in between', async () => {
    const { edge, cache } = grown(700);
    const reader = new TreeReader(edge, cache);
    for (const [index, size] of [
      [3, 700],
      [3, 256],
      [3, 512],
      [255, 700],
      [3, 300],
      [3, 4],
      [600, 700],
      [600, 601],
    ] as const) {
      const proof = await proveInclusion(index, size, new TreeReader(edge, cache), nativeSha256);
      expect(reader.inclusionInMemory(index, size, nativeSha256)?.map(hexEncode)).toEqual(proof.map(hexEncode));
    }
  });

  it('is undefined when a part of it has to be read', () => {
    const { edge } = grown(700);
    const empty = new TreeReader(edge, new TileCache(async () => undefined, nativeSha256));
    expect(empty.inclusionInMemory(3, 700, nativeSha256)).toBeUndefined();
  });

  it('refuses an index that the size does not have', () => {
    const { edge, cache } = grown(512);
    const reader = new TreeReader(edge, cache);
    for (const index of [512, -1, 1.5]) {
      expect(() => reader.inclusionInMemory(index, 512, nativeSha256), String(index)).toThrow(RangeError);
    }
  });
});

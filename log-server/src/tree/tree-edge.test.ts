import { createHash } from 'node:crypto';
import { checkInclusion, hexEncode, leafHash, MemoryTree, proveInclusion, treeRoot } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { nativeSha256 } from '../native-primitives.ts';
import { TileCache } from './tile-cache.ts';
import { type FullTile, TreeEdge } from './tree-edge.ts';
import { TreeReader } from './tree-reader.ts';

const leaf = (i: number): Uint8Array => leafHash(createHash('sha256').update(`${i}`).digest(), nativeSha256);

function grow(from: TreeEdge, to: number, step: number): { edge: TreeEdge; fullTiles: FullTile[] } {
  let edge = from;
  const fullTiles: FullTile[] = [];
  while (edge.size < to) {
    const count = Math.min(step, to - edge.size);
    const hashes = Buffer.concat(Array.from({ length: count }, (_, i) => leaf(edge.size + i)));
    const grown = edge.extend(hashes);
    edge = grown.edge;
    fullTiles.push(...grown.fullTiles);
  }
  return { edge, fullTiles };
}

function memoryTree(size: number): MemoryTree {
  const tree = new MemoryTree();
  for (let i = 0; i < size; i++) tree.append(leaf(i));
  return tree;
}

describe('TreeEdge', () => {
  it('has the root of the tree at every size to 600, one leaf at a time', async () => {
    const tree = memoryTree(600);
    let edge = TreeEdge.empty(nativeSha256);
    for (let size = 0; size <= 600; size++) {
      expect(hexEncode(edge.root()), `size ${size}`).toBe(hexEncode(await treeRoot(size, tree)));
      edge = edge.extend(leaf(size)).edge;
    }
  });

  it.each([1, 7, 255, 256, 257, 1000])('gives the same tiles and root in steps of %i', async (step) => {
    const size = 1500;
    const { edge, fullTiles } = grow(TreeEdge.empty(nativeSha256), size, step);
    expect(hexEncode(edge.root())).toBe(hexEncode(await treeRoot(size, memoryTree(size))));
    expect(fullTiles.map(({ level, index }) => `${level}/${index}`)).toEqual(['0/0', '0/1', '0/2', '0/3', '0/4']);
  });

  it('leaves the edge that it extends as it was: a batch that did not commit has no trace', () => {
    const { edge } = grow(TreeEdge.empty(nativeSha256), 300, 300);
    const root = edge.root();
    edge.extend(leaf(999));
    expect(edge.size).toBe(300);
    expect(edge.root()).toEqual(root);
    expect(grow(edge, 301, 1).edge.root()).toEqual(grow(TreeEdge.empty(nativeSha256), 301, 1).edge.root());
  });

  it('refuses bytes that are not whole hashes', () => {
    expect(() => TreeEdge.empty(nativeSha256).extend(new Uint8Array(33))).toThrow(RangeError);
  });
});

describe('TreeReader', () => {
  it.each([1, 255, 256, 257, 700, 65_536, 65_537, 66_100])('proves leaves of a tree of %i', async (size) => {
    const { edge, fullTiles } = grow(TreeEdge.empty(nativeSha256), size, 4096);
    const stored = new Map(fullTiles.map(({ level, index, nodes }) => [`${level}/${index}`, nodes.hashes()]));
    const cache = new TileCache(async (level, index) => stored.get(`${level}/${index}`), nativeSha256);
    const reader = new TreeReader(edge, cache);
    const root = edge.root();
    for (const index of new Set([0, 1, 254, 255, 256, 257, 511, 65_535, size - 2, size - 1])) {
      if (index < 0 || index >= size) continue;
      const proof = await proveInclusion(index, size, reader, nativeSha256);
      expect(checkInclusion({ index, size, leafHash: leaf(index), proof, root }), `leaf ${index}`).toMatchObject({
        ok: true,
      });
    }
  });

  it('rejects when a full tile is missing, instead of proving something else', async () => {
    const { edge } = grow(TreeEdge.empty(nativeSha256), 600, 600);
    const reader = new TreeReader(edge, new TileCache(async () => undefined, nativeSha256));
    await expect(proveInclusion(0, 600, reader, nativeSha256)).rejects.toThrow('full tile 0/0');
  });

  it('serves a partial tile only as wide as the tree is', async () => {
    const { edge } = grow(TreeEdge.empty(nativeSha256), 300, 300);
    const reader = new TreeReader(edge, new TileCache(async () => undefined, nativeSha256));
    expect((await reader.readTile(0, 1, 44))?.length).toBe(44 * 32);
    expect(await reader.readTile(0, 1, 45)).toBeUndefined();
    expect(await reader.readTile(0, 2, 1)).toBeUndefined();
    expect((await reader.readTile(1, 0, 1))?.length).toBe(32);
    expect(await reader.readTile(1, 0, 2)).toBeUndefined();
    expect(await reader.readTile(2, 0, 1)).toBeUndefined();
  });
});

import { concatBytes, MemoryTree, TILE_HEIGHT, TILE_WIDTH } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { nativeSha256 } from './native-primitives.ts';
import { TreeWalk } from './tree-walk.ts';

const NONE = new Uint8Array(0);

/** A tree whose bundles all have leaves of their own, and the root of each. */
function grown(bundles: number) {
  const tree = new MemoryTree(nativeSha256);
  for (let i = 0; i < bundles * TILE_WIDTH; i++) tree.append(nativeSha256(Uint8Array.of(i, i >> 8, i >> 16)));
  const roots = tree.hashes(Array.from({ length: bundles }, (_, index) => ({ level: TILE_HEIGHT, index })));
  return { tree, roots };
}

describe('TreeWalk', () => {
  const { tree, roots } = grown(260);
  const leaf = (index: number) => tree.hashes([{ level: 0, index }])[0]!;

  it('has the root of every number of bundles, and of leaves behind them', () => {
    const walk = TreeWalk.empty();
    expect(walk.root(NONE)).toEqual(new MemoryTree(nativeSha256).root());
    for (const [bundle, root] of roots.slice(0, 259).entries()) {
      for (const more of [1, 2, 3, 255]) {
        const leaves = concatBytes(...Array.from({ length: more }, (_, i) => leaf(bundle * TILE_WIDTH + i)));
        expect(walk.root(leaves)).toEqual(tree.root(bundle * TILE_WIDTH + more));
      }
      walk.add(root);
      expect(walk.size).toBe((bundle + 1) * TILE_WIDTH);
      expect(walk.root(NONE)).toEqual(tree.root(walk.size));
    }
  });

  it('gives the tiles above the lowest level as they become full, and those that are not', () => {
    const walk = TreeWalk.empty();
    const full = roots.flatMap((root) => walk.add(root));
    expect(full.map(({ level, index, width }) => [level, index, width])).toEqual([[1, 0, 256]]);
    expect(full[0]!.hashes).toEqual(concatBytes(...roots.slice(0, 256)));
    const partial = walk.partialTiles();
    expect(partial.map(({ level, index, width }) => [level, index, width])).toEqual([
      [1, 1, 4],
      [2, 0, 1],
    ]);
    expect(partial[0]!.hashes).toEqual(concatBytes(...roots.slice(256)));
    expect(partial[1]!.hashes).toEqual(tree.hashes([{ level: 16, index: 0 }])[0]);
  });

  it('goes on from what a state file holds, and as a copy', () => {
    for (const at of [0, 1, 255, 256, 257]) {
      const walk = TreeWalk.empty();
      for (const root of roots.slice(0, at)) walk.add(root);
      const again = TreeWalk.parse(walk.size, walk.format());
      const copy = walk.copy();
      for (const root of roots.slice(at)) {
        again!.add(root);
        copy.add(root);
      }
      expect(again!.root(NONE)).toEqual(tree.root());
      expect(copy.root(NONE)).toEqual(tree.root());
      expect(walk.size).toBe(at * TILE_WIDTH);
    }
  });

  it.each<[string, number, readonly string[]]>([
    ['another size', 2 * TILE_WIDTH, [Buffer.alloc(32).toString('base64')]],
    ['no full bundles', 100, []],
    ['a level too few', 256 * TILE_WIDTH, ['']],
    ['what is no base64', TILE_WIDTH, ['*']],
    ['half a hash', TILE_WIDTH, [Buffer.alloc(16).toString('base64')]],
  ])('does not take %s', (_, size, tiles) => {
    expect(TreeWalk.parse(size, tiles)).toBeUndefined();
  });
});

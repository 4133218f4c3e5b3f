import { describe, expect, it } from 'vitest';
import { checkConsistency, proveConsistency } from './consistency.ts';
import { checkInclusion, proveInclusion } from './inclusion.ts';
import { MemoryTree } from './memory-tree.ts';
import { treeRoot } from './merkle.ts';
import { formatTilePath, TILE_WIDTH, type Tile, tileWidthAt } from './tile.ts';
import { TileHashReader, type TileSource } from './tile-hash-reader.ts';

/** Distinct 32-byte values: what was hashed into a leaf makes no difference to the tree. */
function syntheticLeaf(index: number): Uint8Array {
  const leaf = new Uint8Array(32).fill(0xa5);
  new DataView(leaf.buffer).setUint32(0, index);
  return leaf;
}

const tree = new MemoryTree();
for (let i = 0; i < 65_537; i++) tree.append(syntheticLeaf(i));

/** Tiles cut from the tree, and which were read. */
class RecordingSource implements TileSource {
  readonly read: Tile[] = [];

  async readTile(tile: Tile): Promise<Uint8Array> {
    this.read.push(tile);
    const { level, index, width } = tile;
    const nodes = Array.from({ length: width }, (_, i) => ({ level: 8 * level, index: index * TILE_WIDTH + i }));
    return new Uint8Array(Buffer.concat(tree.hashes(nodes)));
  }
}

/** Every tile that was read is one of the tree of this size, at its width there, and none was read twice in a batch. */
function expectTilesOf(size: number, tiles: readonly Tile[]): void {
  for (const { level, index, width } of tiles) expect(width).toBe(tileWidthAt(level, index, size));
  expect(new Set(tiles.map(formatTilePath)).size).toBe(tiles.length);
}

describe('TileHashReader against MemoryTree', () => {
  it.each([1, 2, 255, 256, 257, 511, 512, 513])('proves every leaf of a tree of %d', async (size) => {
    const root = tree.root(size);
    for (let index = 0; index < size; index++) {
      const source = new RecordingSource();
      const reader = new TileHashReader(size, source);
      const proof = await proveInclusion(index, size, reader);
      expect(proof).toEqual(await proveInclusion(index, size, tree));
      expect(checkInclusion({ index, size, leafHash: syntheticLeaf(index), proof, root })).toMatchObject({ ok: true });
      expectTilesOf(size, source.read);
    }
    expect(await treeRoot(size, new TileHashReader(size, new RecordingSource()))).toEqual(root);
  });

  it.each([65_535, 65_536, 65_537])('proves in a tree of %d', async (size) => {
    const root = tree.root(size);
    expect(await treeRoot(size, new TileHashReader(size, new RecordingSource()))).toEqual(root);
    for (const index of [0, 1, 255, 256, 257, 32_767, 32_768, 65_279, 65_280, 65_281, size - 2, size - 1]) {
      const source = new RecordingSource();
      const proof = await proveInclusion(index, size, new TileHashReader(size, source));
      expect(proof).toEqual(await proveInclusion(index, size, tree));
      expect(checkInclusion({ index, size, leafHash: syntheticLeaf(index), proof, root })).toMatchObject({ ok: true });
      expectTilesOf(size, source.read);
      expect(source.read.length).toBeLessThanOrEqual(3);
    }
    for (const from of [0, 1, 255, 256, 257, 512, 32_768, 65_279, 65_280, 65_281, 65_535, size]) {
      const source = new RecordingSource();
      const proof = await proveConsistency(from, size, new TileHashReader(size, source));
      expect(proof).toEqual(await proveConsistency(from, size, tree));
      expect(checkConsistency({ from, to: size, fromRoot: tree.root(from), toRoot: root, proof })).toMatchObject({
        ok: true,
      });
      expectTilesOf(size, source.read);
    }
  });

  it.each([255, 256, 257])('proves consistency from every size to %d', async (to) => {
    for (let from = 0; from <= to; from++) {
      const proof = await proveConsistency(from, to, new TileHashReader(to, new RecordingSource()));
      expect(proof).toEqual(await proveConsistency(from, to, tree));
    }
  });
});

describe('TileHashReader', () => {
  it('reads the tiles of a batch once and at the same time', async () => {
    const source = new RecordingSource();
    await treeRoot(65_535, new TileHashReader(65_535, source));
    expect(source.read).toEqual([
      { level: 1, index: 0, width: 255 },
      { level: 0, index: 255, width: 255 },
    ]);
    let started = 0;
    const waitsForBoth: TileSource = {
      async readTile(tile) {
        started++;
        // Were they read one after the other, the second would never start.
        while (started < 2) await Promise.resolve();
        return new RecordingSource().readTile(tile);
      },
    };
    expect(await treeRoot(65_535, new TileHashReader(65_535, waitsForBoth))).toEqual(tree.root(65_535));
  }, 10_000);

  it('rejects a tile that is shorter or longer than its width', async () => {
    for (const change of [-32, -1, 1, 32]) {
      const source: TileSource = { readTile: async (tile) => new Uint8Array(32 * tile.width + change) };
      await expect(treeRoot(3, new TileHashReader(3, source))).rejects.toThrow('tile/0/000.p/3');
    }
  });

  it('rejects with the source’s error', async () => {
    const source: TileSource = { readTile: () => Promise.reject(new Error('404')) };
    await expect(treeRoot(600, new TileHashReader(600, source))).rejects.toThrow('404');
  });

  it('rejects a node outside the tree before it reads anything', async () => {
    const source = new RecordingSource();
    const reader = new TileHashReader(300, source);
    for (const node of [
      { level: 0, index: 300 },
      { level: 9, index: 0 },
      { level: 2, index: 75 },
    ]) {
      await expect(reader.readHashes([{ level: 0, index: 0 }, node])).rejects.toThrow(RangeError);
    }
    expect(source.read).toEqual([]);
  });

  it.each([-1, 0.5, 2 ** 53])('throws RangeError on the size %d', (size) => {
    expect(() => new TileHashReader(size, new RecordingSource())).toThrow(/^size:/);
  });

  it('carries a tampered tile into a proof that fails: it trusts its source, and the check does not', async () => {
    const honest = new RecordingSource();
    const tampering: TileSource = {
      async readTile(tile) {
        const bytes = await honest.readTile(tile);
        bytes[40]! ^= 1;
        return bytes;
      },
    };
    const proof = await proveInclusion(0, 300, new TileHashReader(300, tampering));
    const evidence = { index: 0, size: 300, leafHash: syntheticLeaf(0), proof, root: tree.root(300) };
    expect(checkInclusion(evidence)).toMatchObject({ ok: false, code: 'inclusion_mismatch' });
  });
});

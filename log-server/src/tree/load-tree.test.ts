import { expect, it } from 'vitest';
import { newestTiles } from './load-tree.ts';
import { TileNodes } from './tile-nodes.ts';

it('keeps the tiles of the newest leaves, and those above all others', () => {
  const ids = [...Array.from({ length: 300 }, (_, index) => ({ level: 0, index })), { level: 1, index: 0 }];
  const tiles = ids.map((id) => ({ ...id, nodes: TileNodes.empty }));
  const kept = (size: number) => newestTiles(tiles, size).map(({ level, index }) => `${level}/${index}`);
  expect(kept(300 * 256)).toEqual([...Array.from({ length: 256 }, (_, i) => `0/${44 + i}`), '1/0']);
  // Part of the tile is among the newest.
  expect(kept(300 * 256 + 255)[0]).toBe('0/44');
  expect(kept(300 * 256 + 256)[0]).toBe('0/45');
  expect(kept(10_000_000)).toEqual(['1/0']);
});

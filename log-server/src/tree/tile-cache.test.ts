import { HASH_SIZE, hexEncode, leafHash, proveInclusion, TILE_WIDTH, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { ByteCache } from '../byte-cache.ts';
import { nativeSha256 } from '../native-primitives.ts';
import { PerfectSubtree, perfectRoot } from './perfect-subtree.ts';
import { GROUP_WIDTH, lowestTiles, type ReadFullTile, TileCache } from './tile-cache.ts';
import { TileNodes } from './tile-nodes.ts';
import { TileTops } from './tile-tops.ts';
import { TreeEdge } from './tree-edge.ts';
import { TreeReader } from './tree-reader.ts';

const SIZE = 1_000;
const leaves = Buffer.concat(Array.from({ length: SIZE }, (_, i) => leafHash(utf8Encode(`entry ${i}`), nativeSha256)));
const { edge, fullTiles } = TreeEdge.empty(nativeSha256).extend(leaves);
const stored = new Map(fullTiles.map(({ level, index, nodes }) => [`${level}/${index}`, nodes.hashes()]));

/** A store that notes what is read of it. */
function store(change: (hashes: Uint8Array) => Uint8Array = (hashes) => hashes): { read: ReadFullTile; log: string[] } {
  const log: string[] = [];
  return {
    log,
    read: async (level, index, part) => {
      log.push(part === undefined ? `${level}/${index}` : `${level}/${index} ${part.from}+${part.count}`);
      const hashes = stored.get(`${level}/${index}`);
      const { from, count } = part ?? { from: 0, count: TILE_WIDTH };
      return hashes && change(hashes).subarray(from * HASH_SIZE, (from + count) * HASH_SIZE);
    },
  };
}

const flipped = (hashes: Uint8Array): Uint8Array => {
  const copy = hashes.slice();
  copy[5 * HASH_SIZE]! ^= 1;
  return copy;
};
/** All tiles without their lower parts, as when there are too many of them. */
function onlyTops(read: ReadFullTile): TileCache {
  const cache = new TileCache(read, nativeSha256, {
    tops: new TileTops(10),
    wholes: new ByteCache<PerfectSubtree>(10 ** 6),
    groups: new ByteCache<PerfectSubtree>(10 ** 6),
    hashes: new ByteCache<Uint8Array>(0),
  });
  for (const tile of fullTiles) cache.add(tile);
  return cache;
}

const prove = async (index: number, cache: TileCache) =>
  (await proveInclusion(index, SIZE, new TreeReader(edge, cache), nativeSha256)).map(hexEncode);

describe('PerfectSubtree and TileTops', () => {
  it('have the nodes of the tile that they are cut from', () => {
    const tile = TileNodes.fromHashes(stored.get('0/0')!, nativeSha256);
    const whole = PerfectSubtree.over(stored.get('0/0')!, nativeSha256);
    const tops = new TileTops(1);
    tops.set(7, tile);
    for (let height = 0; height <= 8; height++) {
      for (let i = 0; i < TILE_WIDTH >> height; i++) {
        expect(whole.node(height, i)).toEqual(tile.node(height, i));
        if (height >= 3)
          expect(hexEncode(tops.node(7, height, i, nativeSha256)!)).toBe(hexEncode(tile.node(height, i)!));
      }
    }
    expect(whole.root).toEqual(tile.node(8, 0));
    expect(tile.copy().root).toEqual(tile.node(8, 0));
    expect(() => tops.node(7, 2, 0, nativeSha256)).toThrow(RangeError);
    for (let height = 1; height <= 8; height++) {
      const below = stored.get('0/0')!.subarray(HASH_SIZE << height, 2 * (HASH_SIZE << height));
      if (below.length > 0) expect(hexEncode(perfectRoot(below, nativeSha256))).toBe(hexEncode(tile.node(height, 1)!));
    }
  });

  it('are not cut from a tile that is not full', () => {
    const partial = TileNodes.fromHashes(leaves.subarray(0, 64), nativeSha256);
    expect(() => new TileTops(1).set(0, partial)).toThrow(RangeError);
    expect(() => partial.copy()).toThrow(RangeError);
  });
});

describe('TileTops', () => {
  const tile = (i: number): TileNodes => {
    const hashes = Array.from({ length: TILE_WIDTH }, (_, at) => leafHash(utf8Encode(`${i} ${at}`), nativeSha256));
    return TileNodes.fromHashes(Buffer.concat(hashes), nativeSha256);
  };
  const tiles = Array.from({ length: 6 }, (_, i) => tile(i));
  const isWhole = (tops: TileTops, i: number): boolean =>
    [3, 4, 7].every((height) => tops.node(i, height, 1, nativeSha256)?.join() === tiles[i]!.node(height, 1)!.join());

  it('gives the place of a tile that was not used to a new one, and spares each that was used once', () => {
    const tops = new TileTops(3);
    for (let i = 0; i < 3; i++) tops.set(i, tiles[i]!);
    expect(isWhole(tops, 0)).toBe(true);
    tops.set(3, tiles[3]!);
    expect([0, 1, 2, 3].filter((i) => tops.has(i))).toEqual([0, 2, 3]);
    tops.set(4, tiles[4]!);
    expect([0, 1, 2, 3, 4].filter((i) => tops.has(i))).toEqual([0, 3, 4]);
    tops.set(5, tiles[5]!);
    expect([0, 3, 4, 5].filter((i) => tops.has(i))).toEqual([3, 4, 5]);
    for (const i of [3, 4, 5]) expect(isWhole(tops, i)).toBe(true);
    expect(tops.node(0, 3, 0, nativeSha256)).toBeUndefined();
  });

  it("gives out nodes that stay what they are when their place becomes another tile's", () => {
    const tops = new TileTops(1);
    tops.set(0, tiles[0]!);
    const nodes = [3, 4, 5].map((height) => tops.node(0, height, 1, nativeSha256)!);
    tops.set(1, tiles[1]!);
    expect(tops.has(0)).toBe(false);
    expect(nodes.map(hexEncode)).toEqual([3, 4, 5].map((height) => hexEncode(tiles[0]!.node(height, 1)!)));
    expect(isWhole(tops, 1)).toBe(true);
  });

  it('keeps one of a tile that comes twice', () => {
    const tops = new TileTops(2);
    for (const i of [0, 0, 1, 1]) tops.set(i, tiles[i]!);
    expect(isWhole(tops, 0) && isWhole(tops, 1)).toBe(true);
  });
});

describe('TileCache', () => {
  it('reads a tile once, for whoever waits for it', async () => {
    const { read, log } = store();
    const cache = new TileCache(read, nativeSha256);
    const proofs = await Promise.all([prove(3, cache), prove(3, cache), prove(200, cache)]);
    expect(proofs[0]).toEqual(proofs[1]);
    expect(log.filter((tile) => tile === '0/0')).toHaveLength(1);
    const before = log.length;
    await prove(3, cache);
    expect(log).toHaveLength(before);
  });

  it('refuses a stored tile that is not the one of the tree', async () => {
    await expect(prove(300, new TileCache(store(flipped).read, nativeSha256))).rejects.toMatchObject({
      code: 'stored_data_damaged',
    });
  });

  it('keeps the upper part of a tile, and reads eight hashes of the lower one where they are missing', async () => {
    const { read, log } = store();
    const expected = await prove(300, new TileCache(store().read, nativeSha256));
    expect(await prove(300, onlyTops(read))).toEqual(expected);
    expect(log).toEqual(['0/1 40+8']);
  });

  it('refuses eight hashes that are not those of the tile', async () => {
    const tops = onlyTops(store(flipped).read);
    await expect(prove(256, tops)).rejects.toMatchObject({ code: 'stored_data_damaged' });
    const hashes = stored.get('0/1')!.subarray(0, GROUP_WIDTH * HASH_SIZE);
    expect(tops.addGroup(1, 0, flipped(hashes))).toBe(false);
    expect(tops.addGroup(1, 0, hashes)).toBe(true);
    await prove(256, tops);
  });

  it('takes nothing for damaged because it gave way while its lower part was read', async () => {
    const { read } = store();
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const slowly: ReadFullTile = async (level, index, part) => {
      if (part !== undefined) await held;
      return read(level, index, part);
    };
    const cache = new TileCache(slowly, nativeSha256, {
      tops: new TileTops(1),
      wholes: new ByteCache<PerfectSubtree>(10 ** 6),
      groups: new ByteCache<PerfectSubtree>(10 ** 6),
      hashes: new ByteCache<Uint8Array>(0),
    });
    for (const tile of fullTiles.filter(({ index }) => index === 0)) cache.add(tile);
    const proof = prove(5, cache);
    await new Promise((resolve) => setImmediate(resolve));
    // Meanwhile another tile takes its place.
    for (const tile of fullTiles.filter(({ level, index }) => level === 0 && index === 1)) cache.add(tile);
    letGo();
    expect(await proof).toEqual(await prove(5, onlyTops(read)));
  });

  it('keeps tiles above the lowest level as a whole, however many leaves come after them', () => {
    const cache = new TileCache(store().read, nativeSha256);
    const { nodes } = fullTiles[0]!;
    cache.addOf({ level: 0, index: 0, nodes }, 10 ** 8);
    cache.addOf({ level: 1, index: 0, nodes }, 10 ** 8);
    for (let height = 0; height <= 8; height++) {
      const last = (TILE_WIDTH >> height) - 1;
      expect(cache.node(1, 0, height, last), `height ${height}`).toEqual(nodes.node(height, last));
      expect(cache.node(0, 0, height, last) !== undefined, `height ${height}`).toBe(height >= 3);
    }
    expect(cache.hashes(1, 0)).toEqual(nodes.hashes());
    expect(cache.hashes(0, 0)).toBeUndefined();
  });

  it('keeps fewer tiles as they are served, the more upper parts there are', () => {
    const { tops, hashes } = lowestTiles(50_000);
    const cache = new TileCache(store().read, nativeSha256, {
      tops,
      hashes,
      wholes: new ByteCache<PerfectSubtree>(0),
      groups: new ByteCache<PerfectSubtree>(0),
    });
    const { nodes } = fullTiles[0]!;
    const kept: number[] = [];
    for (let index = 0; index < 35; index++) {
      cache.add({ level: 0, index, nodes });
      kept.push(Math.floor(hashes.bytes / TILE_WIDTH / HASH_SIZE));
      expect(hashes.bytes + tops.bytes).toBeLessThanOrEqual(50_000);
    }
    expect(Math.max(...kept)).toBe(5);
    expect(cache.hashes(0, 34)).toBeUndefined();
    expect(cache.has(0, 0) && cache.has(0, 34)).toBe(true);
  });
});

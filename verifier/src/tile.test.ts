import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceInputs, referenceRoot } from '../test/rfc6962-reference.ts';
import { readVectorFile, reportVectors } from '../test/third-party-vectors.ts';
import { MemoryTree } from './memory-tree.ts';
import { leafHash } from './merkle.ts';
import {
  formatTilePath,
  nodeInTile,
  nodeTile,
  parseTilePath,
  partialTiles,
  TILE_WIDTH,
  type Tile,
  tileWidthAt,
} from './tile.ts';

const tile = (level: number, index: number, width = TILE_WIDTH): Tile => ({ level, index, width });

describe('tile paths', () => {
  it.each<[string, Tile]>([
    ['tile/0/x001/x234/067', tile(0, 1234067)], // the specification's example of an index
    ['tile/1/000.p/17', tile(1, 0, 17)],
    ['tile/0/000', tile(0, 0)],
    ['tile/0/999', tile(0, 999)],
    ['tile/0/x001/000', tile(0, 1000)],
    ['tile/0/x999/999.p/255', tile(0, 999999, 255)],
    ['tile/0/273.p/112', tile(0, 273, 112)],
    ['tile/63/000.p/1', tile(63, 0, 1)],
    ['tile/10/005', tile(10, 5)],
    ['tile/0/x009/x007/x199/x254/x740/991', tile(0, 2 ** 53 - 1)],
  ])('%s', (path, expected) => {
    expect(parseTilePath(path)).toEqual({ ok: true, value: expected });
    expect(formatTilePath(expected)).toBe(path);
  });

  it('takes every partial width from 1 to 255, and no other', () => {
    for (let width = 1; width <= 255; width++) {
      expect(parseTilePath(`tile/0/001.p/${width}`)).toEqual({ ok: true, value: tile(0, 1, width) });
      expect(formatTilePath(tile(0, 1, width))).toBe(`tile/0/001.p/${width}`);
    }
    for (const width of [
      '0',
      '256',
      '257',
      '300',
      '999',
      '1000',
      '-1',
      '01',
      '001',
      '',
      '1.',
      ' 1',
      '1 ',
      '1e1',
      '0x1',
    ]) {
      expect(parseTilePath(`tile/0/001.p/${width}`), width).toMatchObject({ ok: false, code: 'tile_malformed' });
    }
  });

  it.each([
    '',
    'tile',
    'tile/',
    'tile/0',
    'tile/0/',
    '/tile/0/000',
    'tile/0/000/',
    'tiles/0/000',
    'Tile/0/000',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/1234067',
    'tile/0/001/234/067',
    'tile/0/x001/x234/x067',
    'tile/0/x001',
    'tile/0/X001/234',
    'tile/0/x000/001',
    'tile/0/x000/x001/000',
    'tile/0/x01/234',
    'tile/0/x0001/234',
    'tile/0/x001//234',
    'tile/0/-01',
    'tile/0/+01',
    'tile/0/x-01/000',
    'tile/00/000',
    'tile/01/000',
    'tile/64/000',
    'tile/99/000',
    'tile/100/000',
    'tile/-1/000',
    'tile/a/000',
    'tile/data/000',
    'tile/entries/000',
    'tile/8/0/000',
    'tile/0/000.p',
    'tile/0/000.p/',
    'tile/0/000.P/1',
    'tile/0/000p/1',
    'tile/0/000.p/1/',
    'tile/0/000.p/1.p/1',
    'tile/0/x001.p/1/000',
    'tile/0/000\n',
    'tile/0/000?x',
    'tile/0/../0/000',
    'tile/0/٠٠٠',
    'tile/0/x009/x007/x199/x254/x740/992', // 2^53
    'tile/0/x001/x000/x000/x000/x000/x000/000',
    `tile/0/${'x999/'.repeat(100_000)}999`,
  ])('refuses %.60s', (path) => {
    expect(parseTilePath(path)).toMatchObject({ ok: false, code: 'tile_malformed' });
  });

  it('round-trips every tile', () => {
    const anyTile = fc.record({
      level: fc.integer({ min: 0, max: 63 }),
      index: fc.oneof(fc.maxSafeNat(), fc.nat(2_000_000)),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(anyTile, (value) => {
        expect(parseTilePath(formatTilePath(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it.each([
    ['level', tile(-1, 0)],
    ['level', tile(64, 0)],
    ['level', tile(0.5, 0)],
    ['index', tile(0, -1)],
    ['index', tile(0, 2 ** 53)],
    ['index', tile(0, Number.NaN)],
    ['width', tile(0, 0, 0)],
    ['width', tile(0, 0, 257)],
    ['width', tile(0, 0, 1.5)],
  ])('throws RangeError that names the %s of %j', (name, value) => {
    expect(() => formatTilePath(value)).toThrow(RangeError);
    expect(() => formatTilePath(value)).toThrow(new RegExp(`^${name}:`));
  });
});

describe('the tiles of a tree', () => {
  it('of 70,000 leaves are those of the specification', () => {
    const widths = (level: number, count: number) =>
      Array.from({ length: count }, (_, i) => tileWidthAt(level, i, 70_000));
    expect(widths(0, 275)).toEqual([...new Array<number>(273).fill(256), 112, 0]);
    expect(widths(1, 3)).toEqual([256, 17, 0]);
    expect(widths(2, 2)).toEqual([1, 0]);
    expect(widths(3, 1)).toEqual([0]);
    expect(partialTiles(70_000)).toEqual([tile(0, 273, 112), tile(1, 1, 17), tile(2, 0, 1)]);
  });

  it('of 256 leaves are a full one and a partial one above it', () => {
    expect(tileWidthAt(0, 0, 256)).toBe(256);
    expect(partialTiles(256)).toEqual([tile(1, 0, 1)]);
  });

  it.each([
    [0, []],
    [1, [tile(0, 0, 1)]],
    [255, [tile(0, 0, 255)]],
    [257, [tile(0, 1, 1), tile(1, 0, 1)]],
    [65_536, [tile(2, 0, 1)]],
    [2 ** 53 - 1, [...[0, 1, 2, 3, 4, 5].map((level) => tile(level, 2 ** (45 - 8 * level) - 1, 255)), tile(6, 0, 31)]],
  ])('of %d leaves: the partial ones', (size, expected) => {
    expect(partialTiles(size)).toEqual(expected);
  });

  it('agree between partialTiles and tileWidthAt', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(70_000), fc.maxSafeNat()), (size) => {
        for (const { level, index, width } of partialTiles(size)) {
          expect(tileWidthAt(level, index, size)).toBe(width);
          expect(tileWidthAt(level, index + 1, size)).toBe(0);
          if (index > 0) expect(tileWidthAt(level, index - 1, size)).toBe(256);
        }
      }),
    );
  });

  it('have no width at the highest levels', () => {
    expect(tileWidthAt(63, 0, 2 ** 53 - 1)).toBe(0);
    expect(tileWidthAt(6, 0, 2 ** 53 - 1)).toBe(31);
    expect(tileWidthAt(0, 2 ** 53 - 1, 2 ** 53 - 1)).toBe(0);
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN])('throws RangeError on the size %d', (size) => {
    expect(() => partialTiles(size)).toThrow(RangeError);
  });
});

describe('nodes in tiles', () => {
  const inputs = referenceInputs(600);
  const tree = new MemoryTree();
  for (const input of inputs) tree.append(leafHash(input));

  const bytesOf = ({ level, index, width }: Tile) =>
    new Uint8Array(
      Buffer.concat(
        tree.hashes(Array.from({ length: width }, (_, i) => ({ level: 8 * level, index: index * TILE_WIDTH + i }))),
      ),
    );

  it('are found and folded, every node of a tree of 600', () => {
    for (let level = 0; level < 10; level++) {
      for (let index = 0; (index + 1) * 2 ** level <= 600; index++) {
        const node = { level, index };
        const holder = nodeTile(node, 600);
        expect(holder.level).toBe(Math.floor(level / 8));
        expect(holder.width).toBe(tileWidthAt(holder.level, holder.index, 600));
        expect(nodeInTile(node, bytesOf(holder))).toEqual(tree.hashes([node])[0]);
      }
    }
  });

  it('follow the definition', () => {
    expect(nodeInTile({ level: 7, index: 1 }, bytesOf(tile(0, 0)))).toEqual(referenceRoot(inputs.slice(128, 256)));
    expect(nodeInTile({ level: 9, index: 0 }, bytesOf(tile(1, 0, 2)))).toEqual(referenceRoot(inputs.slice(0, 512)));
  });

  it('are copies: a change to the tile does not reach them', () => {
    const bytes = bytesOf(tile(0, 0, 2));
    const hash = nodeInTile({ level: 0, index: 1 }, bytes);
    bytes.fill(0);
    expect(hash).toEqual(leafHash(inputs[1]!));
  });

  it('throws RangeError on a node outside the tree, or a tile that ends before it', () => {
    expect(() => nodeTile({ level: 0, index: 600 }, 600)).toThrow(RangeError);
    expect(() => nodeTile({ level: 3, index: 75 }, 600)).toThrow(RangeError);
    expect(() => nodeTile({ level: 10, index: 0 }, 600)).toThrow(RangeError);
    expect(nodeTile({ level: 3, index: 74 }, 600)).toEqual(tile(0, 2, 88));
    expect(() => nodeInTile({ level: 0, index: 2 }, new Uint8Array(64))).toThrow(RangeError);
    expect(() => nodeInTile({ level: 1, index: 1 }, new Uint8Array(127))).toThrow(RangeError);
  });
});

describe('third-party vectors', () => {
  it('treats the tile paths of golang.org/x/mod/sumdb/tlog as C2SP’s, which have no height in them', () => {
    const file = readVectorFile('golang-mod/sumdb-tlog.json');
    const { tilePathFuzzSeeds: paths } = (
      file === undefined ? { tilePathFuzzSeeds: [] } : JSON.parse(file.toString('utf8'))
    ) as {
      tilePathFuzzSeeds: string[];
    };
    for (const path of paths) {
      expect(parseTilePath(path), path).toMatchObject({ ok: false, code: 'tile_malformed' });
      const withoutHeight = path.replace(/^tile\/\d+\//, 'tile/');
      const parsed = parseTilePath(withoutHeight);
      const valid = !/\/(data|-1|123)\//.test(path); // no entries, no level below 0, no index without its x
      expect(parsed.ok, withoutHeight).toBe(valid);
      if (parsed.ok) expect(formatTilePath(parsed.value)).toBe(withoutHeight);
    }
    reportVectors('sumdb tile paths', 8, paths.length);
  });
});

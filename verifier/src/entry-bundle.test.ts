import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBundle, formatBundlePath, MAX_ENTRY_SIZE, parseBundle, parseBundlePath } from './entry-bundle.ts';

const malformed = { ok: false, code: 'bundle_malformed' };

describe('bundle paths', () => {
  it.each([
    ['tile/entries/000', 0, 256],
    ['tile/entries/x001/x234/067', 1234067, 256],
    ['tile/entries/000.p/17', 0, 17],
    ['tile/entries/x001/000.p/255', 1000, 255],
  ])('%s', (path, index, width) => {
    expect(parseBundlePath(path)).toEqual({ ok: true, value: { index, width } });
    expect(formatBundlePath(index, width)).toBe(path);
  });

  it.each([
    '',
    'tile/entries',
    'tile/entries/',
    'tile/entries/0',
    'tile/entries/x000/001',
    'tile/entries/000.p/256',
    'tile/entries/000.p/0',
    'tile/0/000',
    'tile/data/000',
    '/tile/entries/000',
    'tile/entries/000/',
    'tile/entries/tile/entries/000',
  ])('refuses %j', (path) => {
    expect(parseBundlePath(path)).toMatchObject({ ok: false, code: 'tile_malformed' });
  });

  it('throws RangeError on what no bundle has', () => {
    expect(() => formatBundlePath(-1, 1)).toThrow(/^index:/);
    expect(() => formatBundlePath(0, 0)).toThrow(/^width:/);
    expect(() => formatBundlePath(0, 257)).toThrow(RangeError);
  });
});

describe('bundles', () => {
  it('put each entry behind its length', () => {
    const bundle = formatBundle([Uint8Array.of(7), new Uint8Array(0), new Uint8Array(258).fill(1)]);
    expect(bundle.subarray(0, 7)).toEqual(Uint8Array.of(0, 1, 7, 0, 0, 1, 2));
    expect(bundle).toHaveLength(3 + 2 + 260);
  });

  it('round-trip, also at the largest entry', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(entries, (some) => {
        expect(parseBundle(formatBundle(some))).toEqual({ ok: true, value: some });
        expect(parseBundle(formatBundle(some), some.length)).toMatchObject({ ok: true });
      }),
      { numRuns: 50 },
    );
    const largest = [new Uint8Array(MAX_ENTRY_SIZE).fill(3), Uint8Array.of(1)];
    expect(parseBundle(formatBundle(largest))).toEqual({ ok: true, value: largest });
  });

  it('throws RangeError on an entry of 65,536 bytes, on no entries and on 257', () => {
    expect(() => formatBundle([new Uint8Array(65_536)])).toThrow(RangeError);
    expect(() => formatBundle([])).toThrow(RangeError);
    expect(() => formatBundle(new Array<Uint8Array>(257).fill(Uint8Array.of(1)))).toThrow(RangeError);
    expect(formatBundle(new Array<Uint8Array>(256).fill(Uint8Array.of(1)))).toHaveLength(768);
  });

  it('refuse every truncation', () => {
    const entries = [Uint8Array.of(1, 2, 3), Uint8Array.of(4), Uint8Array.of(5, 6)];
    const bundle = formatBundle(entries);
    const ends = [5, 8]; // where an entry ends: the bundle is well-formed there, and the width alone tells
    for (let length = 0; length < bundle.length; length++) {
      const cut = bundle.subarray(0, length);
      expect(parseBundle(cut, 3), `${length} bytes`).toMatchObject(malformed);
      if (ends.includes(length)) expect(parseBundle(cut)).toMatchObject({ ok: true });
      else expect(parseBundle(cut), `${length} bytes`).toMatchObject(malformed);
    }
  });

  it('refuse extra bytes', () => {
    const bundle = formatBundle([Uint8Array.of(1, 2, 3)]);
    const extended = (...extra: number[]) => Uint8Array.of(...bundle, ...extra);
    expect(parseBundle(extended(0))).toMatchObject(malformed);
    expect(parseBundle(extended(0, 1))).toMatchObject(malformed);
    expect(parseBundle(extended(0xff, 0xff, 0))).toMatchObject(malformed);
    expect(parseBundle(extended(0, 0), 1)).toMatchObject(malformed); // an empty entry, but a second one
    expect(parseBundle(bundle, 2)).toMatchObject(malformed);
  });

  it('refuse more than 256 entries', () => {
    expect(parseBundle(new Uint8Array(2 * 256))).toMatchObject({ ok: true });
    expect(parseBundle(new Uint8Array(2 * 257))).toMatchObject(malformed);
    expect(parseBundle(new Uint8Array(20_000_000))).toMatchObject(malformed);
  });
});

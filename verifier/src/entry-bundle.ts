/**
 * Entry bundles: C2SP tlog-tiles, "Log entries". Up to 256 entries, each behind its length as a big-endian uint16,
 * under the same positions as the tiles of level 0: `tile/entries/x001/x234/067`, or with a width,
 * `tile/entries/000.p/17`.
 */
import { fail, ok, type Result } from './result.ts';
import { formatPosition, parsePosition, TILE_WIDTH } from './tile.ts';

/** The largest entry that a bundle can hold, in bytes. */
export const MAX_ENTRY_SIZE = 65_535;

const PREFIX = 'tile/entries/';

/** Throws RangeError on an index or width that no bundle has. */
export function formatBundlePath(index: number, width: number): string {
  return PREFIX + formatPosition(index, width);
}

/** Each bundle has one path. Fails with `tile_malformed`. */
export function parseBundlePath(path: string): Result<{ index: number; width: number }> {
  const position = path.startsWith(PREFIX) ? parsePosition(path.slice(PREFIX.length)) : undefined;
  return position === undefined ? fail('tile_malformed', 'not the path of an entry bundle') : ok(position);
}

/** Throws RangeError unless there are 1 to 256 entries, each of at most 65,535 bytes. */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH) throw new RangeError('entries: not 1 to 256 of them');
  let length = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_SIZE) throw new RangeError('entries: one is longer than 65,535 bytes');
    length += 2 + entry.length;
  }
  const bundle = new Uint8Array(length);
  let at = 0;
  for (const entry of entries) {
    bundle[at] = entry.length >>> 8;
    bundle[at + 1] = entry.length;
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/**
 * Fails with `bundle_malformed`: truncated, empty, more than 256 entries or, where the width is known, another number
 * of them. The entries are views of the bundle's memory, not copies.
 */
export function parseBundle(bundle: Uint8Array, width?: number): Result<Uint8Array[]> {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length) {
    if (at + 2 > bundle.length) return fail('bundle_malformed', 'the bundle ends within a length');
    const end = at + 2 + bundle[at]! * 256 + bundle[at + 1]!;
    if (end > bundle.length) return fail('bundle_malformed', 'the bundle ends within an entry');
    if (entries.length === TILE_WIDTH) return fail('bundle_malformed', 'the bundle has more than 256 entries');
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  if (entries.length === 0) return fail('bundle_malformed', 'the bundle has no entry');
  if (width !== undefined && entries.length !== width) {
    return fail('bundle_malformed', 'the bundle has another number of entries than its width says');
  }
  return ok(entries);
}

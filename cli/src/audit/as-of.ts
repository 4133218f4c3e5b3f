import { parseEntry, TILE_WIDTH, tileWidthAt } from '@assent/verifier';
import type { LogSource } from '../log-source/log-source.ts';

/** An audit of the log as it was: at a size, or by its own clock at a time in milliseconds. */
export type AsOf = { readonly size: number } | { readonly time: number };

/**
 * How many of the first entries were logged by a time. Searched for in as many bundles as the logarithm of their number, which takes the
 * times to be in order; where they are not, the audit itself says so. Throws CommandFailure.
 */
export async function sizeAt(time: number, size: number, source: LogSource): Promise<number> {
  let low = 0;
  let high = Math.ceil(size / TILE_WIDTH);
  // The last bundle that begins in time.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const first = (await timesOf(middle, size, source)).find((each) => each !== undefined);
    if (first === undefined || first <= time) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const times = await timesOf(low - 1, size, source);
  const late = times.findIndex((each) => each !== undefined && each > time);
  return (low - 1) * TILE_WIDTH + (late < 0 ? times.length : late);
}

async function timesOf(bundle: number, size: number, source: LogSource): Promise<readonly (number | undefined)[]> {
  const entries = await source.bundle(bundle, tileWidthAt(0, bundle, size));
  return entries.map((bytes) => {
    const entry = bytes && parseEntry(bytes);
    return entry?.ok ? entry.value.loggedAt : undefined;
  });
}

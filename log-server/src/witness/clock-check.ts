/** The clock rule of formats.md §4: an append is refused while enough witnesses agree that this clock is wrong. */

/** A witness's newest cosignature: the time in it, and when it arrived by our clock; ms since the epoch. */
export type ClockReading = { readonly time: number; readonly arrivedAt: number };

const LEAST_WITNESSES = 3;
const RECENT_MS = 10 * 60_000;
const MAX_SKEW_MS = 60_000;

/**
 * How far the witnesses' clocks are ahead of ours in ms (negative: behind), if that is beyond what is tolerated. The
 * median: two of three witnesses would have to lie in the same direction to stop the log.
 *
 * @param readings of the policy's witnesses, one each
 */
export function clockSkew(readings: readonly ClockReading[], now: number): number | undefined {
  const differences = readings
    .filter(({ arrivedAt }) => Math.abs(now - arrivedAt) <= RECENT_MS)
    .map(({ time, arrivedAt }) => time - arrivedAt)
    .sort((a, b) => a - b);
  const count = differences.length;
  if (count < LEAST_WITNESSES) return undefined;
  const median = (differences[Math.floor((count - 1) / 2)]! + differences[Math.floor(count / 2)]!) / 2;
  return Math.abs(median) > MAX_SKEW_MS ? median : undefined;
}

/**
 * The clock of this host, as long as it goes as time goes. A cosignature's time can't be taken back, and none may come before it:
 * one moment with a clock in 2040, and a witness could cosign nothing until then.
 */

/** What a clock may be corrected by at once, and what it may gain meanwhile: 0.1 %, twice what a clock is slewed by. */
const LEAP_MS = 60_000;
const GAIN = 0.001;
/** A leap that lasts that long was right: the machine slept, or its clock had been wrong. */
const BELIEVED_AFTER_MS = 600_000;

/**
 * @param monotonic milliseconds that no correction of the clock changes
 * @returns reads the clock: milliseconds since the epoch, or undefined for ten minutes after it leapt ahead
 */
export function steadyClock(
  now: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
): () => number | undefined {
  let at = monotonic();
  /** Between the two, when the clock was last believed. */
  let offset = now() - at;
  let leap: { readonly offset: number; readonly since: number } | undefined;
  return () => {
    const wall = now();
    const mono = monotonic();
    const found = wall - mono;
    if (found - offset > LEAP_MS + GAIN * (mono - at)) {
      if (leap === undefined || Math.abs(found - leap.offset) > LEAP_MS) leap = { offset: found, since: mono };
      if (mono - leap.since < BELIEVED_AFTER_MS) return undefined;
    }
    // Backwards it may go: that no cosignature does is seen to elsewhere.
    [at, offset, leap] = [mono, found, undefined];
    return wall;
  };
}

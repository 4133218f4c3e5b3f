/** How much a caller may do: `perSecond` over time, and `burst` at once after a pause. Both are more than 0. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/** What was left in a caller's bucket at a time in ms. */
type Bucket = { readonly tokens: number; readonly at: number };

/** Beyond it the bucket that rested longest is forgotten, which is then most likely full again. */
const MOST_BUCKETS = 10_000;

/**
 * A token bucket for each caller, in the memory of this process. A bucket fills while it is not looked at, by the time
 * that went by, so there are no timers.
 */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;
  readonly #most: number;

  /** @param now a clock in milliseconds that never goes back */
  constructor(now: () => number = () => performance.now(), most = MOST_BUCKETS) {
    this.#now = now;
    this.#most = most;
  }

  /**
   * Takes `count` tokens, or none if there are fewer.
   *
   * @returns 0 if they were taken; else after how many seconds, rounded up, there will be enough; Infinity if `count` is
   *   more than the bucket holds
   */
  take(caller: string, count: number, { perSecond, burst }: Rate): number {
    if (count > burst) return Number.POSITIVE_INFINITY;
    const now = this.#now();
    const tokens = this.#tokens(caller, now, { perSecond, burst });
    const missing = count - tokens;
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { tokens: missing > 0 ? tokens : tokens - count, at: now });
    if (this.#buckets.size > this.#most) {
      const oldest = this.#buckets.keys().next();
      if (!oldest.done) this.#buckets.delete(oldest.value);
    }
    return seconds(missing, perSecond);
  }

  /** What {@link take} would return, without taking any. */
  wait(caller: string, count: number, rate: Rate): number {
    if (count > rate.burst) return Number.POSITIVE_INFINITY;
    return seconds(count - this.#tokens(caller, this.#now(), rate), rate.perSecond);
  }

  #tokens(caller: string, now: number, { perSecond, burst }: Rate): number {
    const held = this.#buckets.get(caller);
    return held === undefined ? burst : Math.min(burst, held.tokens + ((now - held.at) / 1000) * perSecond);
  }
}

function seconds(missing: number, perSecond: number): number {
  return missing > 0 ? Math.max(1, Math.ceil(missing / perSecond)) : 0;
}

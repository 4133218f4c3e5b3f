/** Runs at most so many at once, in the order in which they were asked for. */
export type Limit = <T>(run: () => Promise<T>) => Promise<T>;

/** Throws RangeError unless `most` is a positive integer. */
export function createLimit(most: number): Limit {
  if (!Number.isSafeInteger(most) || most < 1) throw new RangeError('most: not a positive integer');
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await run();
    } finally {
      // Whoever waited longest takes over the place.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import { measureP256 } from './baselines.ts';

/** Between two looks at a machine that others keep busy, in ms. */
const LOOK_MS = 2_000;
/** For how long one load may wait for the machine, with its repetitions, in ms. */
const PATIENCE_MS = 30 * 60_000;

let least: number | undefined;

/**
 * From here on a load counts only if the machine verified so many P-256 signatures a second right before it and right after it. On
 * one that others share, what is measured while they work says more of them than of the log.
 */
export function insistOnQuiet(p256PerSecond: number): void {
  least = p256PerSecond;
}

/** Measures when nobody else seems to use the machine, and again if somebody did meanwhile. Throws an Error if it never is quiet. */
export async function whenQuiet<T>(measure: () => Promise<T>): Promise<T> {
  if (least === undefined) return measure();
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (!(await isQuiet(least))) {
      await delay(LOOK_MS);
      continue;
    }
    const result = await measure();
    if (await isQuiet(least)) return result;
    process.stderr.write('somebody else used the machine: once more\n');
  }
  throw new Error(`in ${PATIENCE_MS / 60_000} minutes the machine never was as fast as --quiet says (${least}/s)`);
}

async function isQuiet(p256PerSecond: number): Promise<boolean> {
  return (await measureP256()) >= p256PerSecond;
}

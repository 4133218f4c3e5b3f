import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for something that can be observed, never for a length of time.
 *
 * @throws {Error} that names `what` once `limitMs` have passed, or what `condition` throws
 */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await delay(5);
  }
}

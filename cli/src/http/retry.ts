import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailure } from '../failure.ts';
import { say } from '../terminal/output.ts';
import type { HttpAnswer } from './request.ts';

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
/** A log that asks for more patience than that is better asked again by whoever runs the command. */
const LONGEST_PAUSE_MS = 20_000;

/**
 * Sends again what a busy or restarting log may answer in a moment: 429, 5xx, and a connection that was cut. Every
 * request of this program can be repeated, appends too (the log answers with the entry that is there).
 * Returns the last answer, or throws its failure.
 */
export async function withRetries(send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await send().catch((error: unknown) => {
      if (error instanceof CommandFailure && error.kind === 'connection_lost') return error;
      throw error;
    });
    const failed = outcome instanceof CommandFailure;
    if (!failed && outcome.status !== 429 && outcome.status < 500) return outcome;
    const asked = failed ? undefined : parseRetryAfter(outcome.retryAfter);
    const pause = asked ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
    if (attempt === ATTEMPTS || pause > LONGEST_PAUSE_MS) {
      if (failed) throw outcome;
      return outcome;
    }
    const what = failed ? outcome.message : `${outcome.url.host} answered ${outcome.status}`;
    say(`${what}; trying again in ${pause / 1000} s (attempt ${attempt + 1} of ${ATTEMPTS})`);
    await sleep(pause);
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. Milliseconds from now; undefined for anything else. */
export function parseRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (value === null) return undefined;
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  // Date.parse takes much that is no HTTP date ("-5", "1.5").
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

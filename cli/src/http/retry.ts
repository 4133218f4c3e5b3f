import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailure, type FailureKind } from '../failure.ts';
import { say } from '../terminal/output.ts';
import type { HttpAnswer } from './request.ts';

const FIRST_PAUSE_MS = 500;

export type RetryOptions = {
  /** Default: 3. */
  readonly attempts?: number;
  /** A log that asks for more patience than that is better asked again by whoever runs the command. Default: 20 s. */
  readonly longestPauseMs?: number;
  /** Failures after which it is worth asking again. Default: a connection that was cut. */
  readonly passing?: readonly FailureKind[];
  /** Shared by requests to one host, so that while it wants to be left alone no other request reaches it either. */
  readonly calm?: Calm;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Sends again what a busy or restarting log may answer in a moment: 429, 5xx, and failures that pass. Every request of this
 * program can be repeated, appends too (the log answers with the entry that is there). Pauses double, and are as long as the log
 * asks for where it does (`Retry-After`).
 * Returns the last answer, or throws its failure.
 */
export async function withRetries(send: () => Promise<HttpAnswer>, options: RetryOptions = {}): Promise<HttpAnswer> {
  const { attempts = 3, longestPauseMs = 20_000, passing = ['connection_lost'], calm = new Calm(), signal } = options;
  for (let attempt = 1; ; attempt++) {
    await calm.wait(signal);
    const outcome = await send().catch((error: unknown) => {
      if (error instanceof CommandFailure && passing.includes(error.kind)) return error;
      throw error;
    });
    const failed = outcome instanceof CommandFailure;
    if (!failed && outcome.status !== 429 && outcome.status < 500) return outcome;
    const asked = failed ? undefined : parseRetryAfter(outcome.retryAfter);
    const pause = asked ?? withJitter(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    if (attempt >= attempts || pause > longestPauseMs) {
      if (failed) throw outcome;
      return outcome;
    }
    const what = failed ? outcome.message : `${outcome.url.host} answered ${outcome.status}`;
    calm.pause(pause, `${what}; trying again in ${seconds(pause)} s (attempt ${attempt + 1} of ${attempts})`);
  }
}

/** A host that is left alone for a while. */
export class Calm {
  #until = 0;

  /** Says why, unless it is left alone already. */
  pause(ms: number, why: string): void {
    const now = performance.now();
    if (this.#until <= now) say(why);
    this.#until = Math.max(this.#until, now + ms);
  }

  /** Rejects with the signal's reason. */
  async wait(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const left = this.#until - performance.now();
      if (left <= 0) return;
      await sleep(left, undefined, signal && { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
    }
  }
}

/** Between half and all of it, so that many who were cut off together do not come back together. */
function withJitter(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}

/** RFC 9110 §10.2.3: seconds, or a date. Milliseconds from now; undefined for anything else. */
export function parseRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (value === null) return undefined;
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  // Date.parse takes much that is no HTTP date ("-5", "1.5").
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

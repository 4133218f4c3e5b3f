import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from '../database/schema.ts';
import type { Head } from '../store/append-batch.ts';
import { insertIdleHead } from '../store/heads.ts';
import type { Publisher } from './publisher.ts';

/** How long a head is the newest before it gets a successor with the same tree and a newer time, in ms. */
export const IDLE_MS = 600_000;

/** At the earliest after this long it is looked at again, when it could not be renewed or another process was faster. */
const PAUSE_MS = 1_000;

/** A clock that gains more than this on the time that went by was set, or the machine slept. */
const MOST_GAIN_MS = 60_000;

export type IdleHeadsOptions = {
  readonly kysely: Kysely<Schema>;
  readonly publisher: Publisher;
  readonly logger: Logger;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly idleMs?: number;
  /** Whether this head is the log's last, which stays as it is. Absent: there is none. */
  readonly isFinal?: (head: Head) => boolean;
  /** Why the clock can't be trusted now, or undefined. */
  readonly clockProblem?: () => string | undefined;
  /** ms that go by, whatever is done to the clock. */
  readonly elapsed?: () => number;
};

/**
 * Keeps the tree heads of an idle log fresh: who reads one that is old can't tell a quiet log from one that is kept from
 * him. The new head goes through the same chain as every other, so of several processes one makes it, and all sign it.
 */
export class IdleHeads {
  private readonly options: IdleHeadsOptions;
  private readonly idleMs: number;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private closed = false;
  /** How far the clock is ahead of the time that went by, and until when that is too new to be believed. */
  private offset: number;
  private doubtfulUntil = Number.NEGATIVE_INFINITY;
  private readonly elapsed: () => number;

  constructor(options: IdleHeadsOptions) {
    this.options = options;
    this.idleMs = options.idleMs ?? IDLE_MS;
    this.elapsed = options.elapsed ?? (() => performance.now());
    this.offset = options.now() - this.elapsed();
  }

  /** Renews the head whenever it is due, until {@link close}. */
  start(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.running = this.renew()
        .then(
          () => undefined,
          (error: unknown) => this.options.logger.warn({ err: error }, 'the newest tree head could not be renewed'),
        )
        .finally(() => {
          this.running = undefined;
          this.start();
        });
    }, this.delay()).unref();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /**
   * Makes and signs a successor of the newest head if that is old enough, unless the log is stopped or at its end.
   *
   * @returns whether this process made one. Rejects with a Problem, or with the database's error.
   */
  async renew(): Promise<boolean> {
    const { kysely, publisher, now, isFinal } = this.options;
    if (publisher.stopReason !== undefined || this.isClockDoubtful()) return false;
    const { head } = await publisher.refresh();
    const timestamp = now();
    if (timestamp - head.timestamp < this.idleMs || isFinal?.(head) === true) return false;
    const made = await insertIdleHead(kysely, head, timestamp);
    // Whoever made it: it is the newest head now, and this process signs it too.
    await publisher.refresh();
    return made;
  }

  /**
   * Nobody waits for the head of an idle log, and a time that it once has can't be taken back: with a clock that was set
   * ahead by mistake, appends would be refused until that time is reached. So after a leap of the clock one more period has
   * to go by at the new time. (Appends take the clock as it is: those who send them wait.)
   */
  private isClockDoubtful(): boolean {
    const elapsed = this.elapsed();
    const offset = this.options.now() - elapsed;
    if (offset - this.offset > MOST_GAIN_MS) {
      this.doubtfulUntil = elapsed + this.idleMs;
      this.options.logger.warn(
        { aheadMs: Math.round(offset - this.offset) },
        'the clock leapt ahead: the tree head of an idle log is not renewed until that has lasted',
      );
    } else if (this.doubtfulUntil > elapsed && this.offset - offset > MOST_GAIN_MS) {
      this.doubtfulUntil = Number.NEGATIVE_INFINITY;
    }
    this.offset = offset;
    return this.doubtfulUntil > elapsed || this.options.clockProblem?.() !== undefined;
  }

  private delay(): number {
    const { publisher, now } = this.options;
    const newest = publisher.current?.head.timestamp ?? 0;
    // A clock that was set back must not put the next look off for as long as it was wrong.
    return Math.min(this.idleMs, Math.max(newest + this.idleMs - now(), Math.min(PAUSE_MS, this.idleMs)));
  }
}

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

export type IdleHeadsOptions = {
  readonly kysely: Kysely<Schema>;
  readonly publisher: Publisher;
  readonly logger: Logger;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly idleMs?: number;
  /** Whether this head is the log's last, which stays as it is. Absent: there is none. */
  readonly isFinal?: (head: Head) => boolean;
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

  constructor(options: IdleHeadsOptions) {
    this.options = options;
    this.idleMs = options.idleMs ?? IDLE_MS;
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
    if (publisher.stopReason !== undefined) return false;
    const { head } = await publisher.refresh();
    const timestamp = now();
    if (timestamp - head.timestamp < this.idleMs || isFinal?.(head) === true) return false;
    const made = await insertIdleHead(kysely, head, timestamp);
    // Whoever made it: it is the newest head now, and this process signs it too.
    await publisher.refresh();
    return made;
  }

  private delay(): number {
    const { publisher, now } = this.options;
    const newest = publisher.current?.head.timestamp ?? 0;
    // A clock that was set back must not put the next look off for as long as it was wrong.
    return Math.min(this.idleMs, Math.max(newest + this.idleMs - now(), Math.min(PAUSE_MS, this.idleMs)));
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { TILE_WIDTH } from '@assent/verifier';
import type { Logger } from 'pino';
import type { Published, Publisher } from '../publisher/publisher.ts';
import { TreeDamaged } from '../tree/load-tree.ts';
import { type BundleParts, checkBundle } from './check-bundle.ts';

export type ScrubberParts = BundleParts & {
  readonly publisher: Publisher;
  readonly logger: Logger;
  /** Entries a second. */
  readonly rate: number;
  /** Between two passes, in ms: a small log would be read all the time. */
  readonly restMs?: number;
};

/** What the metrics and `/readyz` tell. */
export type ScrubState = {
  /** Entries that were re-hashed since the start. */
  readonly entries: number;
  /** When the last whole pass ended (`performance.now()`), or undefined before the first has. */
  readonly passedAt: number | undefined;
  /** Indexes of entries whose stored bytes are not what was signed, as of when each was last looked at; ascending. */
  readonly damaged: readonly number[];
};

const REST_MS = 60_000;
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/**
 * Re-hashes everything that is stored under the signed head, over and over, at a steady rate: a bit that flips on a disk
 * is found while there still is a replica or a backup without it, and not when somebody asks for the entry years later.
 *
 * A damaged entry is an alarm and no more: its hash is in the tree as it was signed, so heads go on to be right, and the
 * bytes come back from a copy. A damaged hash stops the log: what would be computed from it must not be signed.
 *
 * Each process begins at a place of its own, so restarts don't leave the end of a large log unread.
 */
export class Scrubber {
  private readonly parts: ScrubberParts;
  private readonly stopping = new AbortController();
  private readonly damaged = new Set<number>();
  private entries = 0;
  private passedAt: number | undefined;
  private running: Promise<void> | undefined;

  constructor(parts: ScrubberParts) {
    this.parts = parts;
  }

  get state(): ScrubState {
    return {
      entries: this.entries,
      passedAt: this.passedAt,
      damaged: [...this.damaged].sort((a, b) => a - b),
    };
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when nothing of it is under way any more. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    let next = Math.floor(Math.random() * this.bundles);
    let left = this.bundles;
    let retryMs = RETRY_MS;
    while (!this.stopping.signal.aborted) {
      const { current } = this.parts.publisher;
      if (current === undefined || left <= 0) {
        if (current !== undefined && current.head.size > 0) this.passedAt = performance.now();
        await this.rest(this.parts.restMs ?? REST_MS);
        left = this.bundles;
        continue;
      }
      if (next >= this.bundles) next = 0;
      const began = performance.now();
      try {
        const checked = await this.check(next, current);
        retryMs = RETRY_MS;
        next++;
        left--;
        await this.rest((checked / this.parts.rate) * 1000 - (performance.now() - began));
      } catch (error) {
        if (error instanceof TreeDamaged) {
          this.parts.publisher.stopForDamage(error);
          return;
        }
        // One line for an outage, not one for each try.
        if (retryMs === RETRY_MS) this.parts.logger.warn({ err: error }, 'the scrub of stored entries waits');
        await this.rest(retryMs);
        retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
      }
    }
  }

  /** Returns how many entries it read. */
  private async check(bundle: number, published: Published): Promise<number> {
    const first = bundle * TILE_WIDTH;
    const end = Math.min(first + TILE_WIDTH, published.head.size);
    const found = new Set(await checkBundle(bundle, published, this.parts));
    for (let index = first; index < end; index++) {
      if (!found.has(index)) {
        if (this.damaged.delete(index)) this.parts.logger.warn({ index }, 'a damaged entry is whole again');
      } else if (!this.damaged.has(index)) {
        this.damaged.add(index);
        const message = 'the scrub found a stored entry that is not what was signed: restore it from a copy';
        this.parts.logger.error({ index }, message);
      }
    }
    this.entries += Math.max(0, end - first);
    return Math.max(0, end - first);
  }

  private get bundles(): number {
    return Math.ceil((this.parts.publisher.current?.head.size ?? 0) / TILE_WIDTH);
  }

  private async rest(ms: number): Promise<void> {
    await sleep(Math.max(1, ms), undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}

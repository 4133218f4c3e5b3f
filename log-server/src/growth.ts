import type { Kysely } from 'kysely';
import type { Schema } from './database/schema.ts';
import type { SignedTree } from './signed-tree.ts';
import { headAt, sizesAt } from './store/heads.ts';

/** How large the log was at evenly spaced times, out of its own heads: each size is exact. Times in ms since the epoch. */
export type Growth = {
  /** Of the log's first head, and of the newest. */
  readonly began: number;
  readonly until: number;
  /** {@link STEPS} + 1 of them, from `began` to `until`. */
  readonly sizes: readonly number[];
  /** How many entries came in the last day and the last seven, up to `until`. */
  readonly lastDay: number;
  readonly lastWeek: number;
};

export type GrowthParts = {
  readonly kysely: Kysely<Schema>;
  readonly tree: SignedTree;
  /** A clock in ms that never goes back. */
  readonly now?: () => number;
};

export const STEPS = 60;
const DAY = 86_400_000;
/** For how long a reading is shown: whoever looks at months does not miss seconds. */
const FRESH_MS = 10_000;

/** Reads how the log grew. Many readers at once cost one reading. */
export class GrowthReader {
  private readonly parts: GrowthParts;
  private held: { readonly until: number; readonly growth: Promise<Growth> } | undefined;

  constructor(parts: GrowthParts) {
    this.parts = parts;
  }

  /** Rejects with the tree's Problem. */
  read(): Promise<Growth> {
    const { now = () => performance.now() } = this.parts;
    if (this.held !== undefined && this.held.until > now()) return this.held.growth;
    const held = { until: now() + FRESH_MS, growth: this.measure() };
    this.held = held;
    held.growth.catch(() => {
      if (this.held === held) this.held = undefined;
    });
    return held.growth;
  }

  private async measure(): Promise<Growth> {
    const { kysely, tree } = this.parts;
    const { seq, size, timestamp: until } = (await tree.newest()).head;
    const began = (await headAt(kysely, 0))?.timestamp ?? until;
    const steps = Array.from({ length: STEPS + 1 }, (_, step) => Math.round(began + ((until - began) * step) / STEPS));
    const [dayAgo = 0, weekAgo = 0, ...sizes] = await sizesAt(kysely, [until - DAY, until - 7 * DAY, ...steps], seq);
    return { began, until, sizes, lastDay: size - dayAgo, lastWeek: size - weekAgo };
  }
}

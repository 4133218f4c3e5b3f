import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { Problem } from '../problems.ts';
import { Slots } from '../slots.ts';

/** How many are made at a time, each out of at most 256 entries, and how many requests wait for that. */
const AT_ONCE = 4;
const MOST_WAITING = 256;
const MOST_HELD_BYTES = 64 * 1024 * 1024;

/**
 * Bounds the memory that answers of many entries take together. A few are made at a time; and as whoever asked may read
 * slowly or not at all, what is made counts until it was sent, or its connection ended.
 */
export class LargeAnswers {
  private readonly slots = new Slots(AT_ONCE, MOST_WAITING, 'Too many large answers are under way. Try again soon.');
  private readonly mostHeld: number;
  private held = 0;

  constructor(mostHeld = MOST_HELD_BYTES) {
    this.mostHeld = mostHeld;
  }

  /** Rejects as `make` does, and with a Problem `overloaded`. */
  async make<T extends Uint8Array | string>(c: Context, make: () => Promise<T>): Promise<T> {
    const body = await this.slots.run(make);
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
    if (outgoing === undefined || outgoing.destroyed) return body;
    const { length } = body;
    if (this.held + length > this.mostHeld) {
      const message = 'More large answers wait for their readers than the log can hold. Try again soon.';
      throw new Problem('overloaded', message, { retryAfter: 1 });
    }
    this.held += length;
    outgoing.once('close', () => {
      this.held -= length;
    });
    return body;
  }
}

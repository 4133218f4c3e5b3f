import { Problem } from './problems.ts';

/** Lets so many callers work at once and so many wait; the others are told to come again. */
export class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];
  private readonly maxWaiting: number;
  private readonly refusal: string;

  /** @param refusal what those are told who find too many waiting */
  constructor(atOnce: number, maxWaiting: number, refusal: string) {
    this.free = atOnce;
    this.refusal = refusal;
    this.maxWaiting = maxWaiting;
  }

  /** Rejects as `work` does, and with a Problem `overloaded` when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) {
      this.free--;
    } else {
      if (this.waiting.length >= this.maxWaiting) {
        throw new Problem('overloaded', this.refusal, { retryAfter: 1 });
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      // Handed on without becoming free in between: whoever waits comes before whoever arrives.
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}

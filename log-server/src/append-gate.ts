import { Problem } from './problems.ts';

/** So many requests may wait, however long: one commit takes as many, and a stall of the database alone is no overload. */
const ALWAYS_TAKEN = 1_024;
/** And more only while the oldest of them has not waited for longer than this, in ms. */
const LONGEST_WAIT_MS = 250;

type Entered = { readonly at: number };

/**
 * Refuses appends while those that were taken in wait for long already. Without it all callers of an overloaded log get
 * slower together, until each of them has timed out and everything that was done for them was done in vain. So those that
 * are taken keep their latency, and the others know at once when to come again.
 */
export class AppendGate {
  /** In the order in which they came. */
  private readonly entered = new Set<Entered>();
  private readonly now: () => number;

  /** @param now a clock in ms that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Runs `action` as one that waits until it is settled. Rejects with a Problem `overloaded` without running it. */
  async through<T>(action: () => Promise<T>): Promise<T> {
    const [oldest] = this.entered;
    if (this.entered.size >= ALWAYS_TAKEN && oldest !== undefined && this.now() - oldest.at > LONGEST_WAIT_MS) {
      const message = 'The log has more appends under way than it can answer soon. Nothing was stored; try again soon.';
      throw new Problem('overloaded', message, { retryAfter: 1 });
    }
    const self = { at: this.now() };
    this.entered.add(self);
    try {
      return await action();
    } finally {
      this.entered.delete(self);
    }
  }
}

import { Problem } from '../problems.ts';

/** Bounds the memory that large requests take together. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Does something that holds `bytes` of memory until it is done. Rejects with a Problem `overloaded` if they aren't left. */
  async spend<T>(bytes: number, action: () => Promise<T>): Promise<T> {
    if (bytes > this.#left) {
      const message = 'More large requests are under way than the log can hold. Nothing was stored; try again soon.';
      throw new Problem('overloaded', message, { retryAfter: 1 });
    }
    this.#left -= bytes;
    try {
      return await action();
    } finally {
      this.#left += bytes;
    }
  }
}

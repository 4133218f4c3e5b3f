import { Problem } from './problems.ts';

/** How long a reading of the list is believed, so how long a withheld entry may still be served. */
export const WITHHELD_CACHE_MS = 2_000;

/**
 * Which entries must not be served. Asked before every read of an entry's bytes for the public, so the list is kept in
 * memory; it is read again at most every {@link WITHHELD_CACHE_MS}, and never believed for longer.
 */
export class WithheldEntries {
  private readonly read: () => Promise<readonly number[]>;
  private readonly now: () => number;
  private held: { readonly until: number; readonly indexes: Promise<readonly number[]> } | undefined;

  /** @param now a clock in milliseconds that never goes back */
  constructor(read: () => Promise<readonly number[]>, now: () => number = () => performance.now()) {
    this.read = read;
    this.now = now;
  }

  /** Those from `first` to before `end`, ascending. Rejects when the list can't be read: then nothing may be served. */
  async among(first: number, end: number): Promise<number[]> {
    return (await this.list()).filter((index) => index >= first && index < end);
  }

  /** @throws {Problem} `withheld`, with the first of them, if any entry from `first` to before `end` is withheld */
  async refuse(first: number, end: number): Promise<void> {
    const [index, ...more] = await this.among(first, end);
    if (index === undefined) return;
    const message =
      end - first === 1
        ? `Entry ${index} is withheld after a legal order: its bytes are not served. Its hash stays in the tree, so every proof still holds.`
        : `Withheld after a legal order: ${[index, ...more].join(', ')}. The others can be fetched one by one at /api/v1/entries/{index}; all hashes and proofs are served as before.`;
    throw new Problem('withheld', message, { index });
  }

  private list(): Promise<readonly number[]> {
    const now = this.now();
    if (this.held !== undefined && this.held.until > now) return this.held.indexes;
    // The time counts from before the question.
    const held = { until: now + WITHHELD_CACHE_MS, indexes: this.read() };
    this.held = held;
    held.indexes.catch(() => {
      if (this.held === held) this.held = undefined;
    });
    return held.indexes;
  }
}

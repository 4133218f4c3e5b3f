/**
 * Room for what is fetched and not judged yet. How large something is shows only when it is there, so whoever begins is counted as
 * large as the largest of late; the first ones as if they were very large.
 */
export class ByteRoom {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #held = 0;
  #begun = 0;
  #largest: number;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
    this.#largest = most / 4;
  }

  /** Resolves when there is room for one more. Where nothing is held one is let in, however large it may be. */
  async wait(): Promise<void> {
    while (this.#begun + this.#held > 0 && this.#held + (this.#begun + 1) * this.#largest > this.#most) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#begun++;
  }

  /** Of one that was waited for, what has come. Returns its size, which has to be given back. */
  take(entries: readonly (Uint8Array | undefined)[] | undefined): number {
    let size = 0;
    for (const entry of entries ?? []) size += entry?.length ?? 0;
    this.#begun--;
    this.#held += size;
    this.#largest = Math.max(size, this.#largest / 2);
    this.#wake();
    return size;
  }

  give(size: number): void {
    this.#held -= size;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

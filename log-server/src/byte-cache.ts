/** What was used last, up to so many bytes; the least recently used goes first. The sizes are the caller's word. */
export class ByteCache<V> {
  readonly #held = new Map<number, { readonly value: V; readonly bytes: number }>();
  readonly #maxBytes: number;
  #bytes = 0;
  #newest: number | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: number): V | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    // A proof asks several times in a row for parts of one tile. And while half of the room is free, which of what is there
    // was used last costs more to know than it is worth.
    if (key === this.#newest || 2 * this.#bytes < this.#maxBytes) return held.value;
    this.#held.delete(key);
    this.#held.set(key, held);
    this.#newest = key;
    return held.value;
  }

  /** @param bytes what it takes in memory, all told */
  set(key: number, value: V, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(key)?.bytes ?? 0);
    this.#held.delete(key);
    this.#held.set(key, { value, bytes });
    this.#newest = key;
    for (const [oldest, held] of this.#held) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#held.delete(oldest);
      this.#bytes -= held.bytes;
    }
  }
}

type Held<V> = { readonly value: V; readonly bytes: number; used: boolean };

/**
 * What was used lately, up to so many bytes. The oldest goes first, unless it was used since it came or was last spared:
 * a second chance, which costs a reader no more than to say so. To keep all of it in the order of its use costs more
 * than what is looked up is worth: a proof asks for parts of tiles twenty times. The sizes are the caller's word.
 */
export class ByteCache<V> {
  readonly #held = new Map<number, Held<V>>();
  readonly #maxBytes: () => number;
  #bytes = 0;

  /** @param maxBytes or what tells how many they are now: when they become fewer, the next value that comes finds room among them */
  constructor(maxBytes: number | (() => number)) {
    this.#maxBytes = typeof maxBytes === 'number' ? () => maxBytes : maxBytes;
  }

  get maxBytes(): number {
    return this.#maxBytes();
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: number): V | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    held.used = true;
    return held.value;
  }

  /** @param bytes what it takes in memory, all told */
  set(key: number, value: V, bytes: number): void {
    this.#bytes -= this.#held.get(key)?.bytes ?? 0;
    this.#held.delete(key);
    const { maxBytes } = this;
    const fits = bytes <= maxBytes;
    const room = fits ? maxBytes - bytes : maxBytes;
    // What is spared comes again at the end of this loop, and is not spared twice.
    for (const [oldest, held] of this.#held) {
      if (this.#bytes <= room) break;
      this.#held.delete(oldest);
      if (held.used) {
        held.used = false;
        this.#held.set(oldest, held);
      } else {
        this.#bytes -= held.bytes;
      }
    }
    if (!fits) return;
    this.#bytes += bytes;
    this.#held.set(key, { value, bytes, used: false });
  }
}

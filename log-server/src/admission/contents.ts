/** UTF-8 of well-formed text, as canonical JSON is, in whatever memory it is to be kept. */
export type Encode = (text: string) => Uint8Array;

/** For who hands it to no other thread. */
export const encodeHere: Encode = (text) => Buffer.from(text);

/**
 * What is to be kept of the records of one message, in memory that is handed over with it as a whole. A text is copied out of one
 * thread's heap and into the other's, where it lives until its batch is stored: long enough for the collector to copy it
 * twice more.
 */
export class Contents {
  private readonly filled: ArrayBuffer[] = [];
  private chunk = Buffer.alloc(0);
  private used = 0;
  private readonly size: number;

  /** @param size of a chunk, in bytes: all that is expected */
  constructor(size: number) {
    this.size = size;
  }

  readonly add: Encode = (text) => {
    const length = Buffer.byteLength(text);
    if (this.used + length > this.chunk.length) this.begin(Math.max(this.size, length));
    const start = this.used;
    this.used += this.chunk.write(text, start);
    return this.chunk.subarray(start, this.used);
  };

  /** All of its memory, to be handed over. */
  get buffers(): readonly ArrayBuffer[] {
    return this.filled;
  }

  private begin(size: number): void {
    // In memory of its own, unlike Buffer's pool, and which is about to be filled.
    this.chunk = Buffer.allocUnsafeSlow(size);
    this.filled.push(this.chunk.buffer);
    this.used = 0;
  }
}

type Commit = { readonly seq: number; readonly at: number };

/**
 * For how long commits have waited for a signature. One signature covers many heads, so two of them are enough to know:
 * the oldest that waits, and the first that came after the signing of the current head began.
 */
export class UnsignedHeads {
  private oldest: Commit | undefined;
  private next: Commit | undefined;
  private taken = -1;

  private readonly now: () => number;

  /** @param now a clock in ms that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** When the oldest unsigned head was committed, or undefined. */
  get since(): number | undefined {
    return this.oldest?.at;
  }

  committed(seq: number): void {
    if (this.oldest === undefined) this.oldest = { seq, at: this.now() };
    else if (seq > this.taken && seq > this.oldest.seq) this.next ??= { seq, at: this.now() };
  }

  /** The head is on its way to a signature; what is committed from now on waits for a later one. */
  signing(seq: number): void {
    this.taken = seq;
    if (this.next !== undefined && this.next.seq <= seq) this.next = undefined;
  }

  /** The head is signed. Returns for how many ms the oldest one that it covers had waited, or undefined if none had. */
  signed(seq: number): number | undefined {
    const { oldest, next } = this;
    if (oldest === undefined || oldest.seq > seq) return undefined;
    this.oldest = next !== undefined && next.seq > seq ? next : undefined;
    this.next = undefined;
    return this.now() - oldest.at;
  }
}

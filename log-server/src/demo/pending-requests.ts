import type { ApprovalRequest } from './payment-request.ts';

export type Decided = { readonly index: number; readonly receipt: string };

/** A request that was asked, and what has come of it. */
export type PendingRequest = {
  readonly request: ApprovalRequest;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The answer that is being logged or was: at most one, for ever. `answer` tells a repetition from another answer. */
  decided?: { readonly answer: string; readonly outcome: Promise<Decided> };
};

/**
 * Requests in memory, so that a restart forgets them and an approval for a forgotten one is refused. Bounded: when it
 * is full, new ones are refused; pushing out an older one would let a stranger cancel what somebody is reading.
 */
export class PendingRequests {
  readonly #requests = new Map<string, PendingRequest>();
  readonly #capacity: number;
  readonly #now: () => number;

  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity;
    this.#now = now;
  }

  /** False if there is no room. */
  add(request: ApprovalRequest, expiresAt: number): boolean {
    this.#forgetExpired();
    if (this.#requests.size >= this.#capacity) return false;
    this.#requests.set(request.id, { request, expiresAt });
    return true;
  }

  /** Undefined if it was never asked, or has expired. */
  find(id: string): PendingRequest | undefined {
    this.#forgetExpired();
    return this.#requests.get(id);
  }

  get size(): number {
    return this.#requests.size;
  }

  /** All live equally long, so the oldest stand first. */
  #forgetExpired(): void {
    const now = this.#now();
    for (const [id, { expiresAt }] of this.#requests) {
      if (expiresAt > now) return;
      this.#requests.delete(id);
    }
  }
}

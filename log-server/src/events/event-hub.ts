import type { Logger } from 'pino';
import { Problem } from '../problems.ts';
import type { Published, Publisher } from '../publisher/publisher.ts';
import { readStored } from '../read-stored.ts';
import type { SignedTree } from '../signed-tree.ts';
import type { EventPosition } from './event-position.ts';
import { entryEvent, headEvent, KEEP_ALIVE, PREAMBLE } from './event-text.ts';

export type EventHubParts = {
  readonly publisher: Publisher;
  readonly tree: SignedTree;
  readonly logger: Pick<Logger, 'warn'>;
};

/** A stream's texts, one after the other, and how to leave it; whoever leaves reads no further. */
export type Subscription = { readonly texts: AsyncGenerator<string, void>; readonly leave: () => void };

/** Whom a stream counts for, and how many of them it may have. */
export type StreamShare = { readonly address: string; readonly most: number };

type Subscriber = { readonly address: string | undefined; left: boolean; wake: () => void };

export type EventHubTimes = {
  /** How often subscribers are told of new heads at most: the heads in between are skipped. */
  readonly tellMs: number;
  /** How often the chain is asked for heads of other processes. */
  readonly pollMs: number;
  readonly keepAliveMs: number;
};

const TIMES: EventHubTimes = { tellMs: 100, pollMs: 1_000, keepAliveMs: 15_000 };
export const MAX_SUBSCRIBERS = 256;
/** Entries that are read and formatted at once, for all subscribers that are at the same place. */
const PIECE = 16;
const SHARED_PIECES = 8;

/**
 * Tells subscribers of new heads and entries. A subscriber is a generator that makes the next text when it is asked for
 * one: a slow reader is asked for less, skips heads, and costs no memory. Nothing is queued for anybody.
 */
export class EventHub {
  private readonly parts: EventHubParts;
  private readonly times: EventHubTimes;
  private readonly subscribers = new Set<Subscriber>();
  private closed = false;
  /** Aborted when the last subscriber has left. */
  private watching: AbortController | undefined;
  /** The head that subscribers are brought to, the same for all of them. */
  private newest: Published | undefined;
  private readonly pieces = new Map<string, Promise<readonly string[]>>();

  constructor(parts: EventHubParts, times: Partial<EventHubTimes> = {}) {
    this.parts = parts;
    this.times = { ...TIMES, ...times };
  }

  /**
   * The texts of a stream that goes on after `from`, or begins with the newest head. It ends when the log stops or shuts
   * down, or can't be read for now. Throws a Problem when there is to be no stream: `rate_limited`, `overloaded`,
   * `shutting_down`, `read_only`, and `not_found` for a position that the log has not reached.
   */
  async subscribe(from: EventPosition | undefined, withEntries: boolean, share?: StreamShare): Promise<Subscription> {
    this.refuse(share);
    // No older than a head that the client may have seen elsewhere.
    const newest = from === undefined ? await this.parts.tree.newest() : await this.parts.tree.reaching(from.entries);
    this.refuse(share);
    const subscriber: Subscriber = { address: share?.address, left: false, wake: () => undefined };
    this.subscribers.add(subscriber);
    this.watching ??= this.watch();
    this.tell(newest);
    const texts = this.texts(subscriber, from ?? { entries: newest.head.size }, withEntries);
    return { texts, leave: () => this.remove(subscriber) };
  }

  /** How many are subscribed. */
  get size(): number {
    return this.subscribers.size;
  }

  /** Ends every stream, and refuses new ones. */
  close(): void {
    this.closed = true;
    this.endAll();
  }

  private refuse(share: StreamShare | undefined): void {
    if (this.closed) throw new Problem('shutting_down', 'The log is shutting down. Try again soon.', { retryAfter: 1 });
    const { stopReason } = this.parts.publisher;
    if (stopReason !== undefined) throw new Problem('read_only', stopReason, { retryAfter: 300 });
    // One who opens streams and leaves them open must not take the places of all others.
    if (share !== undefined && this.openedBy(share.address) >= share.most) {
      const message = `This address has ${share.most} streams of events open, which is as many as it may have.`;
      throw new Problem('rate_limited', message, { retryAfter: 10 });
    }
    if (this.subscribers.size < MAX_SUBSCRIBERS) return;
    const message = `${MAX_SUBSCRIBERS} streams of events are open, which is as many as there may be. Try again later.`;
    throw new Problem('overloaded', message, { retryAfter: 10 });
  }

  private openedBy(address: string): number {
    let count = 0;
    for (const subscriber of this.subscribers) if (subscriber.address === address) count++;
    return count;
  }

  private async *texts(
    subscriber: Subscriber,
    from: EventPosition,
    withEntries: boolean,
  ): AsyncGenerator<string, void> {
    let { entries, headTime = -1 } = from;
    try {
      yield PREAMBLE;
      while (!subscriber.left) {
        const newest = this.newest!;
        const { size, timestamp } = newest.head;
        while (withEntries && entries < size && !subscriber.left) {
          const end = Math.min(size, PIECE * (Math.floor(entries / PIECE) + 1));
          for (const text of await this.piece(newest, entries, end)) yield text;
          entries = end;
        }
        if (timestamp > headTime && size >= entries && !subscriber.left) {
          headTime = timestamp;
          yield headEvent(newest);
        }
        if (this.newest !== newest || subscriber.left) continue;
        if ((await this.wait(subscriber)) === 'quiet') yield KEEP_ALIVE;
      }
    } catch (error) {
      // To the client this is an end like any other: it connects again, and goes on from the last event that it has.
      this.parts.logger.warn({ err: error }, 'a stream of events ended early');
    } finally {
      this.remove(subscriber);
    }
  }

  /** Until the subscriber is woken, or for as long as a connection may be quiet. */
  private wait(subscriber: Subscriber): Promise<'woken' | 'quiet'> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('quiet'), this.times.keepAliveMs).unref();
      subscriber.wake = () => {
        clearTimeout(timer);
        resolve('woken');
      };
    });
  }

  /** The events of these entries. Subscribers that follow the log ask for the same ones at the same time. */
  private async piece(newest: Published, first: number, end: number): Promise<readonly string[]> {
    // What is shared may have been made before an entry of it was withheld.
    if ((await this.parts.tree.withheldAmong(first, end)).length > 0) return this.makePiece(newest, first, end);
    const key = `${first}-${end}`;
    const shared = this.pieces.get(key);
    if (shared !== undefined) return shared;
    const made = this.makePiece(newest, first, end);
    this.pieces.set(key, made);
    if (this.pieces.size > SHARED_PIECES) this.pieces.delete(this.pieces.keys().next().value!);
    made.catch(() => this.pieces.delete(key));
    return made;
  }

  private async makePiece(newest: Published, first: number, end: number): Promise<readonly string[]> {
    const { tree } = this.parts;
    const nodes = Array.from({ length: end - first }, (_, i) => ({ level: 0, index: first + i }));
    const [leaves, entries] = await Promise.all([tree.reader(newest).readHashes(nodes), readStored(tree, first, end)]);
    return leaves.map((leaf, i) => entryEvent(first + i, leaf, entries[i]));
  }

  /** While there are subscribers: takes up the heads of this process, and asks for those of others. */
  private watch(): AbortController {
    const watching = new AbortController();
    const { signal } = watching;
    const { publisher } = this.parts;
    let telling = false;
    const stop = publisher.subscribe(() => {
      if (telling) return;
      telling = true;
      // Hundreds of heads a second are of no use to a reader, and would cost whoever appends.
      setTimeout(() => {
        telling = false;
        if (!signal.aborted && publisher.current !== undefined) this.tell(publisher.current);
      }, this.times.tellMs).unref();
    });
    signal.addEventListener('abort', stop);
    this.poll(signal);
    return watching;
  }

  private poll(signal: AbortSignal): void {
    const timer = setInterval(() => {
      // Failures pass, or the log has stopped; what is published meanwhile is told of as ever.
      this.parts.publisher.refresh().then(
        () => undefined,
        () => {
          if (this.parts.publisher.stopReason !== undefined) this.endAll();
        },
      );
    }, this.times.pollMs).unref();
    signal.addEventListener('abort', () => clearInterval(timer));
  }

  private tell(published: Published): void {
    if (this.newest !== undefined && published.head.seq <= this.newest.head.seq) return;
    this.newest = published;
    for (const { wake } of this.subscribers) wake();
  }

  private endAll(): void {
    for (const subscriber of this.subscribers) this.remove(subscriber);
  }

  private remove(subscriber: Subscriber): void {
    subscriber.left = true;
    subscriber.wake();
    if (!this.subscribers.delete(subscriber) || this.subscribers.size > 0) return;
    this.watching?.abort();
    this.watching = undefined;
    this.pieces.clear();
  }
}

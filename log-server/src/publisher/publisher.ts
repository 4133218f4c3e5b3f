import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from '../database/schema.ts';
import type { WriteSession } from '../database/write-session.ts';
import type { LogTimeline } from '../log-timeline.ts';
import type { Metrics } from '../metrics.ts';
import { Problem } from '../problems.ts';
import type { Head } from '../store/append-batch.ts';
import { readChainEnd, writeBarrier } from '../store/heads.ts';
import { readLogChanges } from '../store/log-changes.ts';
import { advanceTree, TreeDamaged, type TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { within } from '../within.ts';
import type { ForkGuard } from './fork-guard.ts';
import { GuardNotSynced } from './guard.ts';
import { type HeadSigner, LogKeyMissing } from './head-signer.ts';
import { sayChanges } from './say-changes.ts';
import { UnsignedHeads } from './unsigned-heads.ts';

/** A head that the guard has passed, with its signed checkpoint and the tree that it covers. */
export type Published = TreeState & { readonly checkpoint: string };

export type PublisherOptions = {
  readonly kysely: Kysely<Schema>;
  readonly session: WriteSession;
  readonly cache: TileCache;
  readonly guard: ForkGuard;
  readonly signer: HeadSigner;
  /** Kept up to date with every head that is read from the chain. */
  readonly timeline: LogTimeline;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Called once, with the reason, when nothing is signed any more. */
  readonly onStop?: (reason: string) => void;
};

type Waiter = {
  readonly size: number;
  /** Heads of one size differ in time, and perhaps in the keys that sign. */
  readonly seq: number;
  readonly resolve: (published: Published) => void;
  readonly reject: (e: Error) => void;
};
type Offer = { readonly state: TreeState; readonly acknowledged: boolean };

const RETRY_MS = 200;
/** For how long a reader waits for the newest head: a database that is stalled, not gone, would hold it for much longer. */
const REFRESH_MS = 5_000;
const CLOSE_MS = 5_000;

/**
 * Signs heads, in this order: the commit is known to be durable, the guard has moved, the signature verifies. Whatever
 * stops it, no head is signed; a reason that no retry can cure (a database that went back in time) stops it for good.
 */
export class Publisher {
  private published: Published | undefined;
  private offered: Offer | undefined;
  /** {@link doubt} was called, and no barrier has come after it. */
  private doubtful = false;
  private readonly unsigned = new UnsignedHeads();
  private waiters: Waiter[] = [];
  private readonly listeners = new Set<(published: Published) => void>();
  private running: Promise<void> | undefined;
  private closed = false;
  private stoppedBy: string | undefined;
  private refreshing: Promise<Published> | undefined;
  private nextRefresh: Promise<Published> | undefined;

  private readonly options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.options = options;
  }

  /** Why nothing is signed any more, or undefined while all is well. */
  get stopReason(): string | undefined {
    return this.stoppedBy;
  }

  /** The newest head that this process signed; another process may have signed a newer one ({@link refresh}). */
  get current(): Published | undefined {
    return this.published;
  }

  /** When the oldest head was committed that waits for a signature, as `performance.now()` tells, or undefined. */
  get unsignedSince(): number | undefined {
    return this.unsigned.since;
  }

  /** Tells of each head as it is signed, in order; `listener` must not throw, and be quick. Returns how to end that. */
  subscribe(listener: (published: Published) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Takes a committed state to sign. Only the newest one is: it covers all before it. */
  offer(state: TreeState, acknowledged: boolean): void {
    const newest = this.offered?.state.head.seq ?? this.published?.head.seq ?? -1;
    if (state.head.seq < newest || state.head.seq === this.published?.head.seq) return;
    this.offered = { state, acknowledged };
    this.unsigned.committed(state.head.seq);
    this.start();
  }

  /**
   * Before the next head is signed, whichever that is, the database has to acknowledge a write of the publisher's own and to tell
   * again which database it is: an answer came on a new connection or with a warning. It may have stored nothing, or a head that
   * gives way to a newer one before it is looked at, so the doubt must not be the head's alone.
   */
  doubt(): void {
    this.doubtful = true;
  }

  /** The first signed head that covers `size` entries. Rejects with a Problem when signing has stopped. */
  waitFor(size: number): Promise<Published> {
    return this.waitForHead({ size, seq: 0 });
  }

  private waitForHead({ size, seq }: Pick<Head, 'size' | 'seq'>): Promise<Published> {
    const held = this.published;
    if (held !== undefined && held.head.size >= size && held.head.seq >= seq) return Promise.resolve(held);
    if (this.stoppedBy !== undefined) return Promise.reject(readOnly(this.stoppedBy));
    return new Promise((resolve, reject) => {
      this.waiters.push({ size, seq, resolve, reject });
    });
  }

  /**
   * A signed head that is at least as new as any that any process had handed out when this was called: the chain in
   * the database is asked, once for all callers that wait. Throws a Problem, also when that takes too long.
   */
  refresh(): Promise<Published> {
    return within(REFRESH_MS, this.askForNewest(), tooLate);
  }

  private askForNewest(): Promise<Published> {
    if (this.refreshing === undefined) {
      this.refreshing = this.readNewest().finally(() => {
        this.refreshing = undefined;
      });
      return this.refreshing;
    }
    // The read that is under way may have begun before the head that this caller must see.
    this.nextRefresh ??= this.refreshing.then(
      () => this.startNextRefresh(),
      () => this.startNextRefresh(),
    );
    return this.nextRefresh;
  }

  /**
   * The end of the chain in the database. It is never before what this process has signed: if it is, an older copy was put
   * in the database's place, and signing stops for good. Throws a Problem then.
   */
  async readChain(): Promise<Head> {
    // Taken before the read: by the time it returns, a newer head may rightly have been signed.
    const before = this.published;
    const head = await this.readEnd();
    if (head === undefined || (before !== undefined && head.seq < before.head.seq)) {
      this.stop(wentBack(before?.head, head));
      throw readOnly(this.stoppedBy!);
    }
    return head;
  }

  /**
   * Signs a head of the chain that lies before the newest signed one; the caller has found its root in the tree of that
   * one. Throws a Problem when signing has stopped, RangeError for a head that the guard has not passed.
   */
  async signAgain(head: Head): Promise<string> {
    if (this.stoppedBy !== undefined) throw readOnly(this.stoppedBy);
    const newest = this.published?.head;
    if (newest === undefined || head.seq > newest.seq || head.size > newest.size) {
      throw new RangeError(`head: ${head.seq} (size ${head.size}) is beyond what the guard has passed`);
    }
    // By the keys of now: one that was retired since signs nothing more.
    return this.options.signer.sign(head, newest.seq);
  }

  /**
   * Stops signing for good.
   *
   * @param reason is told to everybody who asks. @param forOperator stands in the server's own log alone: paths and system errors
   */
  stop(reason: string, forOperator: { readonly guard?: string; readonly err?: unknown } = {}): void {
    if (this.stoppedBy !== undefined) return;
    this.stoppedBy = reason;
    this.options.logger.fatal({ reason, ...forOperator }, 'the log is read-only');
    for (const waiter of this.waiters.splice(0)) waiter.reject(readOnly(reason));
    this.options.onStop?.(reason);
  }

  /** Stops signing for good: what is stored does not add up. Returns what to tell whoever asked. */
  stopForDamage(error: TreeDamaged): Problem {
    this.stop(damaged(error));
    return readOnly(this.stoppedBy!);
  }

  /**
   * Stops signing for good: a head is gone that was committed, though it was perhaps never signed. Returns what to tell whoever
   * asked. Those who were told that their entry is stored would else never hear that it is not.
   */
  stopForLoss(seen: Head, end: Head): Problem {
    this.stop(lost(seen, end));
    return readOnly(this.stoppedBy!);
  }

  /** Signs what was offered, if that takes at most {@link CLOSE_MS}, and then no more. */
  async close(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref());
    await Promise.race([this.atRest(), late]);
    this.closed = true;
    await this.atRest();
  }

  /** The end of the chain, after the changes that it brings are known. Every head of another process comes in here. */
  private async readEnd(): Promise<Head | undefined> {
    const { kysely, timeline, logger } = this.options;
    const end = await readChainEnd(kysely);
    if (end !== undefined && end.lastChange > timeline.lastChange) {
      const changes = await readLogChanges(kysely);
      // Another reader of the chain may have learnt them meanwhile.
      const known = timeline.lastChange;
      timeline.learn(changes);
      sayChanges(
        changes.filter(({ seq }) => seq > known),
        logger,
      );
    }
    return end?.head;
  }

  private startNextRefresh(): Promise<Published> {
    this.nextRefresh = undefined;
    return this.askForNewest();
  }

  private async readNewest(): Promise<Published> {
    if (this.stoppedBy !== undefined) throw readOnly(this.stoppedBy);
    const head = await this.readChain();
    const published = this.published;
    if (published !== undefined && head.seq <= published.head.seq) return published;
    if (published !== undefined && head.seq > (this.offered?.state.head.seq ?? published.head.seq)) {
      const { state, fullTiles } = await advanceTree(this.options.kysely, published, head).catch((error: unknown) => {
        if (error instanceof TreeDamaged) throw this.stopForDamage(error);
        throw error;
      });
      for (const tile of fullTiles) this.options.cache.add(tile);
      this.offer(state, false);
    }
    return this.waitForHead(head);
  }

  private async atRest(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  private start(): void {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      // An offer may have come after the last look at `offered`, when this run still seemed to go on.
      if (this.hasWork()) this.start();
    });
  }

  private hasWork(): boolean {
    return this.offered !== undefined && this.stoppedBy === undefined && !this.closed;
  }

  private async run(): Promise<void> {
    while (this.offered !== undefined && this.hasWork()) {
      const offer = this.offered;
      try {
        await this.publish(offer);
      } catch (error) {
        const reason = incurable(error);
        if (reason !== undefined) return this.stop(reason, { err: error });
        this.options.logger.error({ err: error }, 'a head could not be signed: trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      if (this.offered === offer && this.published?.head.seq === offer.state.head.seq) this.offered = undefined;
    }
  }

  private async publish({ state, acknowledged }: Offer): Promise<void> {
    this.unsigned.signing(state.head.seq);
    if (!acknowledged || this.doubtful) await this.settleDoubt();
    const moved = await this.options.guard.advance(state);
    if (moved.outcome === 'refused') return this.stop(moved.reason, { guard: moved.directory });
    if (moved.outcome === 'behind') {
      // Another process signed a newer head, so it is in the chain; sign that one. If it is not, the chain was cut.
      const head = await this.readEnd();
      if (head === undefined || head.seq < moved.guardHead.seq) return this.stop(wentBack(moved.guardHead, head));
      const { state: newer, fullTiles } = await advanceTree(this.options.kysely, state, head);
      for (const tile of fullTiles) this.options.cache.add(tile);
      this.offer(newer, false);
      return;
    }
    // Said meanwhile by somebody else, as of a commit that is gone: what is read-only signs nothing any more.
    if (this.stoppedBy !== undefined) return;
    const checkpoint = await this.options.signer.sign(state.head);
    const published = { ...state, checkpoint };
    this.published = published;
    const waited = this.unsigned.signed(state.head.seq);
    if (waited !== undefined) this.options.metrics.headPublished(waited / 1000);
    const waiting = this.waiters;
    const { size, seq } = state.head;
    const covered = (waiter: Waiter): boolean => waiter.size <= size && waiter.seq <= seq;
    this.waiters = waiting.filter((waiter) => !covered(waiter));
    for (const waiter of waiting) if (covered(waiter)) waiter.resolve(published);
    for (const listener of this.listeners) listener(published);
  }

  private async settleDoubt(): Promise<void> {
    // What comes while this goes on is a doubt about a later head.
    this.doubtful = false;
    try {
      await this.barrier();
    } catch (error) {
      this.doubtful = true;
      throw error;
    }
    this.options.guard.forgetDatabase();
  }

  private async barrier(): Promise<void> {
    const { session } = this.options;
    const first = await session.run(writeBarrier);
    // A first write on a new connection says nothing against it; only a warning on an old one does.
    const { acknowledged } = first.acknowledged ? first : await session.run(writeBarrier);
    if (!acknowledged) throw new Error('the database acknowledged a write with a warning, so it may not be durable');
  }
}

/** What no retry cures: a chain that does not continue what was signed, a key that is not here, a disk whose fsync failed. */
function incurable(error: unknown): string | undefined {
  if (error instanceof TreeDamaged) return damaged(error);
  // Of a tile, when it is proven that the guard's head goes on in the new one.
  if (error instanceof Problem && error.code === 'stored_data_damaged') return damaged(error);
  if (error instanceof LogKeyMissing) return error.message;
  // A sync that failed says so once: what it was to write is lost, and the next one "succeeds".
  if (error instanceof GuardNotSynced || (error instanceof Error && 'code' in error && error.code === 'EIO')) {
    return "The fork guard's disk failed. What it holds is not known, so nothing is signed. Replace the disk and restart.";
  }
  return undefined;
}

function damaged({ message }: Error): string {
  return `The database is damaged or is not this log's: ${message.replace(/\.$/, '')}. Stop the server and give it the database that holds what was signed (the newest backup, the old primary).`;
}

function lost(seen: Head, end: Head): string {
  return `The database no longer has head ${seen.seq} (size ${seen.size}), which it had stored, and ends at size ${end.size}: it lost entries, or another copy was put in its place. Stop the server and give it the database that holds all ${seen.size} entries (the newest backup, the old primary).`;
}

function tooLate(): Problem {
  const message = 'The newest tree head could not be read and signed in time. Try again soon.';
  return new Problem('unavailable', message, { retryAfter: 2 });
}

function readOnly(reason: string): Problem {
  return new Problem('read_only', reason, { retryAfter: 300 });
}

function wentBack(signed: Head | undefined, found: Head | undefined): string {
  return `This log has signed a head of size ${signed?.size ?? 0}, but the database ends at size ${found?.size ?? 0}: it lost entries, or an older copy was put in its place. Signing now would fork the log. Stop the server and give it the database that holds all ${signed?.size ?? 0} entries (the newest backup, the old primary), or get them back with "assent-log recover".`;
}

import { equalBytes, leafHash, type Sha256 } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from '../database/schema.ts';
import type { WriteSession } from '../database/write-session.ts';
import type { Closure } from '../log-timeline.ts';
import type { QueueDepth } from '../metrics/sources.ts';
import type { Metrics } from '../metrics.ts';
import { closedProblem, Problem } from '../problems.ts';
import { type AppendResult, appendBatch, type Batch, type BatchEntry, type Head } from '../store/append-batch.ts';
import { findRecord } from '../store/entries.ts';
import { headAt } from '../store/heads.ts';
import type { Sealing } from '../store/sealed.ts';
import { advanceTree, readTree, TreeDamaged, type TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import type { FullTile } from '../tree/tree-edge.ts';

/** An admitted record that waits for its place. */
export type PendingRecord = {
  /** Digests that may be in the log at most once each, 32 bytes. */
  readonly statement: Uint8Array;
  readonly identity: Uint8Array;
  /** The id of the API key that appends it, as a number; null: the server itself. */
  readonly apiKey: number | null;
  /** Of a sealed entry, blind or not. */
  readonly sealing?: Sealing;
  /** An upper bound of the entry's size in bytes, for the limit on bytes in flight. */
  readonly bytes: number;
  /** The entry's bytes, once its time is known (ms since the epoch). */
  readonly format: (loggedAt: number) => Uint8Array;
  readonly before?: Deadline;
};

/** The entry has to be logged before this time (ms since the epoch), else it is refused with this. */
export type Deadline = { readonly time: number; readonly problem: Problem };

export type Sequenced = {
  readonly index: number;
  readonly entry: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly head: Head;
  /** false when the database did not say, without a warning, that the commit is durable: its signed head will tell. */
  readonly acknowledged: boolean;
};

export type SequenceResult = Sequenced | { readonly taken: number };

export type SequencerOptions = {
  readonly kysely: Kysely<Schema>;
  readonly session: WriteSession;
  readonly cache: TileCache;
  readonly sha256: Sha256;
  readonly now: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The end of the chain; rejects when it is before what was signed, and nothing may be appended to it. */
  readonly readChain: () => Promise<Head>;
  /** Whether this head is the log's last. */
  readonly closureAt: (head: Head) => Closure | undefined;
  /** Told when what is stored does not add up; returns what to tell those who wait. */
  readonly onDamage: (error: TreeDamaged) => Problem;
  /** Told of each commit; `acknowledged` is false when the database did not say, without a warning, that it is durable. */
  readonly onCommit: (state: TreeState, acknowledged: boolean) => void;
  /** Told when the database answered, whatever it was, with a warning or on a new connection: it may be another one than before. */
  readonly onDoubt: () => void;
  /** Told when a head is gone that this process saw in the chain; returns what to tell those who wait. */
  readonly onLoss: (seen: Head, end: Head) => Problem;
  /** Resolves when a signed head covers this size; may reject, which is told to whoever waits for the signature. Absent: nobody signs. */
  readonly signed?: (size: number) => Promise<unknown>;
};

const MAX_BATCH_ENTRIES = 1_024;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** What may wait at most; beyond it appends are refused, so that memory is bounded. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
const MAX_QUEUED_RECORDS = 10_000;
/** How far the log's clock may be behind the newest logged_at before appends are refused. */
const MAX_CLOCK_LAG_MS = 60_000;
/**
 * How long the next batch waits for the signature of the last one, in ms. Answers go out with the signature, so what those
 * callers send next shares a batch; and each head costs a statement, a sync of the guard and two signatures, whatever its
 * size. A signature that takes longer holds nobody up who does not wait for it.
 */
const MAX_PAUSE_MS = 25;
/**
 * It waits for no signature when so many are there already: then the database stores these while the last head is signed and
 * its receipts are written, instead of one after the other.
 */
const ENOUGH_RECORDS = 512;
/** How long a batch is tried on a database that does not answer. */
const GIVE_UP_MS = 10_000;

type Waiting = PendingRecord & {
  readonly settle: (result: SequenceResult | Problem) => void;
  /** Of the same batch and identity: whatever comes of this record decides theirs. */
  readonly followers: Waiting[];
};

/**
 * Gives records their places, in batches of whatever queued while the last statement ran. What it remembers of the
 * tree is only ever what a head in the database confirmed; after any failure it is dropped and read again.
 */
export class Sequencer {
  private queue: Waiting[] = [];
  private queuedBytes = 0;
  private state: TreeState | undefined;
  /** The newest head that the chain had. Kept after a failure, as the chain must go on after it. */
  private seen: Head | undefined;
  private running: Promise<void> | undefined;
  private closed = false;

  private readonly options: SequencerOptions;

  constructor(options: SequencerOptions) {
    this.options = options;
  }

  /**
   * Resolves with the entry and its place when a commit is known to hold it, or with `taken` and the index of the entry
   * that has its statement, identity or commitment. Rejects with a Problem; the outcome may then be unknown, and a retry finds out.
   */
  append(record: PendingRecord): Promise<SequenceResult> {
    return new Promise((resolve, reject) => {
      this.enqueue(record, (result) => (result instanceof Problem ? reject(result) : resolve(result)));
    });
  }

  /** The same of many, in one turn and with one promise for all of them: what is refused is a Problem in its place. */
  appendAll(records: readonly PendingRecord[]): Promise<(SequenceResult | Problem)[]> {
    return new Promise((resolve) => {
      const results: (SequenceResult | Problem)[] = new Array(records.length);
      let left = records.length;
      if (left === 0) resolve(results);
      for (const [i, record] of records.entries()) {
        this.enqueue(record, (result) => {
          // A batch that fails is refused as a whole, with those that had their answer.
          if (results[i] !== undefined) return;
          results[i] = result;
          left--;
          if (left === 0) resolve(results);
        });
      }
    });
  }

  private enqueue(record: PendingRecord, settle: Waiting['settle']): void {
    if (this.closed) {
      const message = 'The log is shutting down. Nothing was stored; try again soon.';
      settle(new Problem('shutting_down', message, { retryAfter: 1 }));
      return;
    }
    if (this.queue.length >= MAX_QUEUED_RECORDS || this.queuedBytes + record.bytes > MAX_QUEUED_BYTES) {
      const message = 'More records wait than the log can hold. Nothing was stored; try again after a pause.';
      settle(new Problem('overloaded', message, { retryAfter: 1 }));
      return;
    }
    // The record's members last: V8 takes 2.6 µs to make an object that begins with another one's members and goes on.
    this.queue.push({ settle, followers: [], ...record });
    this.queuedBytes += record.bytes;
    this.start();
  }

  /** What waits for its place now. */
  get depth(): QueueDepth {
    return { records: this.queue.length, bytes: this.queuedBytes };
  }

  /** Refuses further records and waits until those that were taken in have their answer. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.running !== undefined) await this.running;
  }

  private start(): void {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      // A record may have come after the last look at the queue, when this run still seemed to go on.
      if (this.queue.length > 0) this.start();
    });
  }

  private async run(): Promise<void> {
    // One turn of the event loop, so that requests that arrived together share the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queue.length > 0) {
      const records = this.settleRepeats(this.takeBatch());
      try {
        await this.sequence(records);
        await this.pause();
      } catch (error) {
        this.state = undefined;
        if (!(error instanceof Problem)) this.options.logger.error({ err: error }, 'a batch could not be stored');
        const problem =
          error instanceof Problem
            ? error
            : error instanceof TreeDamaged
              ? this.options.onDamage(error)
              : new Problem(
                  'not_durable',
                  'The database did not confirm the record, so whether it is stored is not known. Send it again: it is stored once.',
                  { retryAfter: 2, cause: error },
                );
        // Not those that wait for the next batch: they are tried again.
        for (const record of records) refuse(record, problem);
      }
    }
  }

  private async pause(): Promise<void> {
    if (this.queue.length >= ENOUGH_RECORDS) return;
    const signed = this.state && this.options.signed?.(this.state.head.size);
    if (signed === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, MAX_PAUSE_MS);
      const goOn = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signed.then(goOn, goOn);
    });
    // One turn, for the requests that the answers bring.
    await new Promise((resolve) => setImmediate(resolve));
  }

  private takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const record of this.queue) {
      if (count === MAX_BATCH_ENTRIES || (count > 0 && bytes + record.bytes > MAX_BATCH_BYTES)) break;
      bytes += record.bytes;
      count++;
    }
    this.queuedBytes -= bytes;
    return this.queue.splice(0, count);
  }

  private async sequence(batch: readonly Waiting[]): Promise<void> {
    let records = batch;
    const giveUpAt = performance.now() + GIVE_UP_MS;
    while (records.length > 0) {
      if (performance.now() >= giveUpAt) throw new Error('other processes were faster at every attempt');
      const state = this.state ?? (await this.read());
      const closure = this.options.closureAt(state.head);
      if (closure !== undefined) return this.settle(records, () => closedProblem(closure));
      const timestamp = this.timestampAfter(state.head);
      const late = records.filter(({ before }) => before !== undefined && timestamp >= before.time);
      if (late.length > 0) {
        await this.settle(late, ({ before }) => before!.problem);
        records = records.filter((record) => !late.includes(record));
        continue;
      }
      const prepared = this.prepare(state, records, timestamp);
      const sentAt = performance.now();
      const { result, acknowledged } = await this.store(prepared.batch, giveUpAt);
      if (result.outcome === 'appended') {
        this.options.metrics.appended('created', records.length);
        this.options.metrics.batchStored(records.length, (performance.now() - sentAt) / 1000);
        this.commit(prepared.next, prepared.batch.fullTiles, acknowledged);
        records.forEach((record, i) => {
          const { bytes, leafHash } = prepared.batch.entries[i]!;
          const index = state.head.size + i;
          answer(record, { index, entry: bytes, leafHash, head: prepared.next.head, acknowledged });
        });
        return;
      }
      if (result.outcome === 'taken') {
        const taken = new Map(result.taken.map(({ position, index }) => [position, index]));
        records.forEach((record, i) => {
          const index = taken.get(i);
          if (index !== undefined) answer(record, { taken: index });
        });
        records = records.filter((_, i) => !taken.has(i));
      } else {
        await this.follow(state);
      }
    }
  }

  /**
   * Two records of one batch with the same statement, identity or commitment: the SQL looks only at what is committed, so
   * the later one waits for the next batch, where it will find the earlier one.
   *
   * One with the same identity need not wait, as the identity follows from the statement: wherever the earlier one finds its
   * place, or another entry in it, the later one's is taken as well. A thousand who want the same are answered together.
   * Sealed ones may be taken by their commitment, which says nothing about others.
   */
  private settleRepeats(batch: Waiting[]): Waiting[] {
    const identities = new Map<string, Waiting>();
    const statements = new Set<string>();
    const commitments = new Set<string>();
    const records: Waiting[] = [];
    const later: Waiting[] = [];
    for (const record of batch) {
      const identity = asKey(record.identity);
      const earlier = identities.get(identity);
      if (earlier !== undefined && earlier.sealing === undefined && record.sealing === undefined) {
        earlier.followers.push(record);
        continue;
      }
      const commitment = record.sealing && asKey(record.sealing.commitment);
      const isOtherStatement = isAdded(statements, asKey(record.statement));
      const isOtherCommitment = commitment === undefined || isAdded(commitments, commitment);
      (earlier === undefined && isOtherStatement && isOtherCommitment ? records : later).push(record);
      if (earlier === undefined) identities.set(identity, record);
    }
    for (const record of later) this.queuedBytes += record.bytes;
    this.queue.unshift(...later);
    return records;
  }

  /** What can't be taken in any more is told where it is, if it is there: an answer may have been lost just before the end. */
  private async settle(records: readonly Waiting[], problemOf: (record: Waiting) => Problem): Promise<void> {
    const { kysely } = this.options;
    for (const record of records) {
      const found =
        (await findRecord(kysely, 'statement', record.statement)) ??
        (await findRecord(kysely, 'identity', record.identity));
      if (found === undefined) refuse(record, problemOf(record));
      else answer(record, { taken: found.index });
    }
  }

  /** The `logged_at` of a batch on top of this head. Throws a Problem `clock`. */
  private timestampAfter(head: Head): number {
    const now = this.options.now();
    if (now < head.timestamp - MAX_CLOCK_LAG_MS) {
      const behind = Math.round((head.timestamp - now) / 1000);
      const message = `The log's clock is ${behind} s behind its newest entry, so nothing is appended until it is set right.`;
      throw new Problem('clock', message, { retryAfter: 60 });
    }
    return Math.max(now, head.timestamp + 1);
  }

  private prepare(state: TreeState, records: readonly Waiting[], timestamp: number): { batch: Batch; next: TreeState } {
    const { sha256 } = this.options;
    const entries: BatchEntry[] = records.map((record) => {
      const bytes = record.format(timestamp);
      const { statement, identity, apiKey, sealing } = record;
      return { bytes, leafHash: leafHash(bytes, sha256), statement, identity, apiKey, ...(sealing && { sealing }) };
    });
    const { edge, fullTiles } = state.edge.extend(Buffer.concat(entries.map((entry) => entry.leafHash)));
    const head = { seq: state.head.seq + 1, size: edge.size, root: edge.root(), timestamp };
    return { batch: { previous: state.head, next: head, entries, fullTiles }, next: { head, edge } };
  }

  /**
   * Runs the statement until its outcome is known. After a lost connection the first run may still be on its way to a
   * commit: the second one waits for it at the head's primary key, and then the chain itself tells whose head it is.
   */
  private async store(batch: Batch, giveUpAt: number): Promise<{ result: AppendResult; acknowledged: boolean }> {
    const { session, kysely, logger } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        const { value: result, acknowledged } = await session.run((client) => appendBatch(client, batch));
        if (!acknowledged) this.options.onDoubt();
        if (attempt > 1 && result.outcome !== 'appended') {
          const head = await headAt(kysely, batch.next.seq);
          if (head !== undefined && equalBytes(head.root, batch.next.root)) {
            return { result: { outcome: 'appended' }, acknowledged: false };
          }
        }
        return { result, acknowledged };
      } catch (error) {
        if (isRefusal(error) || performance.now() >= giveUpAt) throw error;
        logger.warn({ err: error, attempt }, 'an append was interrupted: running the same statement again');
        await new Promise((resolve) => setTimeout(resolve, Math.min(100 * attempt, 1_000)));
      }
    }
  }

  private commit(next: TreeState, fullTiles: readonly FullTile[], acknowledged: boolean): void {
    for (const tile of fullTiles) this.options.cache.add(tile);
    this.state = next;
    this.seen = next.head;
    this.options.onCommit(next, acknowledged);
  }

  /** After a lost race: the newest head, reached from the one that we still hold. */
  private async follow(state: TreeState): Promise<void> {
    const head = await this.readEnd();
    if (head.seq <= state.head.seq) {
      this.state = undefined;
      return;
    }
    const { state: next, fullTiles } = await advanceTree(this.options.kysely, state, head);
    for (const tile of fullTiles) this.options.cache.add(tile);
    this.state = next;
  }

  private async read(): Promise<TreeState> {
    const { kysely, sha256 } = this.options;
    this.state = await readTree(kysely, await this.readEnd(), sha256);
    return this.state;
  }

  /**
   * The end of the chain. It goes on after whatever this process saw of it: a head that was committed and is gone, signed or not,
   * was somebody's entry. Throws a Problem then.
   */
  private async readEnd(): Promise<Head> {
    const end = await this.options.readChain();
    const { seen } = this;
    if (seen !== undefined) {
      const held = await headAt(this.options.kysely, seen.seq);
      if (held === undefined || !equalBytes(held.root, seen.root) || held.timestamp !== seen.timestamp) {
        throw this.options.onLoss(seen, end);
      }
    }
    this.seen = end;
    return end;
  }
}

function answer(record: Waiting, result: SequenceResult): void {
  record.settle(result);
  const taken = 'taken' in result ? result.taken : result.index;
  for (const follower of record.followers) follower.settle({ taken });
}

function refuse(record: Waiting, problem: Problem): void {
  record.settle(problem);
  for (const follower of record.followers) follower.settle(problem);
}

/** Whether the set had it not. */
function isAdded(set: Set<string>, key: string): boolean {
  const before = set.size;
  return set.add(key).size > before;
}

/** A character a byte, without copying the bytes first. */
function asKey({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}

/** Postgres answered ERROR: the statement was undone. A lost connection, FATAL and PANIC leave the outcome open. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && error.severity === 'ERROR';
}

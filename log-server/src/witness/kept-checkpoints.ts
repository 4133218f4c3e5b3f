import {
  equalBytes,
  evaluateQuorum,
  type LogPolicy,
  type Primitives,
  parseNote,
  verifyCosignatures,
  verifyNote,
} from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from '../database/schema.ts';
import {
  type CosignedRow,
  cosignedAfter,
  cosignedBefore,
  firstCosigned,
  insertCosigned,
  newestCosigned,
  readCosigned,
  replaceCosigned,
} from '../store/cosigned.ts';
import type { LogKeys } from './log-keys.ts';

/** A checkpoint that reached a quorum, with its cosignatures. */
export type KeptCheckpoint = { readonly size: number; readonly checkpoint: string };

export type KeptCheckpointsOptions = {
  readonly kysely: Kysely<Schema>;
  /** For whoever asks which checkpoint covers an entry. Absent: the same. */
  readonly reads?: Kysely<Schema> | undefined;
  readonly policy: LogPolicy;
  /** SHA-256 of the policy. */
  readonly policyDigest: Uint8Array;
  readonly logKeys: LogKeys;
  readonly primitives: Primitives;
  readonly logger: Logger;
  readonly now: () => number;
};

type Row = CosignedRow & { /** Under the policy of now. */ readonly reachesQuorum: boolean };
/** The entries from `from` to before the row's size have this row as their first. */
type Covering = { readonly from: number; readonly row: Row };
type Waiter = { readonly size: number; readonly resolve: (reached: boolean) => void };

const CACHED = 1_024;

/**
 * The checkpoints that reached a quorum, each for good: receipts are made against the first one that covers their entry.
 * Rows are numbered without gaps and inserted under the next number, as heads are, and the sizes of one policy only
 * grow. So "the first" never changes, and all processes agree on it.
 *
 * Rows of an earlier policy stay. One of them is used where it is the first and would reach the quorum of now as well,
 * because who saw an entry early is worth keeping; otherwise the first one of this policy is.
 */
export class KeptCheckpoints {
  private lastSeq = 0;
  private newestSize = -1;
  private own: Row | undefined;
  private readonly cache = new Map<number, Covering>();
  private readonly waiters = new Set<Waiter>();
  private readonly options: KeptCheckpointsOptions;

  constructor(options: KeptCheckpointsOptions) {
    this.options = options;
  }

  /** The newest one that reached the quorum of this policy. */
  get newest(): KeptCheckpoint | undefined {
    return this.own;
  }

  get hasWaiters(): boolean {
    return this.waiters.size > 0;
  }

  async load(): Promise<void> {
    const { kysely, policyDigest } = this.options;
    const last = await newestCosigned(kysely);
    if (last === undefined) return;
    // One that is damaged is as good as none: the one before it is the newest then.
    for (let before: number | undefined; this.own === undefined; ) {
      const own = await newestCosigned(kysely, policyDigest, before);
      if (own === undefined) break;
      await this.learn(own);
      before = own.seq;
    }
    this.lastSeq = last.seq;
    this.newestSize = Math.max(last.size, this.own?.size ?? -1);
  }

  /** Learns what other processes kept. */
  async sync(): Promise<void> {
    const limit = 100;
    for (;;) {
      const rows = await cosignedAfter(this.options.kysely, this.lastSeq, limit);
      for (const row of rows) await this.learn(row);
      if (rows.length < limit) return;
    }
  }

  /** Keeps a checkpoint that reached the quorum, unless one of its size or larger was kept before. */
  async keep(size: number, checkpoint: string): Promise<void> {
    const { kysely, policyDigest, now } = this.options;
    while ((this.own?.size ?? -1) < size) {
      const row = { seq: this.lastSeq + 1, size, policy: policyDigest, checkpoint };
      if (await insertCosigned(kysely, row, now())) return this.learn(row);
      // Another process took the number: with a row that this one has to know first.
      await this.sync();
    }
  }

  /** Adds a cosignature that came after the quorum was reached, if this is still the newest one. */
  async complete(size: number, line: string): Promise<void> {
    const { kysely } = this.options;
    while (this.own?.size === size) {
      const { own } = this;
      const checkpoint = withLine(own.checkpoint, line);
      if (checkpoint === undefined) return;
      if (await replaceCosigned(kysely, own.seq, own.checkpoint, checkpoint))
        return this.replaceOwn(own.seq, checkpoint);
      // Another late one was faster, here or in another process: this one goes on top of it.
      const stored = await readCosigned(kysely, own.seq);
      if (stored === undefined || stored === own.checkpoint) return;
      const judged = await this.judge({ ...own, checkpoint: stored });
      if (judged === undefined) return;
      this.replaceOwn(own.seq, stored);
    }
  }

  private replaceOwn(seq: number, checkpoint: string): void {
    if (this.own?.seq !== seq) return;
    const row = { ...this.own, checkpoint };
    this.own = row;
    const covering = this.cache.get(row.size);
    if (covering?.row.seq === seq) this.cache.set(row.size, { ...covering, row });
  }

  /** The first kept checkpoint that covers an entry. */
  async first(index: number): Promise<KeptCheckpoint | undefined> {
    if (index >= this.newestSize) return undefined;
    for (const { from, row } of this.cache.values()) if (from <= index && index < row.size) return row;
    const { policyDigest, kysely, reads = kysely } = this.options;
    const [row, from] = await Promise.all([this.firstUndamaged(index), cosignedBefore(reads, index)]);
    if (row === undefined) return undefined;
    if (row.reachesQuorum) {
      this.remember({ from, row });
      return row;
    }
    return (await this.firstUndamaged(index, policyDigest)) ?? row;
  }

  /** A row that is damaged must not hide those behind it: each of them covers the entry as well. */
  private async firstUndamaged(index: number, policy?: Uint8Array): Promise<Row | undefined> {
    const { kysely, reads = kysely } = this.options;
    let found = await firstCosigned(reads, index, policy);
    while (found !== undefined) {
      const row = await this.judge(found);
      if (row !== undefined) return row;
      found = await firstCosigned(reads, index, policy, found);
    }
    return undefined;
  }

  /** The kept checkpoint of exactly this size. */
  async ofSize(size: number): Promise<KeptCheckpoint | undefined> {
    if (size === 0) return undefined;
    const kept = await this.first(size - 1);
    return kept?.size === size ? kept : undefined;
  }

  /** Whether the quorum cosigned a head of at least `size` within `ms`. */
  waitFor(size: number, ms: number): Promise<boolean> {
    if ((this.own?.size ?? -1) >= size) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        size,
        resolve: (reached) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => waiter.resolve(false), ms);
      this.waiters.add(waiter);
    });
  }

  close(): void {
    for (const waiter of this.waiters) waiter.resolve(false);
  }

  private async learn(found: CosignedRow): Promise<void> {
    const row = await this.judge(found);
    this.lastSeq = Math.max(this.lastSeq, found.seq);
    if (row === undefined) return;
    this.newestSize = Math.max(this.newestSize, row.size);
    if (!equalBytes(row.policy, this.options.policyDigest) || !row.reachesQuorum) return;
    if (this.own !== undefined && this.own.seq >= row.seq) return;
    this.own = row;
    for (const waiter of this.waiters) if (row.size >= waiter.size) waiter.resolve(true);
  }

  /** Read from the database, so verified like anything from outside; undefined for what this log did not sign. */
  private async judge(row: CosignedRow): Promise<Row | undefined> {
    const { policy, primitives, logger } = this.options;
    const logKeys = this.options.logKeys.known();
    const note = parseNote(row.checkpoint);
    const signed = note.ok ? await verifyNote(note.value, logKeys, primitives) : note;
    if (!note.ok || !signed.ok) {
      logger.error({ seq: row.seq, reason: signed.ok ? '' : signed.detail }, 'a kept checkpoint is damaged: not used');
      return undefined;
    }
    const cosigners = policy.witnesses.map(({ key }) => key);
    const { verified } = await verifyCosignatures(note.value, { cosigners, logKeys }, primitives);
    return { ...row, reachesQuorum: evaluateQuorum(policy, verified).met };
  }

  private remember(covering: Covering): void {
    this.cache.set(covering.row.size, covering);
    if (this.cache.size > CACHED) this.cache.delete(this.cache.keys().next().value!);
  }
}

/** With this cosignature as well; undefined if the witness has one there, or the line is none. */
function withLine(checkpoint: string, line: string): string | undefined {
  const note = parseNote(checkpoint + line);
  if (!note.ok) return undefined;
  const late = note.value.signatures.at(-1)!;
  // One line per witness, its first: it says since when it has seen this head.
  const isThere = note.value.signatures.slice(0, -1).some((s) => s.name === late.name && s.keyId === late.keyId);
  return isThere ? undefined : checkpoint + line;
}

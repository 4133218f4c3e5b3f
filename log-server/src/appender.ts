import { equalBytes, type Primitives } from '@assent/verifier';
import type { Admission } from './admission/admission.ts';
import type { AppendRights } from './admission/append-rights.ts';
import { examine, MAX_BODY_BYTES } from './admission/examine.ts';
import type { ConsumptionSubmission, Examined, TrustRootSubmission } from './admission/examined.ts';
import { formatExamined } from './admission/format-examined.ts';
import type { PayloadRule } from './admission/payload-types.ts';
import { sealingOf } from './admission/sealing-of.ts';
import { AppendGate } from './append-gate.ts';
import type { AppendOutcome, Pending, Receipted, Wait } from './append-outcome.ts';
import { type ApprovalRecords, consumableUntil, expiredProblem } from './consumable.ts';
import type { DiskReserve } from './disk-reserve.ts';
import { inTime } from './in-time.ts';
import type { Metrics } from './metrics.ts';
import { asProblem, PROBLEMS, Problem } from './problems.ts';
import type { Published, Publisher } from './publisher/publisher.ts';
import type { QuorumWaiter } from './publisher/quorum-waiter.ts';
import type { Receipts } from './receipts.ts';
import { judgeRepeats, type ReadKeptContents, type StandingEntry } from './repeats.ts';
import type { Deadline, PendingRecord, Sequenced, Sequencer } from './sequencer/sequencer.ts';
import type { SignedTree } from './signed-tree.ts';
import { apiKeyNumber } from './store/appended-by.ts';
import type { TreeReader } from './tree/tree-reader.ts';
import { staleProblem, TrustRoots } from './trust-roots.ts';
import type { Witnessing } from './witness/witnessing.ts';

export type AppenderParts = {
  readonly origin: string;
  /** Which payloads of other systems are taken. */
  readonly payloads: PayloadRule;
  readonly admission: Admission;
  readonly sequencer: Sequencer;
  readonly publisher: Publisher;
  readonly quorum: QuorumWaiter;
  readonly witnessing: Witnessing;
  readonly metrics: Metrics;
  readonly keptContents: ReadKeptContents;
  readonly approvals: ApprovalRecords;
  /** The index of the entry with this identity digest, 32 bytes. */
  readonly findIdentity: (identity: Uint8Array) => Promise<number | undefined>;
  /** The log's clock, ms since the epoch. */
  readonly now: () => number;
  /** Absent: nothing is kept free. */
  readonly disk?: Pick<DiskReserve, 'problem'>;
  readonly primitives: Primitives;
};

type NewEntry = Sequenced & { readonly created: true };
/** An entry that has its place in the log. */
type Placed = NewEntry | StandingEntry;

/** How long an append waits for its place, then for its signed head, and then for the witnesses, in ms. */
const WAIT_MS = 10_000;
const NOT_PLACED =
  'The database did not answer in time, so whether the record is stored is not known. Send it again: it is stored once.';

/** Takes submissions into the log. Every method throws a Problem for what a caller can be told, and is safe to repeat. */
export class Appender {
  private readonly parts: AppenderParts;
  private readonly tree: SignedTree;
  private readonly receipts: Receipts;
  private readonly trustRoots: TrustRoots;
  private readonly gate = new AppendGate();

  constructor(parts: AppenderParts, tree: SignedTree, receipts: Receipts) {
    this.parts = parts;
    this.tree = tree;
    this.receipts = receipts;
    this.trustRoots = new TrustRoots({ tree, find: parts.approvals.find, now: parts.now });
  }

  /**
   * Appends a submission (the parsed body of `POST /api/v1/entries`) and returns its receipt once a signed head covers
   * it. The same again returns the entry that is there.
   */
  async append(submission: unknown, rights: AppendRights): Promise<Receipted> {
    const { origin, payloads, primitives } = this.parts;
    this.refuseIfStopped();
    const placed = await this.placeChecked(await examine(submission, { origin, payloads }, rights, primitives), rights);
    return this.receipted(placed, await this.signed([placed]));
  }

  /** The same from the body's bytes. */
  async appendBody(body: Uint8Array, rights: AppendRights, wait: Wait): Promise<AppendOutcome> {
    this.refuseIfStopped();
    const placed = await this.gate.through(async () =>
      this.placeChecked(await this.parts.admission.examine(body, rights), rights),
    );
    const [outcome] = await this.evidence([placed], wait);
    return outcome!;
  }

  /**
   * Appends a consumption (the body of `POST /api/v1/consumptions`), at most one for an approval. Throws a Problem
   * `already_consumed` with the receipt of the one that is there, if it is another one.
   */
  async consume(body: Uint8Array, rights: AppendRights, wait: Wait): Promise<AppendOutcome> {
    this.refuseIfStopped();
    const consumed = this.gate.through(async () =>
      this.placeConsumption(await this.parts.admission.examineConsumption(body, rights), rights),
    );
    const placed = await consumed.catch(async (error: unknown) => {
      if (!(error instanceof Problem) || error.code !== 'already_consumed') throw error;
      const receipt = Buffer.from(await this.receipts.at(error.extras.index!)).toString();
      throw new Problem(error.code, error.message, { ...error.extras, receipt });
    });
    const [outcome] = await this.evidence([placed], wait);
    return outcome!;
  }

  /** One that is there is found before anything else is judged: a retry is answered whatever the time is by then. */
  private async placeConsumption(examined: ConsumptionSubmission, rights: AppendRights): Promise<Placed> {
    const standing = await this.standing(examined);
    if (standing !== undefined) return standing;
    const time = await consumableUntil(examined, this.tree, this.parts.approvals);
    return this.placeOne(examined, rights, { time, problem: expiredProblem(time) });
  }

  /** As for consumptions, a retry is answered whatever the time is by then. */
  private async placeTrustRoot(examined: TrustRootSubmission, rights: AppendRights): Promise<Placed> {
    await this.trustRoots.refuseUnlessMay(rights, examined);
    const standing = await this.standing(examined);
    if (standing !== undefined) return standing;
    const time = await this.trustRoots.loggableUntil(examined);
    return this.placeOne(examined, rights, { time, problem: staleProblem(examined.trustRoot) });
  }

  /** The entry with the identity of this record, if there is one. Throws a Problem if it is another record's. */
  private async standing(examined: Examined): Promise<StandingEntry | undefined> {
    const index = await this.parts.findIdentity(Buffer.from(examined.identity, 'hex'));
    if (index === undefined) return undefined;
    const [standing] = await this.judge([{ examined, index }]);
    if (standing instanceof Problem) throw standing;
    return standing;
  }

  /**
   * Appends many at once, as if each had been sent alone and in this order. The results have the same order, and one that
   * is refused stops no other. Throws where the log could store none of them for a reason of its own.
   */
  async appendBodies(
    bodies: readonly Uint8Array[],
    rights: AppendRights,
    wait: Wait,
  ): Promise<(AppendOutcome | Problem)[]> {
    this.refuseIfStopped();
    const placed = await this.gate.through(async () => {
      const examined = await this.examineBodies(bodies, rights);
      return forward(examined, (those) => this.placeInOrder(those, rights));
    });
    const results = await forward(placed, (those) => this.evidence(those, wait));
    for (const result of results) if (result instanceof Problem) this.parts.metrics.refused(result.code);
    return results;
  }

  private refuseIfStopped(): void {
    const { stopReason } = this.parts.publisher;
    if (stopReason !== undefined) throw new Problem('read_only', stopReason, { retryAfter: 300 });
    const spaceProblem = this.parts.disk?.problem;
    if (spaceProblem !== undefined) throw new Problem('no_space', spaceProblem, { retryAfter: 30 });
    const clockProblem = this.parts.witnessing.clockProblem();
    if (clockProblem !== undefined) throw new Problem('clock', clockProblem, { retryAfter: 60 });
  }

  private examineBodies(bodies: readonly Uint8Array[], rights: AppendRights): Promise<(Examined | Problem)[]> {
    const sized = bodies.map((body) =>
      body.length > MAX_BODY_BYTES
        ? new Problem('too_large', `A submission may have ${MAX_BODY_BYTES} bytes at most.`)
        : body,
    );
    return forward(sized, (those) => this.parts.admission.examineAll(those, rights));
  }

  /** After whatever has to be looked up in the log first. */
  private placeChecked(examined: Examined, rights: AppendRights): Promise<Placed> {
    return 'trustRoot' in examined ? this.placeTrustRoot(examined, rights) : this.placeOne(examined, rights);
  }

  /** A version of a trust root can follow one that stands before it, so that one has to be in the log by then. */
  private async placeInOrder(examined: readonly Examined[], rights: AppendRights): Promise<(Placed | Problem)[]> {
    const placed: (Placed | Problem)[] = [];
    for (let first = 0; first < examined.length; ) {
      const record = examined[first]!;
      if ('trustRoot' in record) {
        placed.push(await this.placeTrustRoot(record, rights).catch(asProblem));
        first++;
        continue;
      }
      const next = examined.findIndex((other, i) => i > first && 'trustRoot' in other);
      const end = next === -1 ? examined.length : next;
      placed.push(...(await this.place(examined.slice(first, end), rights)));
      first = end;
    }
    return placed;
  }

  private async placeOne(examined: Examined, rights: AppendRights, before?: Deadline): Promise<Placed> {
    const record = toRecord(examined, rights, before);
    const sequenced = await inTime(this.parts.sequencer.append(record), WAIT_MS, NOT_PLACED);
    if (!('taken' in sequenced)) return { created: true, ...sequenced };
    const [standing] = await this.judge([{ examined, index: sequenced.taken }]);
    if (standing instanceof Problem) throw standing;
    return standing!;
  }

  /** All of them enter the sequencer in one turn, so that they share a commit and a head where there is room. */
  private async place(examined: readonly Examined[], rights: AppendRights): Promise<(Placed | Problem)[]> {
    const { sequencer } = this.parts;
    const sequenced = await inTime(
      sequencer.appendAll(examined.map((record) => toRecord(record, rights))),
      WAIT_MS,
      NOT_PLACED,
    );
    const [first] = sequenced;
    if (first instanceof Problem && sequenced.every(isOfTheLog)) throw first;
    const repeats = sequenced.flatMap((result, i) =>
      'taken' in result ? [{ examined: examined[i]!, index: result.taken }] : [],
    );
    const next = (repeats.length === 0 ? [] : await this.judge(repeats)).values();
    return sequenced.map((result) => {
      if (result instanceof Problem) return result;
      return 'taken' in result ? next.next().value! : { created: true, ...result };
    });
  }

  private async judge(repeats: Parameters<typeof judgeRepeats>[1]): ReturnType<typeof judgeRepeats> {
    const judged = await inTime(
      judgeRepeats(this.tree, repeats, this.parts.keptContents),
      WAIT_MS,
      'The log has this identity or statement already, and could not read the entry in time. Send it again.',
    );
    const standing = judged.filter((result) => !(result instanceof Problem)).length;
    if (standing > 0) this.parts.metrics.appended('existing', standing);
    return judged;
  }

  /** What was waited for, of each. All new entries get their receipts from one head. */
  private async evidence(placed: readonly Placed[], wait: Wait): Promise<AppendOutcome[]> {
    if (placed.length === 0) return [];
    if (wait === 'none' && placed.every((entry) => !entry.created || entry.acknowledged)) {
      return this.pendingOrStanding(placed, 'stored');
    }
    const published = await this.signed(placed);
    if (wait === 'none') return this.pendingOrStanding(placed, 'signed');
    if (wait === 'signed') {
      const atOnce = placed.map((entry) => this.receiptedAtOnce(entry, published));
      if (atOnce.every((outcome) => outcome !== undefined)) return atOnce;
      return Promise.all(atOnce.map((outcome, i) => outcome ?? this.receipted(placed[i]!, published)));
    }
    if (!(await this.parts.quorum.waitFor(sizeWith(placed), WAIT_MS))) {
      return placed.map((entry) => pending(entry, 'signed'));
    }
    return Promise.all(
      placed.map(async ({ created, index, entry }) => ({
        created,
        index,
        receiptText: await this.receipts.of(index, entry),
      })),
    );
  }

  /** For a caller who waits for nothing. What was there already is read from under a signed head, so it has a receipt. */
  private pendingOrStanding(placed: readonly Placed[], state: Pending['state']): Promise<AppendOutcome[]> {
    return Promise.all(placed.map(async (entry) => (entry.created ? pending(entry, state) : this.receipted(entry))));
  }

  private async receipted(placed: Placed, published?: Published): Promise<Receipted> {
    const { created, index, entry } = placed;
    const receiptText =
      created && published !== undefined
        ? await this.receipts.format(index, entry, published)
        : await this.receipts.of(index, entry);
    return { created, index, receiptText };
  }

  /** Of a new entry whose proof is in memory, as nearly all are; else undefined. */
  private receiptedAtOnce({ created, index, entry }: Placed, published: Published): Receipted | undefined {
    const receiptText = created ? this.receipts.formatAtOnce(index, entry, published) : undefined;
    return receiptText === undefined ? undefined : { created, index, receiptText };
  }

  /** A signed head that covers all of them. */
  private async signed(placed: readonly Placed[]): Promise<Published> {
    const published = await inTime(
      this.parts.publisher.waitFor(sizeWith(placed)),
      WAIT_MS,
      'The record is stored, but its tree head is not signed yet. Ask for its receipt, or send it again.',
    );
    const created = placed.filter((entry) => entry.created);
    const reader = this.tree.reader(published);
    const missing = created.filter((entry) => !isHeld(entry, reader));
    if (missing.length > 0) await this.confirm(missing, published);
    return published;
  }

  /**
   * The signed tree must hold a new entry where the database said that it is. It does not if an older copy was put in
   * the database's place under a running server: the copy's chain took the entry, at an index that was signed before.
   */
  private async confirm(entries: readonly NewEntry[], published: Published): Promise<void> {
    const leaves = await this.tree.reader(published).readHashes(entries.map(({ index }) => ({ level: 0, index })));
    const other = entries.find(({ leafHash }, i) => !equalBytes(leaves[i]!, leafHash));
    if (other === undefined) return;
    const { publisher } = this.parts;
    publisher.stop(
      `The database stored a new entry at index ${other.index}, where this log has signed another one: an older copy was put in its place. Stop the server and give it the database that holds all ${published.head.size} entries (the newest backup, the old primary).`,
    );
    throw new Problem('read_only', publisher.stopReason!, { retryAfter: 300 });
  }
}

/** @param before when it is too late for it */
function toRecord(examined: Examined, { keyId }: AppendRights, before?: Deadline): PendingRecord {
  return {
    statement: Buffer.from(examined.statement, 'hex'),
    identity: Buffer.from(examined.identity, 'hex'),
    apiKey: keyId === undefined ? null : apiKeyNumber(keyId),
    bytes: examined.bytes,
    format: (loggedAt) => formatExamined(examined, loggedAt),
    ...(before && { before }),
    ...sealingOf(examined),
  };
}

/** Whether the nodes in memory tell that the tree has this entry: those of one that was just appended do. */
function isHeld({ index, leafHash }: NewEntry, reader: TreeReader): boolean {
  const held = reader.inMemory({ level: 0, index });
  return held !== undefined && equalBytes(held, leafHash);
}

function pending({ created, index }: Placed, state: Pending['state']): Pending {
  return { created, index, state };
}

/** The size of the smallest tree that has all of them. */
function sizeWith(placed: readonly Placed[]): number {
  return placed.reduce((size, { index }) => Math.max(size, index + 1), 0);
}

/** Takes the next step with those that are still in, and puts what comes of it in their places. */
async function forward<T, U>(
  results: readonly (T | Problem)[],
  step: (those: readonly T[]) => Promise<readonly (U | Problem)[]>,
): Promise<(U | Problem)[]> {
  const those = results.filter((result): result is T => !(result instanceof Problem));
  const next = (await step(those)).values();
  return results.map((result) => (result instanceof Problem ? result : next.next().value!));
}

/** It is the log that cannot, not the record that is wrong. */
function isOfTheLog(result: object): boolean {
  return result instanceof Problem && (PROBLEMS[result.code].status === 503 || result.code === 'closed');
}

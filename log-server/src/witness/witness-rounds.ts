import { proveConsistency, type Sha256 } from '@assent/verifier';
import type { Logger } from 'pino';
import type { Published } from '../publisher/publisher.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { TreeReader } from '../tree/tree-reader.ts';
import type { Candidate, Offered, WitnessClient } from './witness-client.ts';
import type { WitnessEvents } from './witness-events.ts';

export type WitnessRoundsOptions = {
  readonly clients: readonly WitnessClient[];
  readonly cache: TileCache;
  readonly sha256: Sha256;
  readonly logger: Logger;
  readonly events: WitnessEvents;
  /** Least time between the starts of two rounds, in ms. */
  readonly intervalMs: number;
  /** Whether a round is to wait for a quorum. */
  readonly hasQuorum: boolean;
  /** A log that was stopped asks nobody to vouch for it. */
  readonly isStopped: () => boolean;
  /** Whether it is this process's turn to ask. */
  readonly takeTurn: () => Promise<boolean>;
  /** A valid cosignature came. Resolves with whether the head has its quorum now. */
  readonly onCosigned: (head: Published, client: WitnessClient, line: string, time: number) => Promise<boolean>;
  /**
   * A witness says that it knows another tree, or a larger one: look whether it has proof. Resolves with whether it is
   * still at odds with this log.
   */
  readonly onDoubt: (client: WitnessClient, claimedSize: number | undefined) => Promise<boolean>;
};

type Member = {
  readonly client: WitnessClient;
  busy: boolean;
  failures: number;
  /** Not to be asked before, by `performance.now()`. */
  notBefore: number;
};

type Round = {
  readonly head: Published;
  readonly candidate: Candidate;
  /** Who has answered for this head, well or with a size beyond it. */
  readonly settled: Set<Member>;
  quorum: boolean;
};

const FIRST_BACKOFF_MS = 500;
const LAST_BACKOFF_MS = 60_000;
const MAX_RETRY_AFTER_MS = 300_000;

/**
 * Offers signed heads to all witnesses at once, in rounds: a round has one head, and the next one begins, with whatever
 * is then the newest head, when this one has its quorum or everyone has answered who is not known to be failing.
 *
 * Were each witness simply offered the newest head whenever it is free, a busy log would seldom have two cosignatures
 * under the same head, and a quorum hardly ever. No timer starts a round, but the least time between two bounds what a
 * fast witness is asked, and how many checkpoints are kept for good.
 *
 * Each witness has one request at a time and a back-off of its own. Whoever is slow or dead makes others wait only where
 * the quorum can't do without it, and appends wait for none of this.
 */
export class WitnessRounds {
  private newest: Published | undefined;
  private round: Round | undefined;
  private nextStart = 0;
  private starting = false;
  private timer: { readonly at: number; readonly handle: NodeJS.Timeout } | undefined;
  private closed = false;
  private readonly underWay = new Set<Promise<void>>();
  private readonly members: readonly Member[];
  private readonly options: WitnessRoundsOptions;

  constructor(options: WitnessRoundsOptions) {
    this.options = options;
    this.members = options.clients.map((client) => ({ client, busy: false, failures: 0, notBefore: 0 }));
  }

  /** Whether a round is open, or due. */
  get hasWork(): boolean {
    return this.isDue() || (this.round !== undefined && this.members.some((m) => !this.round!.settled.has(m)));
  }

  /** A head was signed; only the newest one counts. */
  offer(head: Published): void {
    if (this.newest !== undefined && head.head.seq <= this.newest.head.seq) return;
    this.newest = head;
    this.pump();
  }

  /** Asks for cosignatures of the newest head once more, although there are some. */
  repeat(): void {
    this.round = undefined;
    this.pump();
  }

  /** The newest head that nobody was asked about yet. */
  get due(): Published | undefined {
    return this.isDue() ? this.newest : undefined;
  }

  /** Another process has asked about the newest head, and has everybody's answer. */
  skip(): void {
    if (this.due === undefined) return;
    this.round = { ...this.roundOf(this.due), settled: new Set(this.members), quorum: true };
  }

  /** Another process has the turn: what this one has not offered yet stays due. */
  yield(): void {
    if (this.round !== undefined && this.round.settled.size < this.members.length) this.round = undefined;
  }

  /** Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer?.handle);
    await Promise.all(this.underWay);
  }

  /** Starts whatever can start now. */
  pump(): void {
    if (this.closed || this.options.isStopped()) return;
    this.startRound();
    const { round } = this;
    if (round === undefined) return;
    for (const member of this.members) {
      if (member.busy || round.settled.has(member)) continue;
      const wait = member.notBefore - performance.now();
      if (wait > 0) this.wakeIn(wait);
      else this.track(this.ask(member, round));
    }
  }

  private isDue(): boolean {
    const { newest, round } = this;
    return newest !== undefined && (round === undefined || newest.head.seq > round.head.head.seq);
  }

  private startRound(): void {
    if (this.starting || !this.isDue() || (this.round !== undefined && !this.isOver(this.round))) return;
    const wait = this.nextStart - performance.now();
    if (wait > 0) {
      this.wakeIn(wait);
      return;
    }
    this.starting = true;
    const start = async (): Promise<void> => {
      try {
        if (!(await this.options.takeTurn()) || this.newest === undefined) return;
        this.round = this.roundOf(this.newest);
        this.nextStart = performance.now() + this.options.intervalMs;
      } catch (error) {
        this.options.logger.warn({ err: error }, 'no turn to ask witnesses: trying again');
        return;
      } finally {
        this.starting = false;
      }
      this.pump();
    };
    this.track(start());
  }

  private isOver({ quorum, settled }: Round): boolean {
    const now = performance.now();
    return quorum || this.members.every((member) => settled.has(member) || (!member.busy && member.notBefore > now));
  }

  private roundOf(head: Published): Round {
    const { cache, sha256 } = this.options;
    const { size } = head.head;
    const proveFrom = (from: number) => proveConsistency(from, size, new TreeReader(head.edge, cache), sha256);
    const candidate = { size, checkpoint: head.checkpoint, proveFrom };
    return { head, candidate, settled: new Set(), quorum: !this.options.hasQuorum };
  }

  private async ask(member: Member, round: Round): Promise<void> {
    member.busy = true;
    const begun = performance.now();
    try {
      const offered = await member.client.offer(round.candidate);
      await this.settle(member, round, offered, (performance.now() - begun) / 1000);
    } catch (error) {
      // A proof that could not be read, or a cosignature that could not be stored: ours to repair, not the witness's.
      this.options.logger.error({ err: error, witness: member.client.witness.name }, 'a witness could not be asked');
      this.backOff(member);
    } finally {
      member.busy = false;
    }
    this.pump();
  }

  private async settle(member: Member, round: Round, offered: Offered, seconds: number): Promise<void> {
    const { events, logger, onCosigned, onDoubt } = this.options;
    const { client } = member;
    const { name } = client.witness;
    if (offered.outcome === 'cosigned') {
      if (member.failures > 0) logger.info({ witness: name }, 'the witness cosigns again');
      member.failures = 0;
      round.settled.add(member);
      events.witnessAnswered(name, seconds, round.candidate.size);
      if (await onCosigned(round.head, client, offered.line, offered.time)) round.quorum = true;
      return;
    }
    if (offered.outcome === 'ahead') {
      round.settled.add(member);
      // Mostly it cosigned a newer head for another process, and this round is a late one.
      if (!(await onDoubt(client, offered.size))) return;
      const detail = `it says that it cosigned size ${offered.size}, and there is no such head here`;
      return this.fail(member, { outcome: 'failed', reason: 'conflict', detail });
    }
    this.fail(member, offered);
    if (offered.inconsistent) await onDoubt(client, undefined);
  }

  private fail(member: Member, { reason, detail, retryAfter }: Offered & { readonly outcome: 'failed' }): void {
    const { events, logger } = this.options;
    const { name } = member.client.witness;
    this.backOff(member, retryAfter);
    events.witnessFailed(name, reason);
    // Once, and again when it works: a witness that is away for days is a matter for the metrics.
    logger[member.failures === 1 ? 'warn' : 'debug']({ witness: name, reason, detail }, 'a witness did not cosign');
  }

  /** Twice as long after each failure, and at random up to half shorter: all logs would come back at once otherwise. */
  private backOff(member: Member, retryAfter = 0): void {
    const longest = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** member.failures);
    member.failures++;
    const asked = Math.min(MAX_RETRY_AFTER_MS, retryAfter * 1000);
    member.notBefore = performance.now() + Math.max(asked, longest * (0.5 + Math.random() / 2));
  }

  private wakeIn(ms: number): void {
    const at = performance.now() + ms;
    if (this.timer !== undefined && this.timer.at <= at) return;
    clearTimeout(this.timer?.handle);
    const wake = (): void => {
      this.timer = undefined;
      this.pump();
    };
    this.timer = { at, handle: setTimeout(wake, Math.ceil(ms)).unref() };
  }

  private track(work: Promise<void>): void {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { evaluateQuorum, NO_QUORUM, type Primitives } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Schema } from '../database/schema.ts';
import type { Published, Publisher } from '../publisher/publisher.ts';
import type { QuorumWaiter } from '../publisher/quorum-waiter.ts';
import { cosignaturesOf, giveTurn, readAnswers, storeCosignature, takeTurn } from '../store/witnesses.ts';
import type { TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { clockSkew } from './clock-check.ts';
import { ForkWatch } from './fork-watch.ts';
import { type KeptCheckpoint, KeptCheckpoints } from './kept-checkpoints.ts';
import type { LogKeys } from './log-keys.ts';
import { PendingCosignatures } from './pending-cosignatures.ts';
import { WitnessClient } from './witness-client.ts';
import type { WitnessEvents } from './witness-events.ts';
import { WitnessRounds } from './witness-rounds.ts';
import { type ConfiguredWitness, policyText, type WitnessSettings } from './witness-settings.ts';

export type WitnessingOptions = {
  readonly settings: WitnessSettings;
  readonly intervalMs: number;
  /** How long one request to a witness may take. */
  readonly timeoutMs?: number;
  readonly origin: string;
  readonly logKeys: LogKeys;
  readonly kysely: Kysely<Schema>;
  /** For those who read the log; see {@link KeptCheckpoints}. */
  readonly reads?: Kysely<Schema> | undefined;
  readonly publisher: Publisher;
  readonly cache: TileCache;
  readonly primitives: Primitives;
  readonly logger: Logger;
  readonly now: () => number;
  readonly events: WitnessEvents;
};

/** What is known of a witness: for `GET /api/v1/log`. */
export type WitnessStatus = {
  readonly name: string;
  readonly vkey: string;
  readonly inQuorum: boolean;
  /** The newest head that it cosigned, and when by its own clock (ms). */
  readonly cosigned?: { readonly size: number; readonly time: number };
};

const TIMEOUT_MS = 5_000;
/** How often to look what other processes of this log did. */
const TICK_MS = 1_000;
const TICK_WAITED_FOR_MS = 100;
const TURN_MS = 10_000;
/** How often to ask again while witnesses say that our clock is wrong, so that a clock set right is noticed. */
const CLOCK_RETRY_MS = 15_000;

type Answer = { readonly size: number; readonly time: number; readonly arrivedAt: number };

/**
 * Everything that a log does with witnesses. Nothing here stands in the way of signing: heads are offered after they were
 * published, and the only way back is {@link Publisher.stop}, on proof that the log forked.
 *
 * Several processes of one log share what is in the database. One of them asks at a time (its turn); all of them serve.
 */
export class Witnessing implements QuorumWaiter {
  readonly kept: KeptCheckpoints;

  private readonly options: WitnessingOptions;
  private readonly clients: readonly WitnessClient[];
  private readonly rounds: WitnessRounds;
  private readonly pending = new PendingCosignatures();
  private readonly answers = new Map<string, Answer>();
  private readonly forks: ForkWatch;
  private readonly closing = new AbortController();
  private readonly holder = randomUUID();
  private turnUntil = 0;
  private clockRetryAt = 0;
  private ticking: Promise<void> | undefined;
  private timer: { readonly at: number; readonly handle: NodeJS.Timeout } | undefined;

  constructor(options: WitnessingOptions) {
    const { settings, intervalMs, kysely, cache, primitives, logger, events, now, origin, logKeys } = options;
    this.options = options;
    this.forks = new ForkWatch({ ...options, closing: this.closing.signal });
    const limits = { timeoutMs: options.timeoutMs ?? TIMEOUT_MS, primitives };
    this.clients = settings.witnesses.map((witness) => new WitnessClient(witness, limits));
    this.kept = new KeptCheckpoints({
      kysely,
      reads: options.reads,
      policy: settings.policy,
      policyDigest: createHash('sha256')
        .update(policyText(settings.policy, origin, []))
        .digest(),
      logKeys,
      primitives,
      logger,
      now,
    });
    this.rounds = new WitnessRounds({
      clients: this.clients,
      cache,
      sha256: primitives.sha256,
      logger,
      events,
      intervalMs,
      hasQuorum: this.hasQuorum,
      isStopped: () => options.publisher.stopReason !== undefined,
      takeTurn: () => this.takeTurn(),
      onCosigned: (head, client, line, time) => this.cosigned(head, client.witness, line, time),
      onDoubt: (client, size) => this.forks.isAtOdds(client, size),
    });
  }

  /** Whether cosignatures are asked for by a quorum other than `none`. */
  get hasQuorum(): boolean {
    return this.options.settings.policy.quorum !== NO_QUORUM;
  }

  /** Learns what was cosigned before, and begins to ask. Call it once the log has its newest head. */
  async start(): Promise<void> {
    await this.kept.load();
    const { publisher } = this.options;
    if (publisher.stopReason !== undefined) return;
    // Without witnesses too: to leave them out must not be a way around what they found.
    await this.forks.checkEvidence();
    if (this.clients.length === 0) return;
    await this.learn();
    publisher.subscribe((head) => this.rounds.offer(head));
    if (publisher.current !== undefined) this.rounds.offer(publisher.current);
    for (const client of this.clients) void this.forks.isAtOdds(client);
    this.scheduleTick();
  }

  /** Stops the publisher if what was found before shows that this tree is not all that was signed. Before {@link start}. */
  checkKnownEvidence(state: TreeState): Promise<void> {
    return this.forks.checkEvidenceAgainst(state);
  }

  async close(): Promise<void> {
    this.closing.abort();
    for (const client of this.clients) client.close();
    clearTimeout(this.timer?.handle);
    this.kept.close();
    await this.ticking;
    await this.rounds.close();
    if (this.turnUntil > 0) await giveTurn(this.options.kysely, this.holder).catch(() => undefined);
  }

  /** The checkpoint of a signed head with the cosignatures that it has so far. */
  withCosignatures(size: number, checkpoint: string): string {
    return this.pending.withNewest(size, checkpoint);
  }

  /** What receipts of this entry are made against, if a quorum has cosigned a head that covers it. */
  first(index: number): Promise<KeptCheckpoint | undefined> {
    return this.kept.first(index);
  }

  /** Whether the quorum has cosigned a head of at least this size within `ms`. A log without a policy has the quorum `none`, which every head meets. */
  async waitFor(size: number, ms: number): Promise<boolean> {
    if (!this.hasQuorum) return true;
    const reached = this.kept.waitFor(size, ms);
    this.scheduleTick();
    return reached;
  }

  /** Why nothing may be appended now (formats.md §4), or undefined. */
  clockProblem(): string | undefined {
    const skew = this.skew();
    if (skew === undefined) return undefined;
    const seconds = Math.round(Math.abs(skew) / 1000);
    return `The log's clock is ${seconds} s ${skew > 0 ? 'behind' : 'ahead of'} its witnesses', so nothing is appended until it is set right.`;
  }

  status(): readonly WitnessStatus[] {
    return this.options.settings.witnesses.map(({ name, cosigner, inPolicy }) => {
      const answer = this.answers.get(cosigner.vkey);
      return {
        name,
        vkey: cosigner.vkey,
        inQuorum: inPolicy && this.hasQuorum,
        ...(answer !== undefined && { cosigned: { size: answer.size, time: answer.time } }),
      };
    });
  }

  /** The policy as a C2SP tlog-policy that names this log. */
  policyText(): string {
    const { settings, origin, logKeys } = this.options;
    return policyText(
      settings.policy,
      origin,
      logKeys.active().map(({ publicKey }) => publicKey.raw),
    );
  }

  get quorum(): string {
    return this.options.settings.policy.quorum;
  }

  private async cosigned(head: Published, witness: ConfiguredWitness, line: string, time: number): Promise<boolean> {
    const { kysely, logger, now } = this.options;
    const { size } = head.head;
    const { vkey } = witness.cosigner;
    const arrivedAt = now();
    this.pending.add(size, { witness, line, time });
    this.answers.set(vkey, { size, time, arrivedAt });
    try {
      await storeCosignature(kysely, { size, witness: vkey, line, time }, arrivedAt);
      await this.keep(head);
      await this.kept.complete(size, line);
    } catch (error) {
      // It is in memory, and {@link tick} tries again to keep what has its quorum.
      logger.warn({ err: error, witness: witness.name }, 'a cosignature could not be stored');
    }
    return this.hasQuorum && this.quorumReached(size);
  }

  private quorumReached(size: number): boolean {
    return evaluateQuorum(this.options.settings.policy, this.pending.verified(size)).met;
  }

  private async keep({ head, checkpoint }: Published): Promise<void> {
    if (!this.hasQuorum || (this.kept.newest?.size ?? -1) >= head.size || !this.quorumReached(head.size)) return;
    await this.kept.keep(head.size, this.pending.withFirst(head.size, checkpoint));
  }

  private async takeTurn(): Promise<boolean> {
    const now = performance.now();
    if (this.turnUntil - now > TURN_MS / 2) return true;
    const taken = await takeTurn(this.options.kysely, this.holder, TURN_MS);
    this.turnUntil = taken ? now + TURN_MS : 0;
    return taken;
  }

  /** What others got, from the database; verified like what comes from a witness itself. */
  private async learn(): Promise<void> {
    const { kysely, publisher, settings } = this.options;
    for (const { witness, size, time, arrived_at } of await readAnswers(kysely)) {
      const client = this.clients.find((c) => c.witness.cosigner.vkey === witness);
      client?.remember(size);
      const known = this.answers.get(witness);
      if (known === undefined || known.arrivedAt < arrived_at) {
        this.answers.set(witness, { size, time, arrivedAt: arrived_at });
      }
    }
    const head = publisher.current;
    if (head === undefined) return;
    const { size } = head.head;
    for (const { witness: vkey, line } of await cosignaturesOf(kysely, size)) {
      const witness = settings.witnesses.find(({ cosigner }) => cosigner.vkey === vkey);
      const client = this.clients.find((c) => c.witness === witness);
      if (witness === undefined || client === undefined || this.pending.has(size, vkey, line)) continue;
      const found = await client.findCosignature(head.checkpoint, line);
      if (found !== undefined) this.pending.add(size, { witness, ...found });
    }
    await this.forks.checkEvidence();
  }

  private scheduleTick(): void {
    if (this.closing.signal.aborted || this.clients.length === 0 || this.ticking !== undefined) return;
    const othersAsk = performance.now() >= this.turnUntil;
    const at = performance.now() + (this.kept.hasWaiters && othersAsk ? TICK_WAITED_FOR_MS : TICK_MS);
    // Sooner, never later: waits that keep coming must not put it off.
    if (this.timer !== undefined && this.timer.at <= at) return;
    clearTimeout(this.timer?.handle);
    const run = (): void => {
      this.timer = undefined;
      this.ticking = this.tick().finally(() => {
        this.ticking = undefined;
        this.scheduleTick();
      });
    };
    this.timer = { at, handle: setTimeout(run, at - performance.now()).unref() };
  }

  /** Looks what other processes signed and had cosigned, and what is left to do here. */
  private async tick(): Promise<void> {
    const { publisher, logger } = this.options;
    if (publisher.stopReason !== undefined) return;
    try {
      const newest = await publisher.refresh();
      await this.kept.sync();
      await this.learn();
      await this.keep(newest);
      if (this.rounds.due !== undefined && this.isCovered(this.rounds.due)) this.rounds.skip();
      if (this.rounds.hasWork && !(await this.takeTurn())) this.rounds.yield();
      else this.rounds.pump();
      if (this.skew() !== undefined && performance.now() >= this.clockRetryAt) {
        this.clockRetryAt = performance.now() + CLOCK_RETRY_MS;
        this.rounds.repeat();
      }
    } catch (error) {
      if (publisher.stopReason === undefined) logger.warn({ err: error }, 'witnesses: the database could not be asked');
    }
  }

  /** Whether every witness has cosigned this head, or a newer one, since it was signed. */
  private isCovered({ head }: Published): boolean {
    return this.options.settings.witnesses.every(({ cosigner }) => {
      const answer = this.answers.get(cosigner.vkey);
      return answer !== undefined && answer.size >= head.size && answer.arrivedAt >= head.timestamp;
    });
  }

  private skew(): number | undefined {
    const { settings, now } = this.options;
    const readings = settings.witnesses.flatMap(({ cosigner, inPolicy }) => {
      const answer = inPolicy ? this.answers.get(cosigner.vkey) : undefined;
      return answer === undefined ? [] : [answer];
    });
    return clockSkew(readings, now());
  }
}

import { Counter, type CounterConfiguration, Gauge, Histogram, Registry } from 'prom-client';
import { databaseGauges } from './metrics/database-gauges.ts';
import { addGauge } from './metrics/gauge.ts';
import { processGauges } from './metrics/process-gauges.ts';
import { RequestTimes } from './metrics/request-times.ts';
import type { Sources } from './metrics/sources.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';

/** Why an offer to a witness came to nothing; a closed list, because each one is a series in the operator's database. */
export const WITNESS_FAILURES = ['unreachable', 'timeout', 'conflict', 'refused', 'invalid'] as const;
export type WitnessFailure = (typeof WITNESS_FAILURES)[number];

/** Requests that no operation of the interface took: pages, and paths that don't exist. */
export const OTHER_ROUTE = 'other';

/**
 * What the operator's Prometheus reads. Whoever has something to tell calls a method here, which costs about a
 * microsecond; what can be asked for at any time is asked when it is read (`watch`). All labels come from closed lists:
 * problem codes, the interface's routes, and the witnesses of the policy file. Nothing that a caller sends becomes one.
 */
export class Metrics {
  /** Of all but the times of requests. */
  readonly registry = new Registry();

  private sources: Partial<Sources> = {};
  private readonly witnesses = new Set<string>();

  private readonly appends = this.counter('assent_appends_total', 'Appends that were answered with an entry', [
    'outcome',
  ]);
  private readonly refusals = this.counter('assent_refusals_total', 'Requests and records refused, by problem code', [
    'code',
  ]);
  private readonly batchSize = this.histogram(
    'assent_batch_records',
    'Records in a batch that was stored',
    Array.from({ length: 11 }, (_, power) => 2 ** power),
  );
  private readonly commitTime = this.histogram(
    'assent_commit_seconds',
    'Time from a batch being sent to the database to its commit, repeats included',
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  private readonly publicationTime = this.histogram(
    'assent_publication_seconds',
    'Time from the commit of a head to a signed head that covers it',
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  private readonly witnessTime = new Histogram({
    name: 'assent_witness_seconds',
    help: 'Time from offering a head to a witness to its valid cosignature',
    labelNames: ['witness'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  private readonly witnessFailures = this.counter('assent_witness_failures_total', 'Offers that a witness failed', [
    'witness',
    'reason',
  ]);
  private readonly witnessHeads = new Gauge({
    name: 'assent_witness_cosigned_size',
    help: 'Tree size of the newest head that a witness has cosigned',
    labelNames: ['witness'],
    registers: [this.registry],
  });
  private readonly requestTimes = new RequestTimes();

  constructor() {
    for (const outcome of ['created', 'existing']) this.appends.inc({ outcome }, 0);
    for (const code of Object.keys(PROBLEMS)) this.refusals.inc({ code }, 0);
    this.logGauges();
    databaseGauges(this.registry, () => this.sources);
    processGauges(this.registry);
  }

  /** Where the numbers are that are asked for when somebody reads. Later ones are added to earlier ones. */
  watch(sources: Partial<Sources>): void {
    this.sources = { ...this.sources, ...sources };
  }

  /** Records that got a place (`created`), or that the log had already (`existing`). */
  appended(outcome: 'created' | 'existing', records = 1): void {
    this.appends.inc({ outcome }, records);
  }

  /** A request, or one record of a batch, that was answered with a problem. */
  refused(code: ProblemCode, records = 1): void {
    this.refusals.inc({ code }, records);
  }

  batchStored(records: number, seconds: number): void {
    this.batchSize.observe(records);
    this.commitTime.observe(seconds);
  }

  /** @param seconds since the oldest commit that the signed head is the first to cover */
  headPublished(seconds: number): void {
    this.publicationTime.observe(seconds);
  }

  /** Names the witnesses of the policy file; what is told of any other counts under `other`. */
  expectWitnesses(names: readonly string[]): void {
    for (const witness of names) {
      this.witnesses.add(witness);
      for (const reason of WITNESS_FAILURES) this.witnessFailures.inc({ witness, reason }, 0);
    }
  }

  witnessAnswered(name: string, seconds: number, size: number): void {
    const witness = this.witnessLabel(name);
    this.witnessTime.observe({ witness }, seconds);
    this.witnessHeads.set({ witness }, size);
  }

  witnessFailed(name: string, reason: WitnessFailure): void {
    this.witnessFailures.inc({ witness: this.witnessLabel(name), reason });
  }

  /** @param route as the interface defines it (`/api/v1/entries/{index}`), never the path that was sent */
  requestAnswered(route: string, status: number, seconds: number): void {
    this.requestTimes.observe(route, status, seconds);
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    return `${await this.registry.metrics()}\n${this.requestTimes.text()}`;
  }

  private witnessLabel(name: string): string {
    return this.witnesses.has(name) ? name : 'other';
  }

  private counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    const configuration: CounterConfiguration<L> = { name, help, labelNames, registers: [this.registry] };
    return new Counter(configuration);
  }

  private histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] });
  }

  private logGauges(): void {
    const gauge = (name: string, help: string, read: () => number | undefined): void =>
      addGauge(this.registry, name, help, read);
    gauge('assent_tree_size', 'Entries that the newest signed head covers', () => this.sources.head?.()?.size);
    gauge('assent_head_age_seconds', 'Age of the newest signed head, by its timestamp', () => {
      const head = this.sources.head?.();
      return head && (Date.now() - head.timestamp) / 1000;
    });
    gauge('assent_unsigned_head_age_seconds', 'For how long the oldest head that waits for a signature has', () => {
      if (this.sources.unsignedSince === undefined) return undefined;
      const since = this.sources.unsignedSince();
      return since === undefined ? 0 : (performance.now() - since) / 1000;
    });
    gauge('assent_read_only', '1 when the log has stopped signing and appending for good', () =>
      this.sources.stopped === undefined ? undefined : Number(this.sources.stopped()),
    );
    gauge('assent_scrub_entries', 'Stored entries that were re-hashed since the start', () => {
      return this.sources.scrub?.().entries;
    });
    gauge('assent_scrub_damaged_entries', 'Stored entries that are not what was signed, as last looked at', () => {
      return this.sources.scrub?.().damaged.length;
    });
    gauge(
      'assent_scrub_pass_age_seconds',
      'Since everything stored was re-hashed; absent before the first time',
      () => {
        const passedAt = this.sources.scrub?.().passedAt;
        return passedAt === undefined ? undefined : (performance.now() - passedAt) / 1000;
      },
    );
    for (const stage of ['admission', 'sequencer'] as const) {
      const help = stage === 'admission' ? 'are being examined' : 'wait for their place';
      gauge(`assent_${stage}_records`, `Records that ${help}`, () => this.sources[stage]?.().records);
      gauge(`assent_${stage}_bytes`, `Bytes of the records that ${help}`, () => this.sources[stage]?.().bytes);
    }
    gauge('assent_admission_threads', 'Threads that examine records and are alive', () => {
      return this.sources.admission?.().threads;
    });
  }
}

/**
 * What a witness tells Prometheus, in its text format (https://prometheus.io/docs/instrumenting/exposition_formats/). Label values are
 * of closed lists, so whoever calls cannot make it grow; no origin is among them, as a list may have tens of thousands.
 */
import type { WitnessAnswer } from './witness.ts';

/** How a call to add-checkpoint ended. The last two are answered before a witness looks at it, and where it has a bug. */
export const OUTCOMES = [
  'cosigned',
  'conflict',
  'malformed',
  'too_large',
  'unknown_log',
  'not_signed',
  'old_size_larger',
  'inconsistent',
  'clock',
  'not_stored',
  'overloaded',
  'bug',
] as const satisfies readonly (WitnessAnswer['outcome'] | 'overloaded' | 'bug')[];

export type Outcome = (typeof OUTCOMES)[number];

/** Seconds, from the first byte of a request to its answer. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

/** What is so at the moment. */
export type WitnessFacts = {
  readonly isReady: boolean;
  readonly listed: number;
  readonly remembered: number;
  /** Seconds since the epoch; 0 before there is one. */
  readonly newestCosignature: number;
};

export class WitnessMetrics {
  readonly #answers = new Map<Outcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  readonly #buckets = new Array<number>(BUCKETS.length).fill(0);
  #seconds = 0;
  #forks = 0;

  /** @param seconds that it took. */
  answered(outcome: Outcome, seconds: number): void {
    this.#answers.set(outcome, (this.#answers.get(outcome) ?? 0) + 1);
    this.#seconds += seconds;
    const bucket = BUCKETS.findIndex((limit) => seconds <= limit);
    if (bucket >= 0) this.#buckets[bucket]! += 1;
  }

  /** A log was found to have signed two trees of one size. */
  forked(): void {
    this.#forks += 1;
  }

  text({ isReady, listed, remembered, newestCosignature }: WitnessFacts): string {
    const count = [...this.#answers.values()].reduce((sum, each) => sum + each, 0);
    let reached = 0;
    const buckets = BUCKETS.map((limit, i) => {
      reached += this.#buckets[i]!;
      return `assent_witness_answer_seconds_bucket{le="${limit}"} ${reached}`;
    });
    const startedAt = (performance.timeOrigin / 1000).toFixed(3);
    return [
      ...family('assent_witness_answers_total', 'counter', 'Calls to add-checkpoint that were answered', [
        ...OUTCOMES.map((outcome) => `{outcome="${outcome}"} ${this.#answers.get(outcome)}`),
      ]),
      ...family('assent_witness_answer_seconds', 'histogram', 'From the first byte of such a call to its answer', []),
      ...buckets,
      `assent_witness_answer_seconds_bucket{le="+Inf"} ${count}`,
      `assent_witness_answer_seconds_sum ${this.#seconds}`,
      `assent_witness_answer_seconds_count ${count}`,
      ...family(
        'assent_witness_forks_total',
        'counter',
        'Offers of a second tree of the size that was cosigned last, signed by the log',
        [` ${this.#forks}`],
      ),
      ...family('assent_witness_ready', 'gauge', '1 unless the newest calls could not be cosigned', [
        ` ${isReady ? 1 : 0}`,
      ]),
      ...family('assent_witness_listed_logs', 'gauge', 'Logs that it cosigns for', [` ${listed}`]),
      ...family('assent_witness_remembered_logs', 'gauge', 'Logs of which it has cosigned a checkpoint', [
        ` ${remembered}`,
      ]),
      ...family(
        'assent_witness_newest_cosignature_timestamp_seconds',
        'gauge',
        'Time of its newest cosignature; 0 without one',
        [` ${newestCosignature}`],
      ),
      ...family('process_start_time_seconds', 'gauge', 'When this process began', [` ${startedAt}`]),
      ...family('process_resident_memory_bytes', 'gauge', 'Memory of this process', [` ${process.memoryUsage.rss()}`]),
      ...family('process_cpu_seconds_total', 'counter', 'Processor time of this process', [` ${cpuSeconds()}`]),
      '',
    ].join('\n');
  }
}

/** @param samples behind the name: labels and value. */
function family(name: string, type: string, help: string, samples: readonly string[]): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => `${name}${sample}`)];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

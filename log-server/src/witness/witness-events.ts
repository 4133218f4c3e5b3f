import type { WitnessFailure } from '../metrics.ts';

/**
 * Who counts what witnesses do: the metrics. A failure is `unreachable`, too late (`timeout`), another size than ours over
 * and over or one beyond ours (`conflict`), `refused` by its status, or an answer that is malformed or holds no valid
 * cosignature (`invalid`).
 */
export type WitnessEvents = {
  /** A valid cosignature arrived. @param seconds since the head was offered. @param size of that head. */
  witnessAnswered(name: string, seconds: number, size: number): void;
  witnessFailed(name: string, reason: WitnessFailure): void;
};

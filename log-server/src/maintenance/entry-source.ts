import type { PrivateRecord } from '../store/private-records.ts';
import type { SignedCheckpoint } from './signed-checkpoint.ts';

/** Somewhere that entries can be got back from. What it says is believed only as far as a signed root confirms it. */
export interface EntrySource {
  /** For people. */
  readonly name: string;
  /** Checkpoints by the log's own keys that it holds: the log must get back to the newest of them at least. */
  readonly checkpoints: readonly SignedCheckpoint[];
  /** One for each index from `first` to before `end`; undefined where the source has none. Throws {MaintenanceFailure}. */
  entries(first: number, end: number): Promise<(Uint8Array | undefined)[]>;
  /** What it knows beside the public bytes, by index: another database of the log only. */
  privateRecords?(first: number, end: number): Promise<ReadonlyMap<number, PrivateRecord>>;
  close(): Promise<void>;
}

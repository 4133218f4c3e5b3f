/** Brings consumptions together with the approvals that they consume. Those that fit none are looked at one by one. */
import { equalBytes } from '@assent/verifier';
import { type ConsumptionRecord, RECORD_SIZE, readRecord } from './consumption-records.ts';
import type { RecordFile } from './record-file.ts';
import { recordGroups } from './record-groups.ts';

/** Of records in memory, in bytes: finding them again takes five times as much. */
const BUDGET = 8 * 1024 * 1024;

export type JoinedConsumption = {
  readonly consumption: ConsumptionRecord;
  /** The approval whose statement, intent and boundary it fits. */
  readonly approval: ConsumptionRecord | undefined;
};

/**
 * Hands out only those that are not in order: that fit no approval, come before it, or after it expired.
 *
 * @param onCut told if there was more than could be brought together
 */
export async function* doubtfulConsumptions(
  consumables: RecordFile,
  consumptions: RecordFile,
  folder: string,
  seed: number,
  onCut: () => void,
): AsyncGenerator<JoinedConsumption> {
  if (consumptions.records === 0) return;
  // The first 8 bytes of `fit` are as random as all of it.
  const files = [consumables, consumptions].map((file) => ({ file, keyAt: 0 }));
  for await (const { records, isCut } of recordGroups(files, folder, seed, BUDGET)) {
    if (isCut) onCut();
    const [approvals = new Uint8Array(0), uses = new Uint8Array(0)] = records;
    const byFit = new Map<number, number[]>();
    for (let at = 0; at < approvals.length; at += RECORD_SIZE) {
      const key = bucketOf(approvals, at);
      const bucket = byFit.get(key);
      if (bucket === undefined) byFit.set(key, [at]);
      else bucket.push(at);
    }
    for (let at = 0; at < uses.length; at += RECORD_SIZE) {
      const consumption = readRecord(uses, at);
      const candidates = (byFit.get(bucketOf(uses, at)) ?? []).map((place) => readRecord(approvals, place));
      const fitting = candidates.filter(({ fit }) => equalBytes(fit, consumption.fit));
      if (fitting.some((approval) => isInOrder(consumption, approval))) continue;
      yield { consumption, approval: fitting[0] };
    }
  }
}

export function isInOrder(consumption: ConsumptionRecord, approval: ConsumptionRecord): boolean {
  return approval.index < consumption.index && consumption.time < approval.time;
}

function bucketOf(records: Uint8Array, at: number): number {
  return Buffer.from(records.buffer, records.byteOffset + at, 6).readUIntBE(0, 6);
}

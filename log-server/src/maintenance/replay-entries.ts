import { equalBytes, HASH_SIZE, type Sha256 } from '@assent/verifier';
import type { WriteSession } from '../database/write-session.ts';
import { appendBatch, type Batch, type BatchEntry } from '../store/append-batch.ts';
import type { PrivateRecord } from '../store/private-records.ts';
import type { TreeState } from '../tree/load-tree.ts';
import type { EntrySource } from './entry-source.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';
import type { Progress } from './progress.ts';
import { rebuildRecord } from './rebuilt-record.ts';
import { collectEntries, RECOVERY_CHUNK, type RecoveryPlan } from './recovery-plan.ts';

export type Replayed = {
  readonly state: TreeState;
  /** Sealed entries of which nothing private is left; blind ones among them never had any. */
  readonly sealed: number;
};

const MAX_BATCH_ENTRIES = 1_024;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Appends the planned entries with the statement that every append uses, verbatim and at the times they were logged. Every
 * head on the way is a prefix of what was signed, so a crash leaves a log that only has to be recovered further.
 *
 * Entries that were appended together have the same `logged_at`, and no others do: the batches, and with them the heads,
 * come out as they were, except for those that an idle log had made.
 */
export async function replayEntries(
  session: WriteSession,
  from: TreeState,
  plan: RecoveryPlan,
  sources: readonly EntrySource[],
  sha256: Sha256,
  progress: Progress,
): Promise<Replayed> {
  let state = from;
  let sealed = 0;
  let batch: BatchEntry[] = [];
  let bytes = 0;
  let loggedAt = 0;

  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const { edge, fullTiles } = state.edge.extend(Buffer.concat(batch.map((entry) => entry.leafHash)));
    const timestamp = Math.max(loggedAt, state.head.timestamp + 1);
    const head = { seq: state.head.seq + 1, size: edge.size, root: edge.root(), timestamp };
    await store(session, { previous: state.head, next: head, entries: batch, fullTiles });
    state = { head, edge };
    batch = [];
    bytes = 0;
    progress.show(state.head.size - plan.from, plan.to - plan.from);
  };

  for (let chunk = 0; chunk < plan.leafHashes.length; chunk++) {
    const hashes = plan.leafHashes[chunk]!;
    const first = plan.from + chunk * RECOVERY_CHUNK;
    const count = hashes.length / HASH_SIZE;
    const kept = await collectPrivate(sources, first, first + count);
    for (const [i, found] of (await collectEntries(sources, first, first + count)).entries()) {
      const leaf = hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE);
      const bytesFound = refuseOther(found?.bytes, leaf, first + i, sha256);
      const rebuilt = rebuildRecord(first + i, bytesFound, leaf, kept.get(first + i), sha256);
      const full = batch.length === MAX_BATCH_ENTRIES || bytes + rebuilt.entry.bytes.length > MAX_BATCH_BYTES;
      if (rebuilt.loggedAt !== loggedAt || full) await flush();
      loggedAt = rebuilt.loggedAt;
      batch.push(rebuilt.entry);
      bytes += rebuilt.entry.bytes.length;
      if (rebuilt.forgotten) sealed++;
    }
  }
  await flush();
  return { state, sealed };
}

async function collectPrivate(
  sources: readonly EntrySource[],
  first: number,
  end: number,
): Promise<ReadonlyMap<number, PrivateRecord>> {
  const records = new Map<number, PrivateRecord>();
  for (const source of sources) {
    for (const [index, record] of (await source.privateRecords?.(first, end)) ?? []) {
      if (!records.has(index)) records.set(index, record);
    }
  }
  return records;
}

/** The source is read a second time, and may have changed. */
function refuseOther(bytes: Uint8Array | undefined, leaf: Uint8Array, index: number, sha256: Sha256): Uint8Array {
  if (bytes !== undefined && equalBytes(sha256(Buffer.concat([Buffer.of(0), bytes])), leaf)) return bytes;
  throw new MaintenanceFailure('refused', `Entry ${index} is not what its source held a moment ago. Run it again.`);
}

async function store(session: WriteSession, batch: Batch): Promise<void> {
  const { value } = await session.run((client) => appendBatch(client, batch));
  if (value.outcome === 'appended') return;
  if (value.outcome === 'superseded') {
    throw new MaintenanceFailure(
      'refused',
      'Somebody else appended to this database meanwhile. Stop it, and run it again.',
    );
  }
  const [{ position, index } = { position: 0, index: 0 }] = value.taken;
  throw new MaintenanceFailure(
    'refused',
    `Entry ${batch.previous.size + position} has the statement or identity of entry ${index}, so the records of this database are wrong: "assent-log fsck" tells which.`,
  );
}

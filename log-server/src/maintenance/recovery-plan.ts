import { equalBytes, hexEncode, leafHash, parseEntry, type Sha256 } from '@assent/verifier';
import type { TreeState } from '../tree/load-tree.ts';
import type { TreeEdge } from '../tree/tree-edge.ts';
import type { EntrySource } from './entry-source.ts';
import type { KnownHead } from './known-head.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';
import type { Progress } from './progress.ts';

/** The entries that the database lacks, proven to be those that were signed: 32 bytes are kept of each. */
export type RecoveryPlan = {
  readonly from: number;
  readonly to: number;
  /** Chunks of {@link RECOVERY_CHUNK} entries, n × 32 bytes. */
  readonly leafHashes: readonly Uint8Array[];
};

export const RECOVERY_CHUNK = 256;
const MOST_NAMED = 8;

/**
 * Reads every entry from the end of `state` to the largest of the heads, writes nothing, and compares each head on the way
 * with the tree that the entries give.
 *
 * Throws {MaintenanceFailure} `refused` when an entry is nowhere, is none, or does not lead to what was signed.
 */
export async function planRecovery(
  state: TreeState,
  heads: readonly KnownHead[],
  sources: readonly EntrySource[],
  sha256: Sha256,
  progress: Progress,
): Promise<RecoveryPlan> {
  const from = state.head.size;
  const ahead = heads.filter(({ size }) => size > from).sort((a, b) => a.size - b.size);
  const to = ahead.at(-1)?.size ?? from;
  const leafHashes: Uint8Array[] = [];
  const missing: number[] = [];
  let edge = state.edge;
  let loggedAt = 0;
  for (let first = from; first < to; first += RECOVERY_CHUNK) {
    progress.show(first - from, to - from);
    const end = Math.min(to, first + RECOVERY_CHUNK);
    const hashes: Uint8Array[] = [];
    for (const [i, found] of (await collectEntries(sources, first, end)).entries()) {
      if (found === undefined) {
        missing.push(first + i);
        continue;
      }
      loggedAt = refuseNoEntry(first + i, found.bytes, found.source, loggedAt);
      hashes.push(leafHash(found.bytes, sha256));
    }
    if (missing.length > 0) continue;
    edge = grow(edge, hashes, ahead);
    leafHashes.push(Buffer.concat(hashes));
  }
  if (missing.length > 0) throw absent(missing, to);
  return { from, to, leafHashes };
}

/** Each entry from the first source that has it. */
export async function collectEntries(
  sources: readonly EntrySource[],
  first: number,
  end: number,
): Promise<({ readonly bytes: Uint8Array; readonly source: string } | undefined)[]> {
  const found = Array.from({ length: end - first }, (): { bytes: Uint8Array; source: string } | undefined => undefined);
  for (const source of sources) {
    if (found.every((entry) => entry !== undefined)) break;
    for (const [i, bytes] of (await source.entries(first, end)).entries()) {
      if (bytes !== undefined) found[i] ??= { bytes, source: source.name };
    }
  }
  return found;
}

/** No judgement of what was once admitted: it only has to be an entry, and not older than the one before it. */
function refuseNoEntry(index: number, bytes: Uint8Array, source: string, before: number): number {
  const entry = parseEntry(bytes);
  if (!entry.ok) throw new MaintenanceFailure('refused', `Entry ${index} from ${source}: ${entry.detail}.`);
  if (entry.value.loggedAt < before) {
    throw new MaintenanceFailure('refused', `Entry ${index} from ${source} was logged before the one in front of it.`);
  }
  return entry.value.loggedAt;
}

/** The edge after these leaves; every head that lies within them is compared. */
function grow(from: TreeEdge, hashes: readonly Uint8Array[], heads: readonly KnownHead[]): TreeEdge {
  let edge = from;
  let done = 0;
  const extendTo = (size: number): void => {
    const count = size - from.size;
    edge = edge.extend(Buffer.concat(hashes.slice(done, count))).edge;
    done = count;
  };
  for (const { size, root, source } of heads) {
    if (size <= from.size || size > from.size + hashes.length) continue;
    extendTo(size);
    if (equalBytes(edge.root(), root)) continue;
    throw new MaintenanceFailure(
      'refused',
      `The entries give the root ${hexEncode(edge.root())} at size ${size}, and ${source} was signed with ${hexEncode(root)}. Nothing was written. Either the database holds another history, which "assent-log fsck --checkpoint" tells, or a source does: try others.`,
    );
  }
  extendTo(from.size + hashes.length);
  return edge;
}

function absent(missing: readonly number[], to: number): MaintenanceFailure {
  const ranges: string[] = [];
  for (let i = 0; i < missing.length; ) {
    let j = i;
    while (missing[j + 1] === missing[j]! + 1) j++;
    ranges.push(i === j ? `${missing[i]}` : `${missing[i]}–${missing[j]}`);
    i = j + 1;
  }
  const named = ranges.slice(0, MOST_NAMED).join(', ');
  const more = ranges.length > MOST_NAMED ? ` and ${ranges.length - MOST_NAMED} more stretches` : '';
  return new MaintenanceFailure(
    'refused',
    `${missing.length} of the entries up to size ${to}, which was signed, are in none of the sources: ${named}${more}. Nothing was written. Add sources: another mirror, the old primary, or receipts of these entries.`,
  );
}

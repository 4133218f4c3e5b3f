import { equalBytes, parseEntry, type Sha256 } from '@assent/verifier';
import { blindDigest } from '../admission/blind.ts';
import type { BatchEntry } from '../store/append-batch.ts';
import type { PrivateRecord } from '../store/private-records.ts';
import type { Sealing } from '../store/sealed.ts';
import { bytesOf, entryDigests } from './entry-digests.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';

export type RebuiltRecord = {
  readonly entry: BatchEntry;
  /** Milliseconds since the epoch. */
  readonly loggedAt: number;
  /** It is sealed, and nothing that the log kept in private of it is there: it is found by its commitment alone. */
  readonly forgotten: boolean;
};

/**
 * An entry as the append statement takes it, with all that its public bytes tell, and what another database of the log
 * kept in private. Throws {MaintenanceFailure} `refused`.
 */
export function rebuildRecord(
  index: number,
  bytes: Uint8Array,
  leafHash: Uint8Array,
  kept: PrivateRecord | undefined,
  sha256: Sha256,
): RebuiltRecord {
  const parsed = parseEntry(bytes);
  if (!parsed.ok) throw new MaintenanceFailure('refused', `Entry ${index}: ${parsed.detail}.`);
  const entry = parsed.value;
  const sealing = 'sealed' in entry ? sealingOf(index, entry.sealed, kept, sha256) : undefined;
  const digests = entryDigests(entry, kept, sha256);
  if (digests === undefined) {
    throw new MaintenanceFailure('refused', `Entry ${index} is of a kind that this version of Assent can't rebuild.`);
  }
  return {
    entry: { bytes, leafHash, ...digests, apiKey: kept?.apiKey ?? null, ...(sealing && { sealing }) },
    loggedAt: entry.loggedAt,
    forgotten: sealing !== undefined && sealing.checked === undefined,
  };
}

function sealingOf(index: number, sealed: string, kept: PrivateRecord | undefined, sha256: Sha256): Sealing {
  const commitment = bytesOf(sealed.slice('sha256:'.length));
  if (kept?.sealed === undefined) return { commitment };
  if (!equalBytes(kept.sealed.commitment, commitment)) {
    throw new MaintenanceFailure(
      'refused',
      `What the other database keeps of entry ${index} is about another commitment.`,
    );
  }
  return { commitment, checked: { facts: kept.sealed.facts, blind: bytesOf(blindDigest(sealed, { sha256 })) } };
}

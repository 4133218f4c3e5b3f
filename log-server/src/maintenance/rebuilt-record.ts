import { type Entry, hexDecode, parseEntry, type Sha256 } from '@assent/verifier';
import type { BatchEntry } from '../store/append-batch.ts';
import { entryDigests } from './entry-digests.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';

export type RebuiltRecord = {
  readonly entry: BatchEntry;
  /** Milliseconds since the epoch. */
  readonly loggedAt: number;
  /** What the log kept in private of this entry is gone: it is found by its commitment alone. */
  readonly sealed: boolean;
};

const BLIND = Buffer.from('assent/blind\0');

/** An entry as the append statement takes it, with all that its public bytes tell. Throws {MaintenanceFailure} `refused`. */
export function rebuildRecord(index: number, bytes: Uint8Array, leafHash: Uint8Array, sha256: Sha256): RebuiltRecord {
  const parsed = parseEntry(bytes);
  if (!parsed.ok) throw new MaintenanceFailure('refused', `Entry ${index}: ${parsed.detail}.`);
  const entry = parsed.value;
  const digests = 'sealed' in entry ? blindDigests(entry, sha256) : entryDigests(entry, sha256);
  if (digests === undefined) {
    throw new MaintenanceFailure('refused', `Entry ${index} is of a kind that this version of Assent can't rebuild.`);
  }
  return {
    entry: { bytes, leafHash, ...digests, apiKey: null },
    loggedAt: entry.loggedAt,
    sealed: 'sealed' in entry,
  };
}

/** As admission names a commitment whose content the log does not know. */
function blindDigests({ sealed }: Extract<Entry, { sealed: string }>, sha256: Sha256) {
  const commitment = hexDecode(sealed.slice('sha256:'.length));
  if (!commitment.ok) throw new TypeError('sealed: not a digest');
  const digest = sha256(Buffer.concat([BLIND, commitment.value]));
  return { statement: digest, identity: digest };
}

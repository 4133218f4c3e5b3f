import type { Sha256 } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { findBeyond, findDuplicates, inSnapshot } from '../store/audit-rows.ts';
import { newestHead } from '../store/heads.ts';
import { readLogRow } from '../store/log-row.ts';
import { listWithheld } from '../store/withheld.ts';
import { EntryChecker } from './check-entries.ts';
import { TreeChecker } from './check-tree.ts';
import { type Finding, Findings } from './findings.ts';
import type { KnownHead } from './known-head.ts';
import type { Progress } from './progress.ts';

export type CheckedLog = {
  readonly origin: string | undefined;
  readonly size: number;
  /** Recomputed; undefined where entries are missing. */
  readonly root: Uint8Array | undefined;
  readonly heads: number;
  readonly tiles: number;
  /** Entries whose public bytes are not served. */
  readonly withheld: number;
  readonly findings: readonly Finding[];
  /** Findings beyond those listed. */
  readonly more: number;
  /** What could not be checked, in words. */
  readonly unchecked: readonly string[];
};

/** A window is a multiple of a tile. Its entries may have 64 kB each, so at the very worst it takes 64 MB. */
const WINDOW = 1_024;

/**
 * Recomputes everything from what is stored: blocks, leaf hashes, tiles, heads, records. On one snapshot, in one pass
 * over the entries, with the memory of one window, and without a write: servers may run meanwhile.
 *
 * @param known heads that were signed, read before this is called, so that the snapshot must contain them
 */
export function checkLog(
  kysely: Kysely<Schema>,
  known: readonly KnownHead[],
  sha256: Sha256,
  progress: Progress,
): Promise<CheckedLog> {
  return inSnapshot(kysely, (snapshot) => checkSnapshot(snapshot, known, sha256, progress));
}

/** The same within a transaction that sees one unchanging state. */
export async function checkSnapshot(
  snapshot: Kysely<Schema>,
  known: readonly KnownHead[],
  sha256: Sha256,
  progress: Progress,
): Promise<CheckedLog> {
  const findings = new Findings();
  const row = await readLogRow(snapshot);
  if (row === undefined) findings.add('log_missing', 0, 'the table is empty');
  const size = (await newestHead(snapshot))?.size ?? 0;
  const withheld = await listWithheld(snapshot);
  const erased = new Set(withheld.filter((entry) => entry.erased).map((entry) => entry.index));
  const entries = new EntryChecker(snapshot, findings, sha256, erased);
  const tree = new TreeChecker(snapshot, findings, sha256, known);
  for (let first = 0; first < size; first += WINDOW) {
    progress.show(first, size);
    await tree.grow(await entries.check(first, Math.min(size, first + WINDOW)));
  }
  await tree.finish();
  progress.show(size, size);
  await checkRest(snapshot, size, findings);
  const { brokenAt } = tree;
  return {
    origin: row?.origin,
    size,
    root: tree.root(),
    heads: tree.heads,
    tiles: tree.tiles,
    withheld: withheld.length,
    findings: findings.all(),
    more: findings.dropped,
    unchecked:
      brokenAt === undefined
        ? []
        : [`roots and tiles beyond entry ${brokenAt}: nothing stored says which leaf hashes the missing entries have`],
  };
}

async function checkRest(kysely: Kysely<Schema>, size: number, findings: Findings): Promise<void> {
  for (const { by, first, last } of await findDuplicates(kysely)) {
    findings.add('record_duplicate', last, `the ${by} of entry ${first} again`);
  }
  const beyond = await findBeyond(kysely, size);
  if (beyond.block !== undefined) findings.add('block_unexpected', beyond.block, `the newest head has size ${size}`);
  if (beyond.record !== undefined) findings.add('record_unexpected', beyond.record, `the newest head has size ${size}`);
  for (const { level, n } of beyond.tiles) findings.add('tile_unexpected', n, `on level ${level}`);
}

import {
  type Entry,
  equalBytes,
  HASH_SIZE,
  hexEncode,
  leafHash,
  parseEntry,
  type Sha256,
  TILE_WIDTH,
} from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { readBlocks, readRecords, readTileRows, type StoredBlock, type StoredRecord } from '../store/audit-rows.ts';
import { inflateBlock } from '../store/block-data.ts';
import { type PrivateRecord, readPrivateRecords } from '../store/private-records.ts';
import { entryDigests, prefixText } from './entry-digests.ts';
import type { Findings } from './findings.ts';

/** A stretch of the log, as far as what is stored tells. */
export type CheckedWindow = {
  /** What the leaf hash of each entry is; undefined where nothing stored says so any more. */
  readonly leaves: readonly (Uint8Array | undefined)[];
  /** The newest `logged_at` at or before each entry. */
  readonly loggedAt: readonly number[];
};

/** Checks blocks, entries and records, window by window. Everything it holds is of one window. */
export class EntryChecker {
  private newest = 0;
  private readonly kysely: Kysely<Schema>;
  private readonly findings: Findings;
  private readonly sha256: Sha256;
  private readonly erased: ReadonlySet<number>;

  /** @param erased entries whose bytes were destroyed on purpose: their hash is all there is */
  constructor(kysely: Kysely<Schema>, findings: Findings, sha256: Sha256, erased: ReadonlySet<number>) {
    this.kysely = kysely;
    this.findings = findings;
    this.sha256 = sha256;
    this.erased = erased;
  }

  /** @param first a multiple of 256 */
  async check(first: number, end: number): Promise<CheckedWindow> {
    const blocks = await readBlocks(this.kysely, first, end);
    const tiles = await readTileRows(this.kysely, 0, first / TILE_WIDTH, Math.floor(end / TILE_WIDTH));
    const records = await readRecords(this.kysely, first, end);
    const kept = await readPrivateRecords(this.kysely, first, end);
    const stored = this.place(blocks, first, end);
    const leaves: (Uint8Array | undefined)[] = [];
    const loggedAt: number[] = [];
    for (let index = first; index < end; index++) {
      const { bytes, hash } = stored[index - first] ?? {};
      const inTile = hashIn(tiles.get(Math.floor(index / TILE_WIDTH)), index % TILE_WIDTH);
      const erased = this.erased.has(index);
      const computed = bytes === undefined || erased ? undefined : leafHash(bytes, this.sha256);
      const entry = computed === undefined || erased ? undefined : readEntry(bytes!);
      const leaf = this.judge(index, { computed, readable: entry !== undefined, stored: hash, inTile });
      leaves.push(leaf);
      if (entry !== undefined) this.checkTime(index, entry);
      if (entry === undefined && computed !== undefined && leaf !== undefined && equalBytes(computed, leaf)) {
        this.findings.add('entry_malformed', index, 'the bytes are not an entry');
      }
      loggedAt.push(this.newest);
      this.checkRecord(index, records.get(index), leaf, entry, kept.get(index));
    }
    return { leaves, loggedAt };
  }

  /** What is stored for each index of the window. */
  private place(blocks: readonly StoredBlock[], first: number, end: number): (StoredEntry | undefined)[] {
    const places: (StoredEntry | undefined)[] = Array.from({ length: end - first }, () => undefined);
    let covered = first;
    for (const block of blocks) {
      const blockEnd = block.first + block.count;
      if (blockEnd <= first) continue;
      if (block.first < covered && covered > first) {
        this.findings.add('block_unexpected', block.first, 'it overlaps the block in front of it');
      }
      if (block.first > covered) this.missing(covered, block.first);
      covered = Math.max(covered, blockEnd);
      const inflated = inflateBlock(block.data);
      const entries = inflated.ok && inflated.value.length === block.count ? inflated.value : undefined;
      // A block reaches over the window's border: it is reported where it begins.
      if (entries === undefined && (block.first >= first || first === 0)) {
        const why = inflated.ok
          ? `it holds ${inflated.value.length} entries instead of ${block.count}`
          : inflated.detail;
        this.findings.add('block_damaged', block.first, why, blockEnd - 1);
      }
      for (let index = Math.max(first, block.first); index < Math.min(end, blockEnd); index++) {
        const at = (index - block.first) * HASH_SIZE;
        const hash = block.leafHashes.subarray(at, at + HASH_SIZE);
        places[index - first] = { bytes: entries?.[index - block.first], hash };
      }
    }
    if (covered < end) this.missing(covered, end);
    return places;
  }

  private missing(first: number, end: number): void {
    this.findings.add('block_missing', first, 'no block holds these entries', end - 1);
  }

  /** Which hash the tree goes on with, when what should be the same is not: what two of three say. */
  private judge(index: number, { computed, readable, stored, inTile }: Hashes): Uint8Array | undefined {
    if (computed === undefined) {
      if (stored !== undefined && inTile !== undefined && !equalBytes(stored, inTile)) {
        this.findings.add('leaf_hash_damaged', index, 'the hash beside the block is another one than that in the tile');
      }
      return inTile ?? stored;
    }
    if (stored === undefined || equalBytes(computed, stored)) return computed;
    const entryIsRight = inTile === undefined ? readable : equalBytes(inTile, computed);
    if (entryIsRight) {
      this.findings.add('leaf_hash_damaged', index, 'the hash beside the block is another one than that of the entry');
      return computed;
    }
    this.findings.add('entry_damaged', index, 'the bytes have another hash than the one beside the block');
    return inTile ?? stored;
  }

  private checkTime(index: number, { loggedAt }: Entry): void {
    if (loggedAt < this.newest) {
      this.findings.add('logged_at_order', index, `logged at ${loggedAt}, after ${this.newest}`);
    }
    this.newest = Math.max(this.newest, loggedAt);
  }

  private checkRecord(
    index: number,
    record: StoredRecord | undefined,
    leaf: Uint8Array | undefined,
    entry: Entry | undefined,
    kept: PrivateRecord | undefined,
  ): void {
    if (record === undefined) {
      this.findings.add('record_missing', index, 'there is no record of this entry');
      return;
    }
    if (kept?.sealed !== undefined && entry !== undefined && !isCommitment(entry, kept.sealed.commitment)) {
      this.findings.add('sealed_damaged', index, 'what is kept in private is not of this entry');
    }
    const digests = entry && entryDigests(entry, kept, this.sha256);
    const wrong = [
      leaf !== undefined && record.leaf8 !== prefixText(leaf) && 'leaf hash prefix',
      digests !== undefined && !equalBytes(record.statement, digests.statement) && 'statement digest',
      digests !== undefined && !equalBytes(record.identity, digests.identity) && 'identity digest',
      record.statement8 !== prefixText(record.statement) && 'statement prefix',
      record.identity8 !== prefixText(record.identity) && 'identity prefix',
    ].filter((part) => part !== false);
    if (wrong.length > 0) this.findings.add('record_damaged', index, `wrong: ${wrong.join(', ')}`);
  }
}

function isCommitment(entry: Entry, commitment: Uint8Array): boolean {
  return 'sealed' in entry && entry.sealed === `sha256:${hexEncode(commitment)}`;
}

type StoredEntry = { readonly bytes: Uint8Array | undefined; readonly hash: Uint8Array };

type Hashes = {
  /** Of the stored bytes; undefined without any. */
  readonly computed: Uint8Array | undefined;
  /** Whether these bytes read as an entry: flipped bits hardly ever do. */
  readonly readable: boolean;
  readonly stored: Uint8Array | undefined;
  readonly inTile: Uint8Array | undefined;
};

function readEntry(bytes: Uint8Array): Entry | undefined {
  const entry = parseEntry(bytes);
  return entry.ok ? entry.value : undefined;
}

function hashIn(tile: Uint8Array | undefined, at: number): Uint8Array | undefined {
  return tile?.subarray(at * HASH_SIZE, (at + 1) * HASH_SIZE);
}

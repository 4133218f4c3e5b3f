/** What a check of the whole log can find. Closed, so that scripts can tell one from another. */
export const FINDING_CODES = {
  log_missing: 'The table "log" has no row: origin and key are gone. Restore the database.',
  head_missing: 'Heads are missing from the chain. Restore the database; nothing else knows them.',
  head_order: 'Sizes or times of the chain go back. Restore the database.',
  head_root:
    'The head does not have the root that the entries give. If entries are damaged too, cure those first; if only this row is, restore it.',
  block_missing: 'Entries are not stored. Get them back from a mirror or receipts: "assent-log recover" says how.',
  block_damaged: 'The block does not inflate to its entries. Restore the row from a backup or a replica.',
  block_unexpected: 'There is a block that no head covers, or that overlaps another. Restore the database.',
  entry_damaged: "The entry's bytes are not those of its leaf hash. They are not served. Restore the block's row.",
  leaf_hash_damaged: 'The leaf hash beside the block is not that of the entry. Restore the row.',
  entry_malformed:
    'The bytes match their hash and are no entry of this format. Newer software wrote it, or an intruder.',
  logged_at_order: 'The entry says that it was logged before the one in front of it.',
  tile_missing: 'A full tile is not stored. Restore the row from a backup or a replica.',
  tile_damaged: 'The tile is not what the leaf hashes give. Restore the row from a backup or a replica.',
  tile_unexpected: 'There are tiles that no head requires. Restore the database.',
  record_missing: 'The entry can not be found by its digests, and may be logged twice. Restore the row.',
  record_damaged: "The record is not its entry's: look-ups miss it, or find another one. Restore the row.",
  record_unexpected: 'There are records beyond the newest head. Restore the database.',
  record_duplicate: 'Two entries have the same statement or identity.',
  sealed_damaged: 'What the log keeps in private of a sealed entry is about another one. Restore the row.',
  guard_head: 'The fork guard knows a signed head that this database does not contain: see "assent-log recover".',
  checkpoint_head: 'The checkpoint was signed by this log, and the database does not contain it.',
} as const satisfies Record<string, string>;

export type FindingCode = keyof typeof FINDING_CODES;

/** `first` to `last`: indexes of entries; of heads, their numbers; of tiles, their place on the level that `detail` names. */
export type Finding = {
  readonly code: FindingCode;
  readonly first: number;
  readonly last: number;
  readonly detail: string;
};

const MOST_KEPT = 1_000;

/** Collects findings, joining what lies side by side: one bad block must not take a thousand lines, nor memory. */
export class Findings {
  private readonly kept: Finding[] = [];
  private open = new Map<FindingCode, Finding>();
  /** Findings beyond those that are kept. */
  dropped = 0;

  add(code: FindingCode, at: number, detail: string, last = at): void {
    const before = this.open.get(code);
    if (before !== undefined && before.last + 1 === at) {
      const joined = { ...before, last };
      this.kept[this.kept.indexOf(before)] = joined;
      this.open.set(code, joined);
      return;
    }
    if (this.kept.length >= MOST_KEPT) {
      this.dropped++;
      return;
    }
    const finding = { code, first: at, last, detail };
    this.kept.push(finding);
    this.open.set(code, finding);
  }

  all(): readonly Finding[] {
    return this.kept;
  }
}

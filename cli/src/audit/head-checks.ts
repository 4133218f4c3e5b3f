/** Whether what was read is what the log signed: now, and whenever somebody looked before. */
import { equalBytes, hexEncode, TILE_WIDTH } from '@assent/verifier';
import type { LogSource } from '../log-source/log-source.ts';
import type { Pinned } from '../pinned.ts';
import type { AuditReport } from './audit-report.ts';
import type { Dispute } from './bundle-job.ts';
import { compareSignedHeads, rootAt, type SizedHead } from './compare-heads.ts';
import type { Finding, FindingCode } from './findings.ts';
import { type NotChecked, notChecked } from './not-checked.ts';
import type { FoundRoot } from './walk-log.ts';

/** Another signed head of this log, and whose word it is that there was one. */
export type OtherHead = SizedHead & { readonly from: string };

export type WrittenProof = { readonly file: string } | { readonly why: string };

export type HeadParts = {
  readonly source: LogSource;
  readonly head: SizedHead;
  readonly pinned: Pinned;
  /** How many of the first entries were read. */
  readonly end: number;
  readonly roots: ReadonlyMap<number, FoundRoot>;
  /** Where it is, or why it could not be written: that the log is caught matters more than the file. */
  readonly writeProof: (name: string, text: string) => Promise<WrittenProof>;
};

export type HeadChecks = {
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
  readonly compared: AuditReport['compared_heads'];
};

/** Which of the two trees has the signed root: the one of the entries, or the one of the tiles where it is another. */
export type SignedTree = 'entries' | 'tiles' | 'neither' | 'unknown';

export async function findSignedTree({ source, head, end, roots }: HeadParts): Promise<SignedTree> {
  const found = roots.get(end);
  if (found?.computed === undefined && found?.served === undefined) return 'unknown';
  const { computed, served } = found;
  if (end === head.size) {
    if (computed !== undefined && equalBytes(computed, head.root)) return 'entries';
    return served !== undefined && equalBytes(served, head.root) ? 'tiles' : 'neither';
  }
  const signed = await rootAt(end, head, source);
  if ('why' in signed) return 'unknown';
  if (computed !== undefined && equalBytes(computed, signed.root)) return 'entries';
  return served !== undefined && equalBytes(served, signed.root) ? 'tiles' : 'neither';
}

/** What it means that the signed tree is this one. */
export function rootFindings(
  signed: SignedTree,
  { head, end, roots }: HeadParts,
  disputes: readonly Dispute[],
  disputed: number,
): {
  readonly findings: readonly Finding[];
  readonly unlisted: readonly [FindingCode, number];
  readonly notChecked: readonly NotChecked[];
} {
  const isTile = signed === 'entries';
  const findings: Finding[] = isTile
    ? wrongTiles(disputes)
    : disputes.map(({ index, computed, served }) => ({
        code: 'entry_changed',
        index,
        detail: changedDetail(signed),
        expected: served,
        computed,
      }));
  const missed: NotChecked[] = [];
  if (signed === 'neither') {
    const computed = roots.get(end)?.computed;
    const detail = `the ${end} entries that are served are not those of the signed head`;
    const values =
      end === head.size && computed !== undefined
        ? { expected: `sha256:${hexEncode(head.root)}`, computed: `sha256:${hexEncode(computed)}` }
        : {};
    findings.unshift({ code: 'root_mismatch', detail, ...values });
  }
  if (signed === 'unknown') {
    missed.push(
      notChecked(
        'tree',
        'whether the entries give the signed root: some of their hashes, or the tiles above them, were not to be had',
      ),
    );
  }
  const unlisted = disputed - disputes.length;
  return { findings, unlisted: [isTile ? 'tile_mismatch' : 'entry_changed', unlisted], notChecked: missed };
}

/** One finding for each tile, however many of its hashes are wrong. */
function wrongTiles(disputes: readonly Dispute[]): Finding[] {
  const tiles = new Map<number, Dispute[]>();
  for (const dispute of disputes) {
    const tile = Math.floor(dispute.index / TILE_WIDTH);
    tiles.set(tile, [...(tiles.get(tile) ?? []), dispute]);
  }
  return [...tiles].map(([tile, wrong]) => {
    const { index, computed, served } = wrong[0]!;
    const number = wrong.length === 1 ? 'a hash' : `${wrong.length} hashes`;
    const detail = `tile ${tile} of leaf hashes holds ${number} that the entries do not have, and the entries are the signed ones`;
    return { code: 'tile_mismatch', index, detail, expected: computed, computed: served };
  });
}

function changedDetail(signed: SignedTree): string {
  return signed === 'tiles'
    ? 'its bytes have another hash than its tile holds, and the tiles give the signed root'
    : 'its bytes have another hash than its tile holds';
}

/** @param others each of the log's own, and signed by it */
export async function compareOtherHeads(
  others: readonly OtherHead[],
  signed: SignedTree,
  parts: HeadParts,
): Promise<HeadChecks> {
  const findings: Finding[] = [];
  const missed: NotChecked[] = [];
  const compared: { size: number; from: string; relation: 'consistent' | 'fork' | 'unknown' }[] = [];
  const newest = others.reduce<OtherHead | undefined>(
    (best, each) => (best === undefined || each.size > best.size ? each : best),
    undefined,
  );
  if (newest !== undefined && newest.size > parts.head.size) {
    const detail = `it serves a head of ${parts.head.size} entries, and has signed one of ${newest.size} (${newest.from})`;
    findings.push({ code: 'rollback', detail, expected: `${newest.size} or more`, computed: String(parts.head.size) });
  }
  for (const other of others) {
    const result = await compareOne(other, signed, parts);
    compared.push({ size: other.size, from: other.from, relation: result.relation });
    if (result.relation === 'fork') findings.push(result.finding);
    if (result.relation === 'unknown') {
      const detail = `whether the head of ${other.size} entries (${other.from}) is of the same tree: ${result.why}`;
      missed.push(notChecked('earlier_head', detail));
    }
  }
  return { findings, notChecked: missed, compared };
}

type ComparedHead =
  | { readonly relation: 'consistent' }
  | { readonly relation: 'fork'; readonly finding: Finding }
  | { readonly relation: 'unknown'; readonly why: string };

async function compareOne(other: OtherHead, signed: SignedTree, parts: HeadParts): Promise<ComparedHead> {
  const { head, roots, source, pinned, writeProof } = parts;
  const found = roots.get(other.size);
  const own =
    signed === 'entries' ? found?.computed : signed === 'tiles' ? (found?.served ?? found?.computed) : undefined;
  if (own !== undefined && equalBytes(own, other.root)) return { relation: 'consistent' };
  const [older, newer] = other.size <= head.size ? [other, head] : [head, other];
  const shown = await compareSignedHeads(older, newer, source, pinned);
  if (shown.relation === 'consistent') return shown;
  const detail = `no tree has both the head of ${older.size} entries and the one of ${newer.size} (${other.from})`;
  if (shown.relation === 'fork' && shown.proof !== undefined) {
    const written = await writeProof(`fork-${older.size}-${newer.size}`, shown.proof);
    if ('file' in written) return { relation: 'fork', finding: { code: 'fork', detail, proof: written.file } };
    return {
      relation: 'fork',
      finding: { code: 'fork', detail: `${detail}; its proof could not be kept: ${written.why}` },
    };
  }
  const unproved = `${detail}; no proof of it could be written: ${shown.why}`;
  if (own === undefined) {
    return shown.relation === 'fork' ? { relation: 'fork', finding: { code: 'fork', detail: unproved } } : shown;
  }
  // The entries give the signed root, and another one at that size: it is so, though the tiles do not show it to others.
  const values = { expected: `sha256:${hexEncode(other.root)}`, computed: `sha256:${hexEncode(own)}` };
  return {
    relation: 'fork',
    finding: { code: 'fork', detail: unproved, ...values },
  };
}

import { concatBytes, equalBytes, hexEncode, type Sha256 } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { Head } from '../store/append-batch.ts';
import { readHeads, readTileRows } from '../store/audit-rows.ts';
import { TreeEdge } from '../tree/tree-edge.ts';
import type { CheckedWindow } from './check-entries.ts';
import type { Findings } from './findings.ts';
import type { KnownHead } from './known-head.ts';

/**
 * Grows the tree anew, in one pass and with the right edge alone in memory, and compares with it every head of the
 * chain, every full tile, and every head that is known to be signed.
 */
export class TreeChecker {
  heads = 0;
  tiles = 0;
  private edge: TreeEdge | undefined;
  private grownTo = 0;
  /** The newest `logged_at` so far. */
  private loggedAt = 0;
  private previous: Head | undefined;
  private pending: Head | undefined;
  private readonly chain: AsyncGenerator<Head>;
  private readonly known: KnownHead[];
  private readonly kysely: Kysely<Schema>;
  private readonly findings: Findings;

  constructor(kysely: Kysely<Schema>, findings: Findings, sha256: Sha256, known: readonly KnownHead[]) {
    this.kysely = kysely;
    this.findings = findings;
    this.edge = TreeEdge.empty(sha256);
    this.chain = readHeads(kysely);
    this.known = [...known].sort((a, b) => a.size - b.size);
  }

  /** From where on nothing could be recomputed, because what is stored does not say what the leaf is; else undefined. */
  get brokenAt(): number | undefined {
    return this.edge === undefined ? this.grownTo : undefined;
  }

  /** The recomputed root of everything so far. */
  root(): Uint8Array | undefined {
    return this.edge?.root();
  }

  /** Takes the next stretch; windows come in order and without gaps. */
  async grow({ leaves, loggedAt }: CheckedWindow): Promise<void> {
    const first = this.grownTo;
    const end = first + leaves.length;
    for (;;) {
      // A damaged head may name a size that is behind us.
      const stop = Math.max(this.grownTo, Math.min(end, await this.nextSize()));
      await this.extend(leaves.slice(this.grownTo - first, stop - first));
      this.loggedAt = loggedAt[stop - first - 1] ?? this.loggedAt;
      if (stop === end && (await this.nextSize()) > end) return;
      await this.compare();
    }
  }

  /** Compares what stands at the very end: heads of the empty tree, and those that nothing stored reaches. */
  async finish(): Promise<void> {
    await this.compare();
    for (let head = await this.peek(); head !== undefined; head = await this.peek()) this.take(head, undefined);
    for (const { finding, size, source } of this.known.splice(0)) {
      this.findings.add(finding, size, `${source} was signed at size ${size}, and the log ends at ${this.grownTo}`);
    }
  }

  private async extend(leaves: readonly (Uint8Array | undefined)[]): Promise<void> {
    const from = this.grownTo;
    this.grownTo = from + leaves.length;
    if (this.edge === undefined || leaves.length === 0) return;
    const gap = leaves.indexOf(undefined);
    if (gap >= 0) {
      this.edge = undefined;
      return;
    }
    const { edge, fullTiles } = this.edge.extend(concatBytes(...(leaves as Uint8Array[])));
    this.edge = edge;
    for (const level of new Set(fullTiles.map((tile) => tile.level))) {
      const full = fullTiles.filter((tile) => tile.level === level);
      const stored = await readTileRows(this.kysely, level, full[0]!.index, full.at(-1)!.index + 1);
      for (const { index, nodes } of full) {
        this.tiles++;
        const hashes = stored.get(index);
        if (hashes === undefined) this.findings.add('tile_missing', index, `on level ${level}`);
        else if (!equalBytes(hashes, nodes.hashes())) this.findings.add('tile_damaged', index, `on level ${level}`);
      }
    }
  }

  private async nextSize(): Promise<number> {
    const head = await this.peek();
    return Math.min(head?.size ?? Number.MAX_SAFE_INTEGER, this.known[0]?.size ?? Number.MAX_SAFE_INTEGER);
  }

  /** Everything that is about the tree of exactly this size, or should have come before it. */
  private async compare(): Promise<void> {
    const root = this.edge?.root();
    for (let head = await this.peek(); head !== undefined && head.size <= this.grownTo; head = await this.peek()) {
      this.take(head, head.size === this.grownTo ? root : undefined);
    }
    while (this.known[0] !== undefined && this.known[0].size <= this.grownTo) {
      const { size, root: signed, source, finding } = this.known.shift()!;
      if (root === undefined || equalBytes(root, signed)) continue;
      this.findings.add(finding, size, `${source} has the root ${hexEncode(signed)}; here it is ${hexEncode(root)}`);
    }
  }

  private take(head: Head, root: Uint8Array | undefined): void {
    this.pending = undefined;
    this.heads++;
    const { seq, size, timestamp } = head;
    const expected = (this.previous?.seq ?? -1) + 1;
    if (seq !== expected) this.findings.add('head_missing', expected, 'the chain has a gap', seq - 1);
    if (this.previous !== undefined) {
      if (size < this.previous.size) this.findings.add('head_order', seq, `size ${size} after ${this.previous.size}`);
      if (timestamp <= this.previous.timestamp) {
        this.findings.add('head_order', seq, `time ${timestamp} after ${this.previous.timestamp}`);
      }
    }
    if (timestamp < this.loggedAt) {
      this.findings.add('head_order', seq, `time ${timestamp}, before its newest entry's ${this.loggedAt}`);
    }
    if (root !== undefined && !equalBytes(root, head.root)) {
      const detail = `size ${size} has the root ${hexEncode(root)}, the head says ${hexEncode(head.root)}`;
      this.findings.add('head_root', seq, detail);
    }
    this.previous = head;
  }

  private async peek(): Promise<Head | undefined> {
    if (this.pending === undefined) {
      const next = await this.chain.next();
      this.pending = next.done ? undefined : next.value;
    }
    return this.pending;
  }
}

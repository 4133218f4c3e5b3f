import { formatTlogProof, type Sha256 } from '@assent/verifier';
import type { PastHeads, SignedSize } from './past-heads.ts';
import { Problem } from './problems.ts';
import type { CheckpointCompleter } from './publisher/checkpoint-completer.ts';
import type { Published } from './publisher/publisher.ts';
import { proofLines, receiptText } from './receipt-text.ts';
import { AT_RANDOM, SharedProofs, TOGETHER } from './shared-proofs.ts';
import type { SignedTree } from './signed-tree.ts';
import type { TreeReader } from './tree/tree-reader.ts';
import type { Witnessing } from './witness/witnessing.ts';

export type ReceiptsParts = {
  readonly tree: SignedTree;
  readonly past: PastHeads;
  readonly witnessing: Witnessing;
  readonly completer: CheckpointCompleter;
  readonly sha256: Sha256;
};

/** Makes receipts (formats.md §6), as their bytes, out of the signed tree. Throws a Problem for what a caller can be told. */
export class Receipts {
  private readonly parts: ReceiptsParts;
  /** What the proofs against a head have in common, as long as its reader is there. */
  private readonly shared = new WeakMap<TreeReader, SharedProofs>();

  constructor(parts: ReceiptsParts) {
    this.parts = parts;
  }

  /**
   * The receipt of an entry: against an older size, if one is named; else against the first checkpoint that covers it and
   * was cosigned by the quorum; and as long as there is none, against the newest signed head that this process knows.
   */
  async at(index: number, size?: number): Promise<Uint8Array> {
    return this.against(index, await this.covering(index, size));
  }

  /** The same against a signed size that {@link covering} gave for it. */
  async against(index: number, signed: SignedSize): Promise<Uint8Array> {
    return Buffer.from(await this.textAgainst(index, signed), 'latin1');
  }

  /** The same as text in which each byte is a character, for whoever sends it as `latin1`. */
  async textAgainst(index: number, signed: SignedSize): Promise<string> {
    return this.around(index, await this.parts.tree.entry(index), signed);
  }

  /** The receipt of an entry whose bytes are at hand, as such a text. */
  async of(index: number, entry: Uint8Array): Promise<string> {
    return this.around(index, entry, await this.covering(index, undefined));
  }

  /**
   * The same against a signed head that covers the entry.
   */
  async format(index: number, entry: Uint8Array, published: Published): Promise<string> {
    return this.formatAtOnce(index, entry, published) ?? this.around(index, entry, this.newest(published));
  }

  /** The same, if the proof is in memory, as that of an entry is that was just appended. */
  formatAtOnce(index: number, entry: Uint8Array, published: Published): string | undefined {
    const { checkpoint, reader } = this.newest(published);
    const lines = this.proofsOf(reader).lines(index, TOGETHER);
    return lines === undefined ? undefined : receiptText({ index, entry, lines, checkpoint });
  }

  /** What {@link at} proves an entry against. With the index it determines the receipt, byte for byte. */
  async covering(index: number, size: number | undefined): Promise<SignedSize> {
    const { tree, past, witnessing } = this.parts;
    if (size !== undefined && size <= index) {
      const message = `A tree of size ${size} does not hold entry ${index}: "size" is too small.`;
      throw new Problem('invalid_parameter', message);
    }
    const kept = size === undefined ? await witnessing.first(index) : await witnessing.kept.ofSize(size);
    if (kept !== undefined) {
      const newest = await tree.reaching(kept.size);
      const checkpoint = await this.parts.completer.complete(kept.checkpoint, newest);
      // A larger tree's reader has the nodes of the smaller ones too.
      return { size: kept.size, checkpoint, reader: tree.reader(newest) };
    }
    if (size === undefined) return this.newest(await tree.covering(index));
    const signed = await past.signed(size);
    return { ...signed, checkpoint: witnessing.withCosignatures(size, signed.checkpoint) };
  }

  private newest(published: Published): SignedSize {
    const { size } = published.head;
    const checkpoint = this.parts.witnessing.withCosignatures(size, published.checkpoint);
    return { size, checkpoint, reader: this.parts.tree.reader(published) };
  }

  /** The proof alone, as text. */
  async prove(index: number, { size, checkpoint, reader }: SignedSize): Promise<string> {
    const proof = await reader.proveInclusion(index, size, this.parts.sha256);
    return formatTlogProof({ index, proof, checkpoint });
  }

  private async around(index: number, entry: Uint8Array, { size, checkpoint, reader }: SignedSize): Promise<string> {
    const known = size === reader.edge.size ? this.proofsOf(reader).lines(index, AT_RANDOM) : undefined;
    const lines = known ?? proofLines(await reader.proveInclusion(index, size, this.parts.sha256));
    return receiptText({ index, entry, lines, checkpoint });
  }

  private proofsOf(reader: TreeReader): SharedProofs {
    let proofs = this.shared.get(reader);
    if (proofs === undefined) {
      proofs = new SharedProofs(reader, this.parts.sha256);
      this.shared.set(reader, proofs);
    }
    return proofs;
  }
}

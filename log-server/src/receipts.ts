import { formatReceipt, formatTlogProof, proveInclusion, type Sha256 } from '@assent/verifier';
import type { PastHeads, SignedSize } from './past-heads.ts';
import { Problem } from './problems.ts';
import type { Published } from './publisher/publisher.ts';
import type { SignedTree } from './signed-tree.ts';

/** Makes receipts (formats.md §6) out of the signed tree. Throws a Problem for what a caller can be told. */
export class Receipts {
  private readonly tree: SignedTree;
  private readonly past: PastHeads;
  private readonly sha256: Sha256;

  constructor(tree: SignedTree, past: PastHeads, sha256: Sha256) {
    this.tree = tree;
    this.past = past;
    this.sha256 = sha256;
  }

  /** The receipt of an entry, against the newest signed head that this process knows to cover it, or an older size. */
  async at(index: number, size?: number): Promise<string> {
    const signed = await this.covering(index, size);
    return formatReceipt({ entry: await this.tree.entry(index), proof: await this.prove(index, signed) });
  }

  /** The same of an entry whose bytes are at hand. */
  async of(index: number, entry: Uint8Array): Promise<string> {
    return formatReceipt({ entry, proof: await this.proofAt(index) });
  }

  /** Its proof alone: C2SP tlog-proof. */
  async proofAt(index: number, size?: number): Promise<string> {
    return this.prove(index, await this.covering(index, size));
  }

  /** The receipt of an entry whose bytes are at hand, against a signed head that covers it. */
  async format(index: number, entry: Uint8Array, published: Published): Promise<string> {
    return formatReceipt({ entry, proof: await this.prove(index, this.newest(published)) });
  }

  private async covering(index: number, size: number | undefined): Promise<SignedSize> {
    if (size === undefined) return this.newest(await this.tree.covering(index));
    if (size > index) return this.past.signed(size);
    throw new Problem('invalid_parameter', `A tree of size ${size} does not hold entry ${index}: "size" is too small.`);
  }

  private newest(published: Published): SignedSize {
    return { size: published.head.size, checkpoint: published.checkpoint, reader: this.tree.reader(published) };
  }

  private async prove(index: number, { size, checkpoint, reader }: SignedSize): Promise<string> {
    const proof = await proveInclusion(index, size, reader, this.sha256);
    return formatTlogProof({ index, proof, checkpoint });
  }
}

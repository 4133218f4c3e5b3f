import { formatReceipt, formatTlogProof, proveInclusion, type Sha256 } from '@assent/verifier';
import type { Published } from './publisher/publisher.ts';
import type { SignedTree } from './signed-tree.ts';

/** Makes receipts (formats.md §6) out of the signed tree. Throws a Problem for what a caller can be told. */
export class Receipts {
  private readonly tree: SignedTree;
  private readonly sha256: Sha256;

  constructor(tree: SignedTree, sha256: Sha256) {
    this.tree = tree;
    this.sha256 = sha256;
  }

  /** The receipt of an entry, against the newest signed head that this process knows to cover it. */
  async at(index: number): Promise<string> {
    const published = await this.tree.covering(index);
    return this.format(index, await this.tree.entry(index), published);
  }

  /** The receipt of an entry whose bytes are at hand, against a signed head that covers it. */
  async format(index: number, entry: Uint8Array, published: Published): Promise<string> {
    return formatReceipt({ entry, proof: await this.proof(index, published) });
  }

  /** C2SP tlog-proof: the inclusion proof and the checkpoint. */
  private async proof(index: number, published: Published): Promise<string> {
    const proof = await proveInclusion(index, published.head.size, this.tree.reader(published), this.sha256);
    return formatTlogProof({ index, proof, checkpoint: published.checkpoint });
  }
}

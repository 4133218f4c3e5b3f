import { proveConsistency, type Sha256, treeRoot } from '@assent/verifier';
import { Problem } from './problems.ts';
import type { Published } from './publisher/publisher.ts';
import type { SignedTree } from './signed-tree.ts';

/** Hashes have 32 bytes. `checkpoint` is there when the larger size was left to the log, which chose its newest. */
export type InclusionAnswer = {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint?: string;
};

export type ConsistencyAnswer = {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint?: string;
};

/** Proofs of the signed tree at any size up to the newest signed one. Throws a Problem for what a caller can be told. */
export class Proofs {
  private readonly tree: SignedTree;
  private readonly sha256: Sha256;

  constructor(tree: SignedTree, sha256: Sha256) {
    this.tree = tree;
    this.sha256 = sha256;
  }

  async inclusion(index: number, asked?: number): Promise<InclusionAnswer> {
    const { published, size, checkpoint } = await this.size(asked);
    if (index >= size) {
      if (asked === undefined)
        throw new Problem('not_found', `There is no entry ${index}: the log has ${size} entries.`);
      throw new Problem('invalid_parameter', `"index" must be below "size", but ${index} is not below ${size}.`);
    }
    const reader = this.tree.reader(published);
    const [leafHash] = await reader.readHashes([{ level: 0, index }]);
    const root = await treeRoot(size, reader, this.sha256);
    const proof = await reader.proveInclusion(index, size, this.sha256);
    return { index, size, leafHash: leafHash!, root, proof, ...checkpoint };
  }

  async consistency(from: number, asked?: number): Promise<ConsistencyAnswer> {
    if (asked !== undefined && from > asked) {
      throw new Problem('invalid_parameter', `"from" must not be above "to", but ${from} is above ${asked}.`);
    }
    const { published, size: to, checkpoint } = await this.size(asked);
    if (from > to) throw new Problem('not_found', `The log has no size ${from} yet: its newest signed size is ${to}.`);
    const reader = this.tree.reader(published);
    const fromRoot = await treeRoot(from, reader, this.sha256);
    const toRoot = await treeRoot(to, reader, this.sha256);
    const proof = await proveConsistency(from, to, reader, this.sha256);
    return { from, to, fromRoot, toRoot, proof, ...checkpoint };
  }

  private async size(asked: number | undefined): Promise<{
    readonly published: Published;
    readonly size: number;
    readonly checkpoint?: { readonly checkpoint: string };
  }> {
    if (asked !== undefined) return { published: await this.tree.reaching(asked), size: asked };
    const published = await this.tree.newest();
    return { published, size: published.head.size, checkpoint: { checkpoint: published.checkpoint } };
  }
}

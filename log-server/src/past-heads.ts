import { equalBytes, type Sha256, treeRoot } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from './database/schema.ts';
import { Problem } from './problems.ts';
import type { Publisher } from './publisher/publisher.ts';
import type { SignedTree } from './signed-tree.ts';
import { headsAround } from './store/heads.ts';
import type { TreeReader } from './tree/tree-reader.ts';

/** A signed size of the tree: what a receipt proves an entry against. */
export type SignedSize = { readonly size: number; readonly checkpoint: string; readonly reader: TreeReader };

export type PastHeadsParts = {
  readonly kysely: Kysely<Schema>;
  readonly tree: SignedTree;
  readonly publisher: Publisher;
  readonly sha256: Sha256;
};

/**
 * Older heads of the chain, signed again when someone asks for a receipt against one. Ed25519 is deterministic, so the
 * same key gives the bytes that were handed out then, and nothing has to be kept.
 */
export class PastHeads {
  private readonly parts: PastHeadsParts;

  constructor(parts: PastHeadsParts) {
    this.parts = parts;
  }

  /**
   * Throws a Problem: `not_found` for a size that no head up to the newest signed one has, `read_only` when nothing may
   * be signed, `stored_data_damaged` when the stored head has not the root of the tree.
   */
  async signed(size: number): Promise<SignedSize> {
    const { kysely, tree, publisher, sha256 } = this.parts;
    const published = await tree.reaching(size);
    const reader = tree.reader(published);
    if (size === published.head.size) return { size, checkpoint: published.checkpoint, reader };
    const { below, from } = await headsAround(kysely, size, published.head.seq);
    if (from.size !== size) {
      const nearest = below === undefined ? `${from.size}` : `${below.size} and ${from.size}`;
      throw new Problem('not_found', `No tree head of this log has size ${size}. The nearest: ${nearest}.`);
    }
    // A signature can't be taken back. What is signed comes from the tree that the guard has passed, not from this row.
    if (!equalBytes(await treeRoot(size, reader, sha256), from.root)) {
      throw new Problem(
        'stored_data_damaged',
        `The stored head of size ${size} has not the root of the signed tree. It was not signed; the operator must restore it.`,
      );
    }
    return { size, checkpoint: await publisher.signAgain(from), reader };
  }
}

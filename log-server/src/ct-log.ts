/**
 * The log as RFC 6962 §4.3 to §4.6 and §4.8 have clients ask it, with the rules for parameters that stand there. What the
 * RFC leaves open is answered as the logs of the web's certificates do: a size or a start beyond the tree is a mistake of
 * the request (400), a hash that the tree does not hold is not found (404).
 */
import { equalBytes, proveConsistency, type Sha256 } from '@assent/verifier';
import type { Kysely } from 'kysely';
import type { Schema } from './database/schema.ts';
import { Problem } from './problems.ts';
import type { Published } from './publisher/publisher.ts';
import type { SignedTreeHeads } from './publisher/signed-tree-heads.ts';
import type { SignedTree } from './signed-tree.ts';
import { findLeaf } from './store/entries.ts';
import type { TreeReader } from './tree/tree-reader.ts';

/** What one `get-entries` gives at most: so many entries, and no further one after so many bytes. */
export const MAX_ENTRIES = 256;
const MAX_BYTES = 4 * 1024 * 1024;

export type CtLogParts = {
  readonly kysely: Kysely<Schema>;
  readonly tree: SignedTree;
  readonly treeHeads: SignedTreeHeads;
  readonly sha256: Sha256;
};

/** Every method throws a Problem for what a caller can be told. Hashes have 32 bytes. */
export class CtLog {
  private readonly parts: CtLogParts;

  constructor(parts: CtLogParts) {
    this.parts = parts;
  }

  /** §4.3: the newest signed tree head, as JSON. */
  treeHead(): Promise<string> {
    return this.parts.treeHeads.newest();
  }

  /** §4.4, for 0 ≤ first ≤ second ≤ the signed size. From 0, and between equal sizes, the proof is empty. */
  async consistency(first: number, second: number): Promise<readonly Uint8Array[]> {
    if (first > second) {
      throw new Problem('invalid_parameter', `"first" must not be above "second", but ${first} is above ${second}.`);
    }
    const reader = await this.readerOf(second);
    return proveConsistency(first, second, reader, this.parts.sha256);
  }

  /** §4.5, for 1 ≤ size ≤ the signed size. */
  async proofByHash(hash: Uint8Array, size: number): Promise<{ index: number; proof: readonly Uint8Array[] }> {
    const { kysely, sha256 } = this.parts;
    if (size === 0)
      throw new Problem('invalid_parameter', '"tree_size" must be at least 1: an empty tree has no leaf.');
    const reader = await this.readerOf(size);
    const index = await findLeaf(kysely, hash);
    if (index === undefined || index >= size) {
      throw new Problem('not_found', `The tree of size ${size} has no leaf with this hash.`);
    }
    const [leaf] = await reader.readHashes([{ level: 0, index }]);
    // The look-up reads other rows than the tree: it must not say of an entry that it has a place where another one is.
    if (!equalBytes(leaf!, hash)) {
      throw new Problem('stored_data_damaged', `The stored leaf ${index} is not the one of the signed tree.`, {
        index,
      });
    }
    return { index, proof: await reader.proveInclusion(index, size, sha256) };
  }

  /**
   * §4.6: the entries from `start` to `end`, both included, or fewer of them, but at least one. Stops before one that may
   * not be served.
   */
  async entries(start: number, end: number): Promise<readonly Uint8Array[]> {
    const { tree } = this.parts;
    if (start > end) {
      throw new Problem('invalid_parameter', `"start" must not be above "end", but ${start} is above ${end}.`);
    }
    const last = Math.min(end, start + MAX_ENTRIES - 1);
    const published = await this.reachingIfThere(last + 1);
    const { size } = published.head;
    if (start >= size) {
      throw new Problem('invalid_parameter', `"start" must be below the tree size, but ${start} is not below ${size}.`);
    }
    const found = await tree.readableEntries(start, Math.min(last + 1, size));
    const entries: Uint8Array[] = [];
    let bytes = 0;
    for (const entry of found) {
      if (entry === undefined || (entries.length > 0 && bytes + entry.length > MAX_BYTES)) break;
      entries.push(entry);
      bytes += entry.length;
    }
    // Where the first one may not be served, that is the answer.
    return entries.length > 0 ? entries : tree.entries(start, start + 1);
  }

  /** §4.8, for index < size ≤ the signed size. */
  async entryAndProof(index: number, size: number): Promise<{ entry: Uint8Array; proof: readonly Uint8Array[] }> {
    if (index >= size) {
      const message = `"leaf_index" must be below "tree_size", but ${index} is not below ${size}.`;
      throw new Problem('invalid_parameter', message);
    }
    const reader = await this.readerOf(size);
    // Reading the entry brings what of its tile the proof needs.
    const entry = await this.parts.tree.entry(index);
    return { entry, proof: await reader.proveInclusion(index, size, this.parts.sha256) };
  }

  private async readerOf(size: number): Promise<TreeReader> {
    const { tree } = this.parts;
    return tree.reader(await tree.reaching(size, 'invalid_parameter'));
  }

  /** A signed head of this size, or the newest one if there is none yet. */
  private async reachingIfThere(size: number): Promise<Published> {
    const { tree } = this.parts;
    const { held } = tree;
    return held !== undefined && held.head.size >= size ? held : tree.newest();
  }
}

import type { Sha256 } from '@assent/verifier';
import { proofLines } from './receipt-text.ts';
import type { TreeReader } from './tree/tree-reader.ts';

/** More than any level has nodes, and small enough that each node has a number that is a safe integer. */
const PER_LEVEL = 2 ** 45;

/**
 * Inclusion proofs of the leaves that one head brought, as the lines of their text. Two siblings have all but the first line
 * in common, and so on up the tree, so that each line is looked up and written once for all leaves below its node: about two
 * lines a leaf instead of twenty.
 */
export class SharedProofs {
  readonly reader: TreeReader;
  private readonly sha256: Sha256;
  /** By the number of a node above the leaves: the lines from there to the root. */
  private readonly known = new Map<number, string>();

  constructor(reader: TreeReader, sha256: Sha256) {
    this.reader = reader;
    this.sha256 = sha256;
  }

  /** The lines of a leaf's proof, or undefined when a part of it has to be read. */
  lines(index: number): string | undefined {
    return this.from(0, index);
  }

  /** Those of a node over a whole perfect subtree, which is a node of the tree at every size from there on. */
  private from(level: number, index: number): string | undefined {
    const known = level === 0 ? undefined : this.known.get(level * PER_LEVEL + index);
    if (known !== undefined) return known;
    const parent = Math.floor(index / 2);
    const isWhole = (parent + 1) * 2 ** (level + 1) <= this.reader.edge.size;
    const lines = isWhole ? this.under(parent, level, index) : this.atTheEnd(level, index);
    if (level > 0 && lines !== undefined) this.known.set(level * PER_LEVEL + index, lines);
    return lines;
  }

  private under(parent: number, level: number, index: number): string | undefined {
    const sibling = this.reader.inMemory({ level, index: index % 2 === 0 ? index + 1 : index - 1 });
    const rest = sibling && this.from(level + 1, parent);
    return rest === undefined ? undefined : proofLines([sibling!]) + rest;
  }

  /** Where the node above it is not full: what is left of the proof, which begins with as many hashes as the node has levels. */
  private atTheEnd(level: number, index: number): string | undefined {
    const { reader, sha256 } = this;
    const proof = reader.inclusionInMemory(index * 2 ** level, reader.edge.size, sha256, level);
    return proof && proofLines(proof);
  }
}

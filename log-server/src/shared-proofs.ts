import type { Sha256 } from '@assent/verifier';
import { proofLines } from './receipt-text.ts';
import type { TreeReader } from './tree/tree-reader.ts';

/** More than any level has nodes, and small enough that each node has a number that is a safe integer. */
const PER_LEVEL = 2 ** 45;

/** A few MB of lines, which many proofs have in common: of a larger log they are remembered until there are so many. */
const MOST_KNOWN = 16_384;

/**
 * From which level on the lines of a node are remembered: of leaves that come together, as those of one batch do, from right
 * above the leaves on; of leaves at random places where a node is over thousands of leaves.
 */
export const TOGETHER = 1;
export const AT_RANDOM = 12;

/**
 * Inclusion proofs against one head, as the lines of their text. Two siblings have all but the first line in common, and so
 * on up the tree, so that what is remembered is looked up and written once for all leaves below its node: about two lines
 * a leaf of a batch instead of twenty, and {@link AT_RANDOM} lines a leaf anywhere, however large the tree is.
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
  lines(index: number, remembered: typeof TOGETHER | typeof AT_RANDOM): string | undefined {
    return this.from(0, index, remembered);
  }

  /** Those of a node over a whole perfect subtree, which is a node of the tree at every size from there on. */
  private from(level: number, index: number, remembered: number): string | undefined {
    const known = level < remembered ? undefined : this.known.get(level * PER_LEVEL + index);
    if (known !== undefined) return known;
    const parent = Math.floor(index / 2);
    const isWhole = (parent + 1) * 2 ** (level + 1) <= this.reader.edge.size;
    const lines = isWhole ? this.under(parent, level, index, remembered) : this.atTheEnd(level, index);
    if (level < remembered || lines === undefined) return lines;
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    this.known.set(level * PER_LEVEL + index, lines);
    return lines;
  }

  private under(parent: number, level: number, index: number, remembered: number): string | undefined {
    const sibling = this.reader.inMemory({ level, index: index % 2 === 0 ? index + 1 : index - 1 });
    const rest = sibling && this.from(level + 1, parent, remembered);
    return rest === undefined ? undefined : proofLines([sibling!]) + rest;
  }

  /** Where the node above it is not full: what is left of the proof, which begins with as many hashes as the node has levels. */
  private atTheEnd(level: number, index: number): string | undefined {
    const { reader, sha256 } = this;
    const proof = reader.inclusionInMemory(index * 2 ** level, reader.edge.size, sha256, level);
    return proof && proofLines(proof);
  }
}

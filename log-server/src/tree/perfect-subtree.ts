import { HASH_SIZE, type Sha256 } from '@assent/verifier';

/** What `nodeHash` hashes (RFC 6962 §2.1): filled and hashed at once, so one piece of memory does for all. */
const input = new Uint8Array(1 + 2 * HASH_SIZE);
input[0] = 1;

/** The hash over `hashes`, n × 32 bytes for a power of two n from 2 on, when nothing below it is to be kept. */
export function perfectRoot(hashes: Uint8Array, sha256: Sha256): Uint8Array {
  const half = hashes.length / 2;
  if (half === HASH_SIZE) {
    input.set(hashes, 1);
  } else {
    const left = perfectRoot(hashes.subarray(0, half), sha256);
    const right = perfectRoot(hashes.subarray(half), sha256);
    input.set(left, 1);
    input.set(right, 1 + HASH_SIZE);
  }
  return sha256(input);
}

/**
 * All nodes of a perfect subtree over `width` hashes, a power of two: the lowest row first, the root last. Its bottom need
 * not be leaves; heights count from it.
 */
export class PerfectSubtree {
  readonly width: number;
  private readonly nodes: Uint8Array;

  /** @param nodes the 2 · width − 1 hashes, row by row; kept, not copied */
  constructor(nodes: Uint8Array, width: number) {
    if (nodes.length !== (2 * width - 1) * HASH_SIZE) throw new RangeError(`nodes: not those over ${width} hashes`);
    this.nodes = nodes;
    this.width = width;
  }

  static over(hashes: Uint8Array, sha256: Sha256): PerfectSubtree {
    const width = hashes.length / HASH_SIZE;
    const nodes = new Uint8Array((2 * width - 1) * HASH_SIZE);
    nodes.set(hashes);
    // Row by row, each pair of nodes gives the next one after all that are there.
    for (let at = hashes.length, left = 0; at < nodes.length; at += HASH_SIZE, left += 2 * HASH_SIZE) {
      input.set(nodes.subarray(left, left + 2 * HASH_SIZE), 1);
      nodes.set(sha256(input), at);
    }
    return new PerfectSubtree(nodes, width);
  }

  node(height: number, index: number): Uint8Array {
    const start = (2 * this.width - ((2 * this.width) >> height) + index) * HASH_SIZE;
    return this.nodes.subarray(start, start + HASH_SIZE);
  }

  get bottom(): Uint8Array {
    return this.nodes.subarray(0, this.width * HASH_SIZE);
  }

  get root(): Uint8Array {
    return this.nodes.subarray(-HASH_SIZE);
  }

  get bytes(): number {
    return this.nodes.length;
  }
}

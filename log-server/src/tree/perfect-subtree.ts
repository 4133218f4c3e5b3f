import { HASH_SIZE, type Sha256 } from '@assent/verifier';

/** What `nodeHash` hashes (RFC 6962 §2.1): filled and hashed at once, so one piece of memory does for all. */
const input = new Uint8Array(1 + 2 * HASH_SIZE);
input[0] = 1;

/** The hash of the node over the two that are side by side in `nodes`, from the byte `left` on. */
export function hashPair(nodes: Uint8Array, left: number, sha256: Sha256): Uint8Array {
  input.set(nodes.subarray(left, left + 2 * HASH_SIZE), 1);
  return sha256(input);
}

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
  private bottomHashes: Uint8Array | undefined;

  /** @param nodes the 2 · width − 1 hashes, row by row; kept, not copied */
  constructor(nodes: Uint8Array, width: number) {
    if (nodes.length !== (2 * width - 1) * HASH_SIZE) throw new RangeError(`nodes: not those over ${width} hashes`);
    this.nodes = nodes;
    this.width = width;
  }

  static over(hashes: Uint8Array, sha256: Sha256): PerfectSubtree {
    const width = hashes.length / HASH_SIZE;
    // A small one comes out of Buffer's pool: to get and free memory for it alone takes as long as to compute it.
    const pooled = Buffer.allocUnsafe((2 * width - 1) * HASH_SIZE);
    const nodes = new Uint8Array(pooled.buffer, pooled.byteOffset, pooled.length);
    nodes.set(hashes);
    // Row by row, each pair of nodes gives the next one after all that are there.
    for (let at = hashes.length, left = 0; at < nodes.length; at += HASH_SIZE, left += 2 * HASH_SIZE) {
      nodes.set(hashPair(nodes, left, sha256), at);
    }
    return new PerfectSubtree(nodes, width);
  }

  node(height: number, index: number): Uint8Array {
    const start = (2 * this.width - ((2 * this.width) >> height) + index) * HASH_SIZE;
    return this.nodes.subarray(start, start + HASH_SIZE);
  }

  /** Always the same object, so that what is known of it may be kept by it. */
  get bottom(): Uint8Array {
    this.bottomHashes ??= this.nodes.subarray(0, this.width * HASH_SIZE);
    return this.bottomHashes;
  }

  get root(): Uint8Array {
    return this.nodes.subarray(-HASH_SIZE);
  }

  get bytes(): number {
    return this.nodes.length;
  }
}

import { describe, expect, it } from 'vitest';
import { referenceInclusion, referenceInputs, referenceRoot } from '../test/rfc6962-reference.ts';
import { listVectorFiles, readVectorFile, reportVectors } from '../test/third-party-vectors.ts';
import { checkInclusion, inclusionNodes, inclusionRoot, proveInclusion } from './inclusion.ts';
import { MemoryTree } from './memory-tree.ts';
import { foldRoot, type HashReader, leafHash, type NodeId, nodeHash, rootNodes } from './merkle.ts';

const MAX = 64;
const inputs = referenceInputs(MAX);
const leaves = inputs.map((input) => leafHash(input));
const tree = new MemoryTree();
for (const leaf of leaves) tree.append(leaf);
const roots = Array.from({ length: MAX + 1 }, (_, size) => tree.root(size));

const prove = (index: number, size: number) => inclusionNodes(index, size).map((group) => foldRoot(tree.hashes(group)));

function everyProof(visit: (index: number, size: number, proof: Uint8Array[], root: Uint8Array) => void): void {
  for (let size = 1; size <= MAX; size++) {
    for (let index = 0; index < size; index++) visit(index, size, prove(index, size), roots[size]!);
  }
}

/** The code, or 'ok'. */
function outcome(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): string {
  const result = checkInclusion({ index, size, leafHash: leaf, proof, root });
  return result.ok ? 'ok' : result.code;
}

/** `expect` takes longer than a check, and there are a million of them: it is called to fail only. */
function same(actual: string | boolean, expected: string | boolean): void {
  if (actual !== expected) expect(actual).toBe(expected);
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[Math.floor(bit / 8)]! ^= 1 << (bit % 8);
  return flipped;
}

describe('inclusion, exhaustively on trees to 64', { timeout: 30_000 }, () => {
  it('makes the proofs of the definition, in one batch, and they check', async () => {
    for (let size = 1; size <= MAX; size++) {
      for (let index = 0; index < size; index++) {
        const batches: number[] = [];
        const reader: HashReader = {
          readHashes: (nodes) => {
            batches.push(nodes.length);
            return tree.readHashes(nodes);
          },
        };
        const proof = await proveInclusion(index, size, reader);
        expect(batches).toHaveLength(size === 1 ? 0 : 1);
        expect(proof).toEqual(referenceInclusion(index, inputs.slice(0, size)));
        same(outcome(index, size, leaves[index]!, proof, referenceRoot(inputs.slice(0, size))), 'ok');
      }
    }
  });

  it('fails with any hash flipped: in the proof, the leaf, the root', () => {
    let flips = 0;
    everyProof((index, size, proof, root) => {
      for (let at = 0; at < proof.length; at++) {
        const flipped = proof.with(at, flipBit(proof[at]!, (flips * 37) % 256));
        same(outcome(index, size, leaves[index]!, flipped, root), 'inclusion_mismatch');
        flips++;
      }
      same(outcome(index, size, flipBit(leaves[index]!, flips % 256), proof, root), 'inclusion_mismatch');
      same(outcome(index, size, leaves[index]!, proof, flipBit(root, flips % 256)), 'inclusion_mismatch');
    });
    expect(flips).toBe(11_376);
  });

  it('fails with any single bit of the proof flipped, in a tree of 7', () => {
    for (let index = 0; index < 7; index++) {
      const proof = prove(index, 7);
      for (let at = 0; at < proof.length; at++) {
        for (let bit = 0; bit < 256; bit++) {
          const flipped = proof.with(at, flipBit(proof[at]!, bit));
          same(outcome(index, 7, leaves[index]!, flipped, roots[7]!), 'inclusion_mismatch');
        }
      }
    }
  });

  it('fails with a proof that is truncated or extended at either end, or anywhere', () => {
    everyProof((index, size, proof, root) => {
      const leaf = leaves[index]!;
      for (let at = 0; at <= proof.length; at++) {
        for (const extra of [root, leaf, new Uint8Array(32), ...proof]) {
          same(outcome(index, size, leaf, proof.toSpliced(at, 0, extra), root), 'inclusion_length');
        }
        if (at < proof.length) {
          same(outcome(index, size, leaf, proof.toSpliced(at, 1), root), 'inclusion_length');
          same(outcome(index, size, leaf, proof.slice(0, at), root), 'inclusion_length');
        }
      }
    });
  });

  it('fails with two hashes of the proof swapped', () => {
    everyProof((index, size, proof, root) => {
      for (let at = 1; at < proof.length; at++) {
        const swapped = proof.with(at, proof[at - 1]!).with(at - 1, proof[at]!);
        same(outcome(index, size, leaves[index]!, swapped, root), 'inclusion_mismatch');
      }
    });
  });

  it('fails at every other index, and for every other leaf', () => {
    everyProof((index, size, proof, root) => {
      for (let other = 0; other < size; other++) {
        if (other === index) continue;
        const needed = inclusionNodes(other, size).length;
        const code = needed === proof.length ? 'inclusion_mismatch' : 'inclusion_length';
        same(outcome(other, size, leaves[index]!, proof, root), code);
        same(outcome(index, size, leaves[other]!, proof, root), 'inclusion_mismatch');
      }
    });
  });

  it('fails under the root of every other size', () => {
    everyProof((index, size, proof) => {
      for (let other = 1; other <= MAX; other++) {
        if (other === size) continue;
        const leaf = leaves[index]!;
        same(outcome(index, size, leaf, proof, roots[other]!), 'inclusion_mismatch');
        // Against the other tree's own size the proof may be of the wrong length, or lie outside, but never pass.
        same(outcome(index, other, leaf, proof, roots[other]!) === 'ok', false);
      }
    });
  });
});

describe('inclusion: the example of RFC 6962 §2.1.3', () => {
  // In the figure: a b c d e f are the leaves 0 to 5, j leaf 6; g = ab, h = cd, i = ef; k = gh, l = ij.
  const figure: Record<string, readonly NodeId[]> = {
    b: [{ level: 0, index: 1 }],
    c: [{ level: 0, index: 2 }],
    f: [{ level: 0, index: 5 }],
    g: [{ level: 1, index: 0 }],
    h: [{ level: 1, index: 1 }],
    i: [{ level: 1, index: 2 }],
    j: [{ level: 0, index: 6 }],
    k: [{ level: 2, index: 0 }],
    l: [
      { level: 1, index: 2 },
      { level: 0, index: 6 },
    ],
  };

  it.each([
    [0, ['b', 'h', 'l']],
    [3, ['c', 'g', 'l']],
    [4, ['f', 'j', 'k']],
    [6, ['i', 'k']],
  ])('the audit path of d%d is %j', (index, path) => {
    expect(inclusionNodes(index, 7)).toEqual(path.map((letter) => figure[letter]));
  });
});

describe('inclusion: bad evidence and bad arguments', () => {
  const good = { index: 2, size: 7, leafHash: leaves[2]!, proof: prove(2, 7), root: roots[7]! };

  it.each([
    ['an index equal to the size', { index: 7 }],
    ['an index above the size', { index: 8 }],
    ['a negative index', { index: -1 }],
    ['a fraction', { index: 1.5 }],
    ['no number', { index: Number.NaN }],
    ['an empty tree', { index: 0, size: 0 }],
    ['a negative size', { size: -7 }],
    ['an unsafe size', { size: 2 ** 53 }],
    ['an infinite size', { size: Number.POSITIVE_INFINITY }],
  ])('refuses %s', (_, change) => {
    expect(checkInclusion({ ...good, ...change })).toMatchObject({ ok: false, code: 'index_out_of_range' });
    expect(inclusionRoot({ ...good, ...change })).toMatchObject({ ok: false, code: 'index_out_of_range' });
  });

  it.each([0, 31, 33, 64])('refuses a hash of %d bytes anywhere', (length) => {
    const wrong = new Uint8Array(length);
    const refused = { ok: false, code: 'hash_length' };
    expect(checkInclusion({ ...good, leafHash: wrong })).toMatchObject(refused);
    expect(checkInclusion({ ...good, root: wrong })).toMatchObject(refused);
    for (let at = 0; at < good.proof.length; at++) {
      expect(checkInclusion({ ...good, proof: good.proof.with(at, wrong) })).toMatchObject(refused);
    }
    // The degenerate case: a tree of one leaf, where nothing is hashed and equal bytes of any length would pass.
    expect(checkInclusion({ index: 0, size: 1, leafHash: wrong, proof: [], root: wrong })).toMatchObject(refused);
  });

  it.each([
    [7, 7],
    [-1, 7],
    [0, 0],
    [0.5, 7],
    [0, 2 ** 53],
    [0, -1],
  ])('throws RangeError when asked to prove index %d in size %d', async (index, size) => {
    expect(() => inclusionNodes(index, size)).toThrow(RangeError);
    await expect(proveInclusion(index, size, tree)).rejects.toThrow(RangeError);
  });
});

describe('inclusion in trees of up to 2^53 - 1 leaves', () => {
  // All leaves are equal, so that every perfect subtree of one level has the same hash.
  const levels = [leafHash(Uint8Array.of(1))];
  for (let level = 1; level <= 53; level++) levels.push(nodeHash(levels[level - 1]!, levels[level - 1]!));
  const hashes = (nodes: readonly NodeId[]) => nodes.map(({ level }) => levels[level]!);

  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 2 ** 52, 2 ** 52 + 1, 2 ** 53 - 1])('of size %d', (size) => {
    const root = foldRoot(hashes(rootNodes(size)));
    for (const index of [0, 1, 2 ** 31 - 2, Math.floor(size / 2), size - 2, size - 1]) {
      const proof = inclusionNodes(index, size).map((group) => foldRoot(hashes(group)));
      expect(outcome(index, size, levels[0]!, proof, root)).toBe('ok');
      expect(outcome(index, size, levels[0]!, [...proof, root], root)).toBe('inclusion_length');
    }
  });
});

describe('third-party vectors', () => {
  it('agrees with transparency-dev/merkle', () => {
    const files = listVectorFiles('transparency-dev-merkle/testdata/inclusion');
    for (const path of files) {
      const vector = JSON.parse(readVectorFile(path)!.toString('utf8')) as {
        leafIdx: number;
        treeSize: number;
        root: string | null;
        leafHash: string | null;
        proof: (string | null)[] | null;
        wantErr: boolean;
      };
      const bytes = (text: string | null) => new Uint8Array(Buffer.from(text ?? '', 'base64'));
      const proof = (vector.proof ?? []).map(bytes);
      const code = outcome(vector.leafIdx, vector.treeSize, bytes(vector.leafHash), proof, bytes(vector.root));
      expect(code !== 'ok', `${path}: ${code}`).toBe(vector.wantErr);
    }
    reportVectors('Merkle inclusion', 98, files.length);
  });
});

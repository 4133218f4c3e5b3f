import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { referenceInputs, referenceRoot } from '../test/rfc6962-reference.ts';
import { readVectorFile, reportVectors } from '../test/third-party-vectors.ts';
import { MemoryTree } from './memory-tree.ts';
import {
  emptyRoot,
  foldRoot,
  type HashReader,
  leafHash,
  type NodeId,
  nodeHash,
  rangeNodes,
  rootNodes,
  splitPoint,
  treeRoot,
} from './merkle.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const node = (level: number, index: number): NodeId => ({ level, index });

describe('hashes', () => {
  it('has the values that every RFC 6962 log has', () => {
    expect(hex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hex(leafHash(new Uint8Array(0)))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(hex(leafHash(Buffer.from('L123456')))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
    expect(hex(nodeHash(leafHash(new Uint8Array(0)), leafHash(Uint8Array.of(0))))).toBe(
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    );
  });

  it('has the root that the Certificate Transparency reference implementation gives for its eight inputs', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const tree = new MemoryTree();
    for (const input of inputs) tree.append(leafHash(Buffer.from(input, 'hex')));
    expect(hex(tree.root())).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  it('keeps leaves and nodes apart', () => {
    const [left, right] = [leafHash(Uint8Array.of(1)), leafHash(Uint8Array.of(2))];
    const both = new Uint8Array([...left, ...right]);
    expect(leafHash(both)).not.toEqual(nodeHash(left, right));
  });

  it('throws RangeError on hashes that are not 32 bytes, also where the two lengths make up for each other', () => {
    for (const [left, right] of [
      [31, 33],
      [33, 31],
      [0, 64],
      [64, 0],
      [32, 0],
      [0, 32],
    ] as const) {
      expect(() => nodeHash(new Uint8Array(left), new Uint8Array(right))).toThrow(RangeError);
    }
  });

  it('takes another SHA-256', async () => {
    let calls = 0;
    const counted = (data: Uint8Array) => {
      calls++;
      return new Uint8Array(createHash('sha256').update(data).digest());
    };
    const tree = new MemoryTree(counted);
    for (const input of referenceInputs(5)) tree.append(leafHash(input, counted));
    expect(calls).toBe(5 + 3);
    expect(await treeRoot(5, tree, counted)).toEqual(referenceRoot(referenceInputs(5)));
    expect(calls).toBe(5 + 3 + 1);
    expect(emptyRoot(counted)).toEqual(emptyRoot());
  });
});

describe('the shape of a tree', () => {
  it('is the row of perfect subtrees of the documented example', () => {
    expect(rootNodes(7)).toEqual([node(2, 0), node(1, 2), node(0, 6)]);
    expect(rootNodes(0)).toEqual([]);
    expect(rootNodes(1)).toEqual([node(0, 0)]);
    expect(rootNodes(8)).toEqual([node(3, 0)]);
    expect(rootNodes(2 ** 52)).toEqual([node(52, 0)]);
  });

  it('holds every leaf once at the largest size', () => {
    const nodes = rootNodes(2 ** 53 - 1);
    expect(nodes).toHaveLength(53);
    let next = 0;
    for (const { level, index } of nodes) {
      expect(index * 2 ** level).toBe(next);
      next += 2 ** level;
    }
    expect(next).toBe(2 ** 53 - 1);
  });

  it('splits after the largest power of two below the number of leaves', () => {
    for (let n = 2; n <= 300; n++) {
      const k = splitPoint(0, n);
      expect(Number.isInteger(Math.log2(k)) && k < n && 2 * k >= n, `${n}`).toBe(true);
    }
    expect(splitPoint(0, 2 ** 53 - 1)).toBe(2 ** 52);
    expect(splitPoint(2 ** 52, 2 ** 53 - 1)).toBe(2 ** 52 + 2 ** 51);
  });

  it('covers a range by subtrees, left to right', () => {
    expect(rangeNodes(8, 8)).toEqual([]);
    expect(rangeNodes(8, 13)).toEqual([node(2, 2), node(0, 12)]);
    expect(rangeNodes(8, 16)).toEqual([node(3, 1)]);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])(
    'throws RangeError on the size %d',
    async (size) => {
      expect(() => rootNodes(size)).toThrow(RangeError);
      await expect(treeRoot(size, new MemoryTree())).rejects.toThrow(RangeError);
    },
  );
});

describe('roots', () => {
  it('are those of the definition for every size to 64', async () => {
    const inputs = referenceInputs(64);
    const tree = new MemoryTree();
    for (let size = 0; size <= 64; size++) {
      if (size > 0) tree.append(leafHash(inputs[size - 1]!));
      const expected = referenceRoot(inputs.slice(0, size));
      expect(tree.root(), `size ${size}`).toEqual(expected);
      expect(await treeRoot(size, tree), `size ${size}`).toEqual(expected);
    }
    // Earlier sizes have not changed.
    for (let size = 0; size <= 64; size++) expect(tree.root(size)).toEqual(referenceRoot(inputs.slice(0, size)));
  });

  it('fold one hash to itself and none to the empty root', () => {
    const hash = leafHash(Uint8Array.of(7));
    expect(foldRoot([hash])).toEqual(hash);
    expect(foldRoot([])).toEqual(emptyRoot());
  });

  it('reject when the reader rejects, or returns too few hashes', async () => {
    const failing: HashReader = { readHashes: () => Promise.reject(new Error('disk')) };
    await expect(treeRoot(3, failing)).rejects.toThrow('disk');
    const short: HashReader = { readHashes: async (nodes) => nodes.slice(1).map(() => new Uint8Array(32)) };
    await expect(treeRoot(3, short)).rejects.toThrow('one hash for each node');
  });

  it('read all they need in one batch', async () => {
    const tree = new MemoryTree();
    for (const input of referenceInputs(63)) tree.append(leafHash(input));
    let batches = 0;
    const reader: HashReader = {
      readHashes: (nodes) => {
        batches++;
        return tree.readHashes(nodes);
      },
    };
    await treeRoot(63, reader);
    expect(batches).toBe(1);
  });
});

describe('third-party vectors', () => {
  it('hashes a record as golang.org/x/mod/sumdb/tlog does', () => {
    const file = readVectorFile('golang-mod/sumdb-tlog.json');
    if (file !== undefined) {
      const { recordHash } = JSON.parse(file.toString('utf8')) as {
        recordHash: { dataUtf8: string; leafHash_b64: string };
      };
      expect(Buffer.from(leafHash(Buffer.from(recordHash.dataUtf8))).toString('base64')).toBe(recordHash.leafHash_b64);
    }
    reportVectors('sumdb record hash', 1, file === undefined ? 0 : 1);
  });
});

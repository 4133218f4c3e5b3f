import { describe, expect, it } from 'vitest';
import { referenceInputs, referenceRoot } from '../test/rfc6962-reference.ts';
import { MemoryTree } from './memory-tree.ts';
import { leafHash } from './merkle.ts';

describe('MemoryTree', () => {
  const inputs = referenceInputs(20);

  it('holds every perfect subtree, and nothing that is not perfect yet', async () => {
    const tree = new MemoryTree();
    inputs.forEach((input, i) => {
      expect(tree.append(leafHash(input))).toBe(i);
    });
    expect(tree.size).toBe(20);
    for (let level = 0; level < 6; level++) {
      for (let index = 0; index < 20; index++) {
        const [start, end] = [index * 2 ** level, (index + 1) * 2 ** level];
        const node = { level, index };
        if (end <= 20) {
          expect(await tree.readHashes([node])).toEqual([referenceRoot(inputs.slice(start, end))]);
        } else {
          expect(() => tree.hashes([node])).toThrow(RangeError);
          await expect(tree.readHashes([node])).rejects.toThrow(RangeError);
        }
      }
    }
  });

  it('answers in the order asked for', () => {
    const tree = new MemoryTree();
    for (const input of inputs) tree.append(leafHash(input));
    const [a, b] = [leafHash(inputs[7]!), leafHash(inputs[2]!)];
    expect(
      tree.hashes([
        { level: 0, index: 7 },
        { level: 0, index: 2 },
        { level: 0, index: 7 },
      ]),
    ).toEqual([a, b, a]);
  });

  it('keeps its own copy of a leaf hash', () => {
    const tree = new MemoryTree();
    const hash = leafHash(inputs[0]!);
    tree.append(hash);
    hash.fill(0);
    expect(tree.root()).toEqual(leafHash(inputs[0]!));
  });

  it('throws RangeError on a leaf hash of another length, and on a size that it never had', () => {
    const tree = new MemoryTree();
    for (const length of [0, 31, 33, 64]) expect(() => tree.append(new Uint8Array(length))).toThrow(RangeError);
    expect(tree.size).toBe(0);
    for (const size of [1, -1, 0.5]) expect(() => tree.root(size)).toThrow(RangeError);
  });
});

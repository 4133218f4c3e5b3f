import { inclusionRoot, leafHash, MemoryTree, proveInclusion, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { merklePath } from './merkle-path.ts';

const SIZE = 64;
const tree = new MemoryTree();
for (let index = 0; index < SIZE; index++) tree.append(leafHash(utf8Encode(`entry ${index}`)));

describe('merklePath', () => {
  it('climbs to the root that inclusionRoot computes, for every leaf of every tree up to 64', async () => {
    for (let size = 1; size <= SIZE; size++) {
      for (let index = 0; index < size; index++) {
        const leaf = leafHash(utf8Encode(`entry ${index}`));
        const proof = await proveInclusion(index, size, tree);
        const steps = merklePath(index, size, leaf, proof)!;
        expect({ ok: true, value: steps.at(-1)?.parent ?? leaf }).toEqual(
          inclusionRoot({ index, size, leafHash: leaf, proof }),
        );
        // Each step joins two ranges that lie side by side, the lowest of which is the leaf; the last is the whole tree.
        let below = { start: index, end: index + 1 };
        for (const { siblingSide, siblingLeaves, parentLeaves } of steps) {
          const [left, right] = siblingSide === 'left' ? [siblingLeaves, below] : [below, siblingLeaves];
          expect([left.start, left.end, right.end]).toEqual([parentLeaves.start, right.start, parentLeaves.end]);
          below = parentLeaves;
        }
        expect(below).toEqual({ start: 0, end: size });
      }
    }
  });

  it('has no picture of a proof that fits no tree', async () => {
    const leaf = leafHash(utf8Encode('entry 3'));
    const proof = await proveInclusion(3, 7, tree);
    expect(merklePath(7, 7, leaf, proof)).toBe(undefined);
    expect(merklePath(-1, 7, leaf, proof)).toBe(undefined);
    expect(merklePath(0.5, 7, leaf, proof)).toBe(undefined);
    expect(merklePath(3, 7, leaf, proof.slice(1))).toBe(undefined);
    expect(merklePath(3, 7, leaf, [...proof, leaf])).toBe(undefined);
    expect(merklePath(3, 7, leaf.slice(1), proof)).toBe(undefined);
    expect(merklePath(3, 7, leaf, [proof[0]!.slice(1), ...proof.slice(1)])).toBe(undefined);
  });
});

import { codeOf, unwrap } from '@assent/test-support/results';
import { equalBytes, foldRoot, inclusionNodes, leafHash, MemoryTree, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { merklePath } from './merkle-path.ts';
import { isUtf8Locale, treeLines } from './tree-text.ts';

const SIZES = 40;
const tree = new MemoryTree();
for (let i = 0; i < SIZES; i++) tree.append(leafHash(utf8Encode(`entry ${i}`)));

const leafOf = (index: number) => leafHash(utf8Encode(`entry ${index}`));
const proofOf = (index: number, size: number) =>
  inclusionNodes(index, size).map((nodes) => foldRoot(tree.hashes(nodes)));
const pathOf = (index: number, size: number) => merklePath(index, size, leafOf(index), proofOf(index, size));
const plain = { ascii: false, paint: (_: unknown, text: string) => text };

describe('merklePath', () => {
  it('leads from every leaf of every tree to its root, by nodes that are what they say', () => {
    for (let size = 1; size <= SIZES; size++) {
      for (let index = 0; index < size; index++) {
        const { root, steps } = unwrap(pathOf(index, size));
        expect(equalBytes(root, tree.root(size)), `${index} of ${size}`).toBe(true);
        for (const { node, sibling, side } of steps) {
          expect(node.start <= index && index < node.end).toBe(true);
          const [left, right] = side === 'left' ? [sibling, node] : [node, sibling];
          expect(left.end).toBe(right.start);
          // A subtree that begins at 0 is a tree of its own, whose root is known.
          if (left.start === 0) expect(equalBytes(left.hash, tree.root(left.end))).toBe(true);
        }
      }
    }
  });

  it('leads elsewhere with any other hash', () => {
    const proof = proofOf(5, 11);
    for (let i = 0; i < proof.length; i++) {
      const changed = proof.map((hash, at) => (at === i ? hash.map((byte) => byte ^ 1) : hash));
      expect(equalBytes(unwrap(merklePath(5, 11, leafOf(5), changed)).root, tree.root(11))).toBe(false);
    }
  });

  it('draws no tree that there is not', () => {
    expect(codeOf(merklePath(11, 11, leafOf(0), []))).toBe('index_out_of_range');
    expect(codeOf(merklePath(0, 0, leafOf(0), []))).toBe('index_out_of_range');
    expect(codeOf(merklePath(5, 11, leafOf(5), proofOf(5, 11).slice(1)))).toBe('inclusion_length');
    expect(codeOf(merklePath(0, 1, leafOf(0), [leafOf(1)]))).toBe('inclusion_length');
  });
});

describe('treeLines', () => {
  it('draws left above right, and says what each hash covers', () => {
    const lines = treeLines(unwrap(pathOf(1, 3)), { ...plain, width: 60 });
    expect(lines.map((line) => line.replace(/[0-9a-f]+…[0-9a-f]+/, 'hash'))).toEqual([
      '◆ hash  root of 3 entries',
      '├─◆ hash  entries 0 to 1',
      '│ ├─○ hash  entry 0, from the proof',
      '│ └─● hash  entry 1, this one',
      '└─○ hash  entry 2, from the proof',
    ]);
    const ascii = treeLines(unwrap(pathOf(2, 3)), { ...plain, width: 60, ascii: true });
    expect(ascii.map((line) => line.replace(/[0-9a-f]+\.\.[0-9a-f]+/, 'hash'))).toEqual([
      '+ hash  root of 3 entries',
      '|-o hash  entries 0 to 1, from the proof',
      '`-* hash  entry 2, this one',
    ]);
    expect(treeLines(unwrap(pathOf(0, 1)), { ...plain, width: 100 })).toEqual([
      `● ${Buffer.from(tree.root(1)).toString('hex')}  root of 1 entry, and this entry`,
    ]);
  });

  it('keeps within the width, as long as there is room for eight digits', () => {
    const path = unwrap(pathOf(21, 40));
    for (const width of [60, 80, 100, 140]) {
      const lines = treeLines(path, { ...plain, width });
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    expect(treeLines(path, { ...plain, width: 20 })[0]).toMatch(/^◆ [0-9a-f]{4}…[0-9a-f]{4} {2}root/);
    expect(treeLines(path, { ...plain, width: 140 })[0]).toMatch(/^◆ [0-9a-f]{64} {2}root/);
  });
});

describe('isUtf8Locale', () => {
  it.each([
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'de_DE.UTF-8' }, true],
    [{}, false],
  ])('%j', (env, expected) => {
    expect(isUtf8Locale(env, 'linux')).toBe(expected);
  });
});

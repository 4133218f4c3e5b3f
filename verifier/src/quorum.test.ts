import { unwrap } from '@assent/test-support/results';
import { createTestWitness } from '@assent/test-support/witnesses';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerifiedCosignature } from './cosignature.ts';
import { type LogPolicy, parseLogPolicy } from './log-policy.ts';
import { evaluateQuorum } from './quorum.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const witnesses = NAMES.map((name, i) => createTestWitness({ name: `witness.example.com/${name}`, seed: i + 1 }));
const definitions = witnesses.map(({ vkey }, i) => `witness ${NAMES[i]} ${vkey}\n`).join('');
const stranger = createTestWitness({ name: 'stranger.example' });

function policy(rest: string): LogPolicy {
  return unwrap(parseLogPolicy(`${definitions}${rest}`));
}

/** Of who cosigned, and when: 'a5 b7'. */
function seen(text: string): readonly VerifiedCosignature[] {
  return text
    .split(' ')
    .filter((item) => item !== '')
    .map((item) => ({ cosigner: witnesses[NAMES.indexOf(item[0]!)]!.cosigner, time: Number(item.slice(1)) }));
}

/** The time at which it was met, or undefined. */
function seenBy(rest: string, cosignatures: string): number | undefined {
  const { met, seenBy: time, gaps } = evaluateQuorum(policy(rest), seen(cosignatures));
  expect(met).toBe(time !== undefined);
  expect(gaps.length > 0).toBe(!met);
  return time;
}

describe('evaluateQuorum', () => {
  it('is met by nobody if nobody is asked for, and then has no time', () => {
    for (const cosignatures of ['', 'a5 b6']) {
      expect(evaluateQuorum(policy('quorum none\n'), seen(cosignatures))).toEqual({ met: true, gaps: [] });
    }
  });

  it('is met by the one witness that it names', () => {
    expect(seenBy('quorum a\n', 'a5')).toBe(5);
    expect(seenBy('quorum a\n', 'b5 c6')).toBeUndefined();
    expect(evaluateQuorum(policy('quorum a\n'), []).gaps).toEqual([{ name: 'a', needs: 1, has: 0, absent: [] }]);
  });

  it.each([
    ['any', 'c9', 9],
    ['any', 'c9 a7 b8', 7],
    ['1', 'b8 c9', 8],
    ['2', 'c9', undefined],
    ['2', 'c9 a7', 9],
    ['2', 'c9 a7 b8', 8],
    ['3', 'c9 a7', undefined],
    ['3', 'c9 a7 b8', 9],
    ['all', 'a10 b9 c100', 100],
  ])('takes the threshold-th time of a group: %s of %s', (threshold, cosignatures, time) => {
    expect(seenBy(`group g ${threshold} a b c\nquorum g\n`, cosignatures)).toBe(time);
  });

  it('counts a witness once, at its earliest', () => {
    expect(seenBy('group g 2 a b c\nquorum g\n', 'a5 a6 a7')).toBeUndefined();
    expect(seenBy('group g 2 a b c\nquorum g\n', 'a9 a6 b4')).toBe(6);
    expect(seenBy('quorum a\n', 'a9 a6 a7')).toBe(6);
  });

  it('ignores witnesses outside the quorum, and those outside the policy', () => {
    expect(seenBy('group g 2 a b\nquorum g\n', 'a1 c2 d3')).toBeUndefined();
    const cosignatures = [...seen('a1'), { cosigner: stranger.cosigner, time: 2 }];
    expect(evaluateQuorum(policy('group g 2 a b\nquorum g\n'), cosignatures).met).toBe(false);
    // A key of the same name is another witness.
    const impostor = createTestWitness({ name: 'witness.example.com/b' });
    expect(
      evaluateQuorum(policy('group g 2 a b\nquorum g\n'), [...seen('a1'), { cosigner: impostor.cosigner, time: 2 }])
        .met,
    ).toBe(false);
  });

  const NESTED = 'group x 2 a b c\ngroup y any d e\ngroup both all x y\nquorum both\n';

  it.each([
    ['', undefined],
    ['a1 b2 c3', undefined],
    ['d1 e2', undefined],
    ['a1 d2 e3', undefined],
    ['a1 b2 d3', 3],
    ['a1 b9 d3', 9],
    ['a1 b9 c4 d3 e2', 4],
    ['a1 b2 c3 d9 e8', 8],
  ])('weighs nested groups: %s', (cosignatures, time) => {
    expect(seenBy(NESTED, cosignatures)).toBe(time);
  });

  it('says what is missing, from the quorum down', () => {
    const gaps = (cosignatures: string) => evaluateQuorum(policy(NESTED), seen(cosignatures)).gaps;
    expect(gaps('b1')).toEqual([
      { name: 'both', needs: 2, has: 0, absent: ['x', 'y'] },
      { name: 'x', needs: 2, has: 1, absent: ['a', 'c'] },
      { name: 'y', needs: 1, has: 0, absent: ['d', 'e'] },
    ]);
    expect(gaps('a1 b1')).toEqual([
      { name: 'both', needs: 2, has: 1, absent: ['y'] },
      { name: 'y', needs: 1, has: 0, absent: ['d', 'e'] },
    ]);
  });

  it('is not confused by groups outside the quorum', () => {
    expect(seenBy('group x all a b\ngroup y any c d\nquorum y\n', 'd4')).toBe(4);
    expect(seenBy('group x all a b\ngroup y any c d\nquorum a\n', 'a4')).toBe(4);
  });
});

/** A group by its shape; a witness by its place in NAMES. */
type Tree = number | { readonly threshold: number; readonly members: readonly Tree[] };

/** What the specification says, word for word: true if at least k members have witnessed. */
function hasWitnessed(tree: Tree, cosigned: ReadonlySet<number>): boolean {
  if (typeof tree === 'number') return cosigned.has(tree);
  return tree.members.filter((member) => hasWitnessed(member, cosigned)).length >= tree.threshold;
}

/** The definition of formats.md §7: the least time at which those that cosigned until then meet the quorum. */
function leastTime(tree: Tree, times: ReadonlyMap<number, number>): number | undefined {
  const moments = [...new Set(times.values())].sort((a, b) => a - b);
  return moments.find((moment) =>
    hasWitnessed(tree, new Set([...times].filter(([, time]) => time <= moment).map(([witness]) => witness))),
  );
}

function treePolicy(tree: Tree): LogPolicy {
  const groups: string[] = [];
  const define = (node: Tree): string => {
    if (typeof node === 'number') return NAMES[node]!;
    const members = node.members.map(define);
    groups.push(`group g${groups.length} ${node.threshold} ${members.join(' ')}\n`);
    return `g${groups.length - 1}`;
  };
  const quorum = define(tree);
  return policy(`${groups.join('')}quorum ${quorum}\n`);
}

/** Every way to divide witnesses first…last, in this order, into a group of groups and witnesses, with every threshold. */
function trees(first: number, last: number): readonly Tree[] {
  if (first === last) return [first];
  const members = (from: number): readonly (readonly Tree[])[] => {
    if (from > last) return [[]];
    const all: (readonly Tree[])[] = [];
    for (let to = from; to <= last; to++) {
      if (from === first && to === last) continue;
      for (const head of trees(from, to)) for (const tail of members(to + 1)) all.push([head, ...tail]);
    }
    return all;
  };
  return members(first).flatMap((list) => list.map((_, i) => ({ threshold: i + 1, members: list })));
}

describe('evaluateQuorum against a naive model', () => {
  it('agrees on every tree of up to four witnesses and every set and order of times', () => {
    let cases = 0;
    for (let count = 1; count <= 4; count++) {
      const moments = [undefined, 1, 2, 3];
      const all = trees(0, count - 1).map((tree) => ({ tree, made: treePolicy(tree) }));
      for (let code = 0; code < 4 ** count; code++) {
        const times = new Map<number, number>();
        for (let i = 0; i < count; i++) {
          const time = moments[Math.floor(code / 4 ** i) % 4];
          if (time !== undefined) times.set(i, time);
        }
        const cosignatures = [...times].map(([i, time]) => ({ cosigner: witnesses[i]!.cosigner, time }));
        for (const { tree, made } of all) {
          const expected = leastTime(tree, times);
          const { met, seenBy: time } = evaluateQuorum(made, cosignatures);
          if (time !== expected || met !== (expected !== undefined)) {
            expect.fail(`${JSON.stringify(tree)} at ${JSON.stringify([...times])}: ${time}, not ${expected}`);
          }
          cases += 1;
        }
      }
    }
    expect(cases).toBeGreaterThan(10_000);
  });

  const tree = fc.letrec<{ tree: Tree; group: Tree }>((tie) => ({
    tree: fc.oneof({ maxDepth: 3 }, fc.constant(0), tie('group')),
    group: fc
      .array(tie('tree'), { minLength: 1, maxLength: 4 })
      .chain((members) => fc.integer({ min: 1, max: members.length }).map((threshold) => ({ threshold, members }))),
  })).tree;

  /** Gives each leaf a witness of its own; what is left over falls away. */
  function numbered(shape: Tree, next: { value: number }): Tree | undefined {
    if (typeof shape === 'number') {
      next.value += 1;
      return next.value > NAMES.length ? undefined : next.value - 1;
    }
    const members = shape.members.map((member) => numbered(member, next)).filter((member) => member !== undefined);
    if (members.length === 0) return undefined;
    return { threshold: Math.min(shape.threshold, members.length), members };
  }

  it('agrees on any tree, any times, and lines in any number', () => {
    const cosigned = fc.array(fc.tuple(fc.nat(NAMES.length - 1), fc.integer({ min: 1, max: 9 })), { maxLength: 12 });
    fc.assert(
      fc.property(tree, cosigned, (shape, lines) => {
        const quorum = numbered(shape, { value: 0 })!;
        const times = new Map<number, number>();
        for (const [witness, time] of lines) times.set(witness, Math.min(time, times.get(witness) ?? time));
        const cosignatures = lines.map(([i, time]) => ({ cosigner: witnesses[i]!.cosigner, time }));
        expect(evaluateQuorum(treePolicy(quorum), cosignatures).seenBy).toBe(leastTime(quorum, times));
      }),
      { numRuns: 500 },
    );
  });
});

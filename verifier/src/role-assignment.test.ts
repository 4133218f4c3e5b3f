import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignRoles } from './role-assignment.ts';

const people = (roles: Readonly<Record<string, readonly string[]>>) =>
  new Map(Object.entries(roles).map(([person, theirs]) => [person, new Set(theirs)]));

describe('assignRoles', () => {
  it('moves someone to another role where that fills both', () => {
    const assigned = assignRoles(['finance', 'security'], people({ alice: ['finance', 'security'], bob: ['finance'] }));
    expect([...assigned]).toEqual([
      ['finance', 'bob'],
      ['security', 'alice'],
    ]);
  });

  it('never fills two roles with one person, nor one with somebody who lacks it', () => {
    expect(assignRoles(['a', 'b'], people({ alice: ['a', 'b'] })).size).toBe(1);
    expect(assignRoles(['a', 'b'], people({ alice: ['a'], bob: ['a'] })).size).toBe(1);
    expect(assignRoles(['a'], people({})).size).toBe(0);
  });

  it('fills as many roles as trying every assignment does', () => {
    const roles = ['a', 'b', 'c', 'd'];
    const theirs = fc.subarray(roles);
    fc.assert(
      fc.property(fc.subarray(roles), fc.array(theirs, { maxLength: 5 }), (wanted, all) => {
        const rolesOf = new Map(all.map((held, person) => [`p${person}`, new Set(held)]));
        const assigned = assignRoles(wanted, rolesOf);
        expect(assigned.size).toBe(mostByTrying(wanted, [...rolesOf.values()]));
        expect(new Set(assigned.values()).size).toBe(assigned.size);
        for (const [role, person] of assigned) {
          expect(wanted).toContain(role);
          expect(rolesOf.get(person)).toContain(role);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function mostByTrying([role, ...others]: readonly string[], people: readonly ReadonlySet<string>[]): number {
  if (role === undefined) return 0;
  const counts = people.flatMap((held, i) =>
    held.has(role) ? [1 + mostByTrying(others, people.toSpliced(i, 1))] : [],
  );
  return Math.max(mostByTrying(others, people), ...counts);
}

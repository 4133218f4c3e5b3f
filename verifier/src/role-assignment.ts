/**
 * Separation of duties (formats.md §8, `distinct_roles`): each role is filled by a different person.
 *
 * Counting is not enough. Finance and security are both there among Alice (finance, security) and Bob (finance), and filling
 * finance with Alice first would leave security empty. So this is a maximum matching of a bipartite graph, by augmenting
 * paths (Kuhn's algorithm).
 */

/** Role to person, for as many of the roles as can be filled at once. Roles are given once each. */
export function assignRoles(
  roles: readonly string[],
  rolesOf: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, string> {
  const roleOf = new Map<string, string>();
  /** Finds someone for `role`, moving others to another role where that makes room. */
  const fill = (role: string, asked: Set<string>): boolean => {
    for (const [person, theirs] of rolesOf) {
      if (!theirs.has(role) || asked.has(person)) continue;
      asked.add(person);
      const taken = roleOf.get(person);
      if (taken === undefined || fill(taken, asked)) {
        roleOf.set(person, role);
        return true;
      }
    }
    return false;
  };
  for (const role of roles) fill(role, new Set());
  const personOf = new Map([...roleOf].map(([person, role]) => [role, person]));
  return new Map(roles.flatMap((role) => (personOf.has(role) ? [[role, personOf.get(role)!] as const] : [])));
}

/**
 * What a rule of an approval policy requires (formats.md §8): how many people, in which roles, how they approved, for how
 * long the approval lasts and how often it may be used.
 *
 * People are counted, not signatures: one holder with two keys is one. What a service attests is `attested:<method>` and
 * never the method itself, so a rule that asks for a passkey is not met by a service that says there was one.
 */

import type { ApprovalMethod, Statement } from './approval.ts';
import type { PolicyRequirement } from './approval-policy.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import { assignRoles } from './role-assignment.ts';
import type { CountedApproval } from './trust-check.ts';

const DEFAULT_METHODS: readonly ApprovalMethod[] = ['passkey'];
const DEFAULT_USE = 'single';

/** What the statement itself says: `use_mismatch`, `ttl_too_long`, or undefined. */
export function checkTerms(
  requirement: PolicyRequirement,
  statement: Pick<Statement, 'use' | 'issued_at' | 'expires_at'>,
): Failure | undefined {
  const { use = DEFAULT_USE, max_ttl_seconds: longest } = requirement;
  if (statement.use !== use) return fail('use_mismatch', `its use is ${statement.use}, and the rule asks for ${use}`);
  const ttl = Date.parse(statement.expires_at) - Date.parse(statement.issued_at);
  if (longest === undefined || ttl <= longest * 1000) return undefined;
  return fail('ttl_too_long', `it lasts ${ttl / 1000} seconds, and the rule allows ${longest}`);
}

/**
 * Whether the people suffice. The value is a sentence about who does; the detail of a failure says what is lacking and who
 * was not counted.
 *
 * Fails with `approvals_missing` or `roles_missing`; with `user_not_verified` or `method_not_allowed` where the same people
 * would suffice, had their authenticators verified them, or had they used another method.
 *
 * @param approvals of signers that the trust root lists, and lets count.
 */
export function checkApprovals(requirement: PolicyRequirement, approvals: readonly CountedApproval[]): Result<string> {
  const { met, summary } = count(requirement, approvals);
  if (met.ok) return ok(summary);
  const without = (relaxed: Partial<PolicyRequirement>) => count({ ...requirement, ...relaxed }, approvals).met.ok;
  const anyMethod = { methods: approvals.map(({ method }) => method) };
  const code = without({ user_verification: false })
    ? 'user_not_verified'
    : without({ ...anyMethod, user_verification: false })
      ? 'method_not_allowed'
      : met.code;
  const excluded = approvals.flatMap((approval) => {
    const why = exclusion(requirement, approval);
    return why === undefined ? [] : [`${approval.holder} (${approval.method}): ${why}`];
  });
  return fail(code, [met.detail, ...(excluded.length > 0 ? [`not counted: ${excluded.join(', ')}`] : [])].join('; '));
}

/** Why it does not count under the rule, if so. */
function exclusion(
  requirement: PolicyRequirement,
  { method, userVerified, roles }: CountedApproval,
): string | undefined {
  const { methods = DEFAULT_METHODS, user_verification: verification = true } = requirement;
  if (!requirement.roles.some((role) => roles.includes(role))) return 'in none of the roles';
  if (!methods.includes(method)) return `the rule takes ${methods.join(', ')}`;
  if (verification && method === 'passkey' && userVerified !== true) return 'the authenticator did not verify the user';
  return undefined;
}

function count(
  requirement: PolicyRequirement,
  approvals: readonly CountedApproval[],
): { readonly met: Result<void>; readonly summary: string } {
  const { approvals: needed, roles, distinct_roles: distinct = false } = requirement;
  const rolesOf = new Map<string, Set<string>>();
  // Who signed nothing is not to be read as one who did.
  const signed = new Set<string>();
  for (const approval of approvals) {
    if (exclusion(requirement, approval) !== undefined) continue;
    const theirs = rolesOf.get(approval.holder) ?? new Set();
    for (const role of approval.roles) if (roles.includes(role)) theirs.add(role);
    rolesOf.set(approval.holder, theirs);
    if (!approval.method.startsWith('attested:')) signed.add(approval.holder);
  }
  const people = [...rolesOf].map(
    ([holder, theirs]) => `${holder} (${[...theirs].join(', ')})${signed.has(holder) ? '' : ', as the service says'}`,
  );
  const counted = people.length === 0 ? 'nobody' : people.join(', ');
  const assigned = distinct ? assignRoles(roles, rolesOf) : new Map<string, string>();
  const filled = roles.map((role) => `${role} by ${assigned.get(role) ?? 'nobody'}`).join(', ');
  const summary = distinct ? `${counted}; ${filled}` : counted;
  if (people.length < needed) {
    const who = `${needed} ${needed === 1 ? 'person' : 'people'} in ${distinct ? 'the roles' : 'one of the roles'} ${roles.join(', ')}`;
    return { met: fail('approvals_missing', `${who} needed, ${people.length} counted: ${summary}`), summary };
  }
  if (distinct && assigned.size < roles.length) {
    return { met: fail('roles_missing', `a different person for each role is needed: ${filled}`), summary };
  }
  return { met: ok(undefined), summary };
}

/**
 * What a version of a trust root may not change of the one before (formats.md §7). A verifier judges old approvals by the newest
 * version too, so history is only ever added to: were a key dropped or its revocation undone, its signatures would count again.
 */
import { fail, ok, type Result } from './result.ts';
import type { ListedKey, Revocation, TrustMembers } from './trust-root.ts';

/** Fails with `trust_history_changed`. Pairwise is enough: each of these rules carries over from version to version. */
export function checkHistory(before: TrustMembers, after: TrustMembers): Result<void> {
  return firstFailure([
    () => checkKeys(before.approvers, after.approvers, ['holder', 'kind']),
    () => checkKeys(before.services, after.services, ['name']),
    () => checkKeys(before.boundaries, after.boundaries, ['name']),
  ]);
}

function checkKeys<T extends ListedKey>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  fixed: readonly (keyof T & string)[],
): Result<void> {
  for (const [keyid, old] of before) {
    const key = after.get(keyid);
    // The public key is what the keyid is the hash of.
    if (key === undefined) return changed(`${keyid} is not where it was`);
    const other = [...fixed, 'valid_from' as const].find((name) => key[name] !== old[name]);
    if (other !== undefined) return changed(`${other} of ${keyid} is another`);
    const problem = revocationProblem(old.revoked, key.revoked);
    if (problem !== undefined) return changed(`${problem} of ${keyid}`);
  }
  return ok(undefined);
}

/** A theft may be found out later, and found to have been earlier; nothing gets better. */
function revocationProblem(before: Revocation | undefined, after: Revocation | undefined): string | undefined {
  if (before === undefined) return undefined;
  if (after === undefined) return 'the revocation is gone';
  if (before.reason === 'retired') {
    if (after.reason === 'compromised')
      return after.since <= before.at ? undefined : 'the compromise is later than the retirement';
    return after.at === before.at ? undefined : 'another time of retirement';
  }
  if (after.reason === 'retired') return 'a retirement in the place of the compromise';
  if (after.at !== before.at) return 'another time of revocation';
  return after.since <= before.since ? undefined : 'a later compromise';
}

function firstFailure(checks: readonly (() => Result<void>)[]): Result<void> {
  for (const check of checks) {
    const result = check();
    if (!result.ok) return result;
  }
  return ok(undefined);
}

function changed(what: string): Result<void> {
  return fail('trust_history_changed', `the trust root takes back what an earlier version said: ${what}`);
}

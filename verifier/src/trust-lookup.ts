/**
 * What a verified trust root says at a time (formats.md §7).
 *
 * Two clocks speak of an entry: the log's (`loggedAt`) and, where a quorum is asked for, the witnesses' (`seenBy`). A log that
 * backdates moves the first one only. So whatever has to be listed is looked up at both, each time in the version in force then,
 * and has to be listed in both.
 *
 * Revocations are different: they say something about the past, so the newest version that the verifier has is asked.
 */
import { fail, ok, type Result } from './result.ts';
import { formatTime } from './time.ts';
import type { ListedKey, ListedPolicy, TrustChain, TrustedBoundary, TrustMembers, TrustVersion } from './trust-root.ts';

/** When an entry came into being, in milliseconds. */
export type Moments = {
  readonly loggedAt: number;
  /** Undefined where no quorum is asked for. Whoever asks for one and has not reached it must not look anything up. */
  readonly seenBy?: number | undefined;
};

/** The highest version that was issued by then; undefined if there was none. */
export function versionInForce({ versions }: TrustChain, at: number): TrustVersion | undefined {
  const time = formatTime(at);
  return versions.filter(({ issued_at }) => issued_at <= time).at(-1);
}

export function newestVersion({ versions }: TrustChain): TrustVersion {
  return versions.at(-1) ?? versions[0];
}

/** Whether a policy of this digest is listed as valid at each moment. */
export function isPolicyListed(chain: TrustChain, policyDigest: string, moments: Moments): boolean {
  return listed(chain, moments, ({ policies }) => policies.get(policyDigest)).ok;
}

/** Whether the newest version lists it as valid: at `at` (milliseconds), or else when that version was issued. */
export function isPolicyListedNow(chain: TrustChain, policyDigest: string, at: number | undefined): boolean {
  const newest = newestVersion(chain);
  const policy = newest.members.policies.get(policyDigest);
  return policy !== undefined && isWithin(policy, at === undefined ? newest.issued_at : formatTime(at));
}

/**
 * The boundary of this key, as listed at each moment. Fails with `trust_not_in_force`, `signer_not_listed`, `key_not_valid`,
 * `key_retired` or `key_compromised`.
 */
export function listedBoundary(chain: TrustChain, keyid: string, moments: Moments): Result<TrustedBoundary> {
  return standing(chain, moments, (members) => members.boundaries.get(keyid));
}

/** The key as whatever it is listed as, an approver's, a service's or a boundary's. Fails as {@link listedBoundary}. */
export function listedKey(chain: TrustChain, keyid: string, moments: Moments): Result<ListedKey> {
  return standing(chain, moments, (members) => keyOf(members, keyid));
}

/** Listed and valid at each moment, by the log's version, and not revoked by the newest one. */
function standing<T extends ListedKey>(
  chain: TrustChain,
  moments: Moments,
  find: (members: TrustMembers) => T | undefined,
): Result<T> {
  const found = listed(chain, moments, find);
  if (!found.ok) return found;
  const revoked = checkRevoked(find(newestVersion(chain).members), moments);
  return revoked.ok ? ok(found.value[0]) : revoked;
}

/**
 * What `find` finds in the version in force at each moment, the log's first; each valid at its moment. Revocations are not looked
 * at. Fails with `trust_not_in_force`, `signer_not_listed` or `key_not_valid`.
 */
export function listed<T extends ListedPolicy>(
  chain: TrustChain,
  { loggedAt, seenBy }: Moments,
  find: (members: TrustMembers) => T | undefined,
): Result<readonly [T, ...T[]]> {
  const logged = listedAt(chain, loggedAt, find);
  if (!logged.ok || seenBy === undefined) return logged.ok ? ok([logged.value]) : logged;
  const seen = listedAt(chain, seenBy, find);
  return seen.ok ? ok([logged.value, seen.value]) : seen;
}

function listedAt<T extends ListedPolicy>(
  chain: TrustChain,
  at: number,
  find: (members: TrustMembers) => T | undefined,
): Result<T> {
  const version = versionInForce(chain, at);
  const moment = formatTime(at);
  if (version === undefined) return fail('trust_not_in_force', `no version of the trust root was issued by ${moment}`);
  const item = find(version.members);
  if (item === undefined) {
    return fail('signer_not_listed', `version ${version.version} of the trust root does not list it`);
  }
  if (isWithin(item, moment)) return ok(item);
  const until = item.valid_until === undefined ? 'on' : `until ${item.valid_until}`;
  return fail('key_not_valid', `it is valid from ${item.valid_from} ${until}, and not at ${moment}`);
}

/**
 * Whether a key counts though it may have been revoked. A retired one counts for what came before. A compromised one only if
 * somebody else than the log says when that was, or nobody else was asked: its thief could have a log backdate what he signs.
 *
 * @param key as the newest version lists it. Fails with `key_retired` or `key_compromised`.
 */
export function checkRevoked(key: ListedKey | undefined, moments: Moments): Result<void> {
  const revoked = key?.revoked;
  if (revoked === undefined) return ok(undefined);
  if (revoked.reason === 'retired') {
    const late = timesOf(moments).find((time) => formatTime(time) >= revoked.at);
    if (late === undefined) return ok(undefined);
    return fail('key_retired', `it was retired at ${revoked.at}, and this was seen at ${formatTime(late)}`);
  }
  const seen = formatTime(moments.seenBy ?? moments.loggedAt);
  if (seen < revoked.since) return ok(undefined);
  return fail(
    'key_compromised',
    `it has been in other hands since ${revoked.since}, and this was first seen at ${seen}`,
  );
}

/** Whether a key counts, though it was stolen, because the log alone says that this came before. */
export function isOnTheLogsWord(chain: TrustChain, keyid: string, { seenBy }: Moments): boolean {
  return seenBy === undefined && keyOf(newestVersion(chain).members, keyid)?.revoked?.reason === 'compromised';
}

/** As any of the maps lists it. */
export function keyOf({ approvers, services, boundaries }: TrustMembers, keyid: string): ListedKey | undefined {
  return approvers.get(keyid) ?? services.get(keyid) ?? boundaries.get(keyid);
}

function timesOf({ loggedAt, seenBy }: Moments): readonly number[] {
  return seenBy === undefined ? [loggedAt] : [loggedAt, seenBy];
}

/** Times are of equal width, so their texts order as they do. */
function isWithin({ valid_from, valid_until }: ListedPolicy, time: string): boolean {
  return valid_from <= time && (valid_until === undefined || time < valid_until);
}

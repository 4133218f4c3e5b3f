/** Changes to the members of a trust root. Each returns new members, or throws a CommandFailure; nothing is ever dropped. */
import type {
  ListedKey,
  ListedPolicy,
  Revocation,
  TrustedApprover,
  TrustedBoundary,
  TrustedService,
  TrustMembers,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';

export const NO_MEMBERS: TrustMembers = {
  approvers: new Map(),
  services: new Map(),
  boundaries: new Map(),
  policies: new Map(),
};

export type NewMember =
  | { readonly in: 'approvers'; readonly item: TrustedApprover }
  | { readonly in: 'services'; readonly item: TrustedService }
  | { readonly in: 'boundaries'; readonly item: TrustedBoundary };

/** With one key more. Another entry for a key that is there is for {@link updateMember}. */
export function addMember(members: TrustMembers, added: NewMember): TrustMembers {
  const { keyid } = added.item.publicKey;
  if (listedKeys(members).some(([id]) => id === keyid)) {
    throw new CommandFailure('usage', `the trust root lists ${keyid} already: --update changes what it may do`);
  }
  return put(members, added);
}

function put(members: TrustMembers, { item, ...place }: NewMember): TrustMembers {
  return { ...members, [place.in]: new Map<string, ListedKey>([...members[place.in], [item.publicKey.keyid, item]]) };
}

/** What may change of a key that is listed. */
export type MemberUpdate = {
  readonly approvers: Partial<Pick<TrustedApprover, 'roles' | 'origins' | 'top_origins' | 'valid_until'>>;
  readonly services: Partial<Pick<TrustedService, 'attests' | 'methods' | 'payload_types' | 'valid_until'>>;
  readonly boundaries: Partial<Pick<TrustedBoundary, 'valid_until'>>;
};

/** Of every key of that holder or name which was not revoked. */
export function updateMembers<K extends keyof MemberUpdate>(
  members: TrustMembers,
  kind: K,
  who: string,
  update: MemberUpdate[K],
): TrustMembers {
  const theirs = namedKeys(members, who).filter(([, item, place]) => place === kind && item.revoked === undefined);
  if (theirs.length === 0) {
    throw new CommandFailure('usage', `--update: the trust root lists no key of ${who} that was not revoked`);
  }
  return theirs.reduce((changed, [keyid, item]) => withKey(changed, kind, keyid, { ...item, ...update }), members);
}

/** @param pick digest of a policy. */
export function listPolicy(
  members: TrustMembers,
  digest: string,
  listing: ListedPolicy,
  update: boolean,
): TrustMembers {
  if (members.policies.has(digest) !== update) {
    const message = update
      ? `--update: the trust root does not list the policy ${digest}`
      : `the trust root lists the policy ${digest} already: --update changes how long it counts`;
    throw new CommandFailure('usage', message);
  }
  return { ...members, policies: new Map([...members.policies, [digest, listing]]) };
}

/** @param who a keyid, a holder, a name, or the digest of a policy. */
export function retire(members: TrustMembers, who: string, at: string): TrustMembers {
  const policy = members.policies.get(who);
  if (policy === undefined) return revoke(members, who, { reason: 'retired', at });
  return { ...members, policies: new Map([...members.policies, [who, { ...policy, valid_until: at }]]) };
}

/** @param who a keyid, a holder or a name: then each of their keys that is not revoked so already. */
export function revoke(members: TrustMembers, who: string, revoked: Revocation): TrustMembers {
  const found = namedKeys(members, who);
  if (found.length === 0) {
    throw new CommandFailure('usage', `the trust root lists nobody and nothing as ${who}`);
  }
  const places = new Set(found.map(([, , place]) => place));
  if (places.size > 1) {
    const keyids = found.map(([keyid, , place]) => `${keyid} (${place})`);
    throw new CommandFailure('usage', `${who} is several things: name the key instead: ${keyids.join(', ')}`);
  }
  const open = found.filter(([, item]) => revoked.reason === 'compromised' || item.revoked === undefined);
  if (open.length === 0) throw new CommandFailure('usage', `every key of ${who} was revoked already`);
  return open.reduce(
    (changed, [keyid, item, place]) => withKey(changed, place, keyid, revokedItem(keyid, item, revoked)),
    members,
  );
}

/** When the theft of a key that was known to be stolen is found to have been earlier, the time at which it was found stays. */
function revokedItem(keyid: string, item: ListedKey, revoked: Revocation): ListedKey {
  const before = item.revoked;
  if (before?.reason !== 'compromised' || revoked.reason !== 'compromised') return { ...item, revoked };
  if (revoked.since < before.since) return { ...item, revoked: { ...revoked, at: before.at } };
  const message = `${keyid} is compromised since ${before.since} already, and only an earlier time can be said now`;
  throw new CommandFailure('usage', message);
}

type Place = keyof MemberUpdate;
type Found = readonly [keyid: string, item: ListedKey, place: Place];

/** All of them. */
export function listedKeys({ approvers, services, boundaries }: TrustMembers): readonly Found[] {
  return [
    ...[...approvers].map(([keyid, item]): Found => [keyid, item, 'approvers']),
    ...[...services].map(([keyid, item]): Found => [keyid, item, 'services']),
    ...[...boundaries].map(([keyid, item]): Found => [keyid, item, 'boundaries']),
  ];
}

function namedKeys(members: TrustMembers, who: string): readonly Found[] {
  const isTheirs = ([keyid]: Found): boolean => {
    const { holder } = members.approvers.get(keyid) ?? {};
    const { name } = members.services.get(keyid) ?? members.boundaries.get(keyid) ?? {};
    return who === keyid || who === holder || who === name;
  };
  return listedKeys(members).filter(isTheirs);
}

function withKey(members: TrustMembers, place: Place, keyid: string, item: ListedKey): TrustMembers {
  return { ...members, [place]: new Map<string, ListedKey>([...members[place], [keyid, item]]) };
}

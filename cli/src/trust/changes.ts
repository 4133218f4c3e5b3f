/** What a version of a trust root changes, for those who have to sign it and those who have to live with it. */
import {
  canonicalJson,
  type ListedKey,
  type ListedPolicy,
  type RootKeys,
  type TrustedApprover,
  type TrustedService,
  type TrustMembers,
} from '@assent/verifier';

export type TrustChange = {
  readonly what: 'added' | 'changed' | 'retired' | 'compromised' | 'removed';
  readonly of: 'approver' | 'service' | 'boundary' | 'policy' | 'root key' | 'threshold' | 'name';
  /** Keyid, policy digest, or the new value. */
  readonly id: string;
  /** Holder or name. */
  readonly name?: string;
  readonly detail?: string;
};

export type ComparedVersion = { readonly name: string; readonly root: RootKeys; readonly members: TrustMembers };

/** From `before`, or from nothing, to `after`. */
export function trustChanges(before: ComparedVersion | undefined, after: ComparedVersion): readonly TrustChange[] {
  const was = before?.members;
  const now = after.members;
  return [
    ...nameChanges(before?.name, after.name),
    ...rootChanges(before?.root, after.root),
    ...keyChanges('approver', was?.approvers, now.approvers, ({ holder }) => holder, approverTerms),
    ...keyChanges('service', was?.services, now.services, ({ name }) => name, serviceTerms),
    ...keyChanges(
      'boundary',
      was?.boundaries,
      now.boundaries,
      ({ name }) => name,
      () => '',
    ),
    ...policyChanges(was?.policies, now.policies),
  ];
}

function nameChanges(before: string | undefined, after: string): readonly TrustChange[] {
  return before === undefined || before === after
    ? []
    : [{ what: 'changed', of: 'name', id: after, detail: `it was ${before}` }];
}

function rootChanges(before: RootKeys | undefined, after: RootKeys): readonly TrustChange[] {
  const added = [...after.keys.keys()].filter((keyid) => !before?.keys.has(keyid));
  const removed = [...(before?.keys.keys() ?? [])].filter((keyid) => !after.keys.has(keyid));
  const changes: TrustChange[] = [
    ...added.map((id) => ({ what: 'added', of: 'root key', id }) as const),
    ...removed.map((id) => ({ what: 'removed', of: 'root key', id }) as const),
  ];
  if (before !== undefined && before.threshold !== after.threshold) {
    const detail = `it was ${before.threshold} of ${before.keys.size}`;
    changes.push({ what: 'changed', of: 'threshold', id: `${after.threshold} of ${after.keys.size}`, detail });
  }
  return changes;
}

function keyChanges<T extends ListedKey>(
  of: TrustChange['of'],
  before: ReadonlyMap<string, T> = new Map(),
  after: ReadonlyMap<string, T>,
  nameOf: (item: T) => string,
  termsOf: (item: T) => string,
): readonly TrustChange[] {
  const standing = (item: T): string => [termsOf(item), validity(item)].filter((text) => text !== '').join(', ');
  return [...after].flatMap(([id, item]): readonly TrustChange[] => {
    const old = before.get(id);
    const subject = { of, id, name: nameOf(item) };
    const detail = standing(item);
    const { revoked } = item;
    const changes: TrustChange[] = [];
    if (old === undefined) changes.push({ what: 'added', ...subject, detail });
    else if (detail !== standing(old)) changes.push({ what: 'changed', ...subject, detail });
    if (revoked && (old?.revoked === undefined || canonicalJson(revoked) !== canonicalJson(old.revoked))) {
      changes.push({ what: revoked.reason, ...subject, detail: revocationText(revoked) });
    }
    return changes;
  });
}

function policyChanges(
  before: ReadonlyMap<string, ListedPolicy> = new Map(),
  after: ReadonlyMap<string, ListedPolicy>,
): readonly TrustChange[] {
  const listed = [...after].flatMap(([id, item]): readonly TrustChange[] => {
    const old = before.get(id);
    if (old === undefined) return [{ what: 'added', of: 'policy', id, detail: validity(item) }];
    return validity(old) === validity(item) ? [] : [{ what: 'changed', of: 'policy', id, detail: validity(item) }];
  });
  const dropped = [...before.keys()].filter((id) => !after.has(id));
  return [...listed, ...dropped.map((id) => ({ what: 'removed', of: 'policy', id }) as const)];
}

export function approverTerms({ roles, kind, rp_id, origins = [], top_origins = [] }: TrustedApprover): string {
  const place = kind === 'passkey' ? `passkey of ${rp_id} at ${origins.join(', ')}` : 'key without a passkey';
  const frames = top_origins.length === 0 ? '' : `, in frames of ${top_origins.join(', ')}`;
  return `${roles.length === 0 ? 'without roles' : `as ${roles.join(', ')}`}, ${place}${frames}`;
}

export function serviceTerms({ attests, methods, payload_types: types }: TrustedService): string {
  const people = [...attests].map(([approver, roles]) => `${approver} as ${roles.join(', ')}`);
  const says =
    people.length === 0 ? 'attests nobody' : `attests ${people.join('; ')}, by ${methods.join(', ') || 'no method'}`;
  return `${says}, signs ${types.join(', ') || 'nothing'}`;
}

export function validity({ valid_from, valid_until }: ListedPolicy): string {
  return `valid from ${valid_from}${valid_until === undefined ? '' : ` until ${valid_until}`}`;
}

export function revocationText(revoked: NonNullable<ListedKey['revoked']>): string {
  return revoked.reason === 'retired'
    ? `retired at ${revoked.at}: what was logged before still counts`
    : `compromised since ${revoked.since}, as was found at ${revoked.at}: what was first seen since then does not count`;
}

const MARKS: Readonly<Record<TrustChange['what'], string>> = {
  added: '+',
  changed: '~',
  retired: '-',
  compromised: '!',
  removed: '-',
};

/** One line. */
export function changeText({ what, of, id, name, detail }: TrustChange): string {
  const subject = name === undefined ? `${of} ${id}` : `${of} ${name} (${id})`;
  const verb = what === 'changed' || what === 'removed' ? ` ${what}` : '';
  return `${MARKS[what]} ${subject}${verb}${detail === undefined || detail === '' ? '' : `: ${detail}`}`;
}

/** What `assent trust add` adds, or changes of what is listed. */
import {
  APPROVAL_PAYLOAD_TYPE,
  ATTESTED_METHODS,
  type AttestedMethod,
  type ListedPolicy,
  MAX_POLICY_BYTES,
  parsePolicy,
  policyDigest,
  type TrustMembers,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readInput } from '../files/read-input.ts';
import { parseMoment } from '../moment.ts';
import { readPublicKey } from '../public-key.ts';
import type { ChangeFlags } from './change.ts';
import { addMember, listPolicy, type NewMember, updateMembers } from './members.ts';
import { type RegistrationFlags, readRegistration } from './read-registration.ts';

export type AddFlags = ChangeFlags &
  RegistrationFlags & {
    readonly approver?: string;
    readonly service?: string;
    readonly boundary?: string;
    readonly policy?: string;
    readonly key?: string;
    readonly role?: readonly string[];
    readonly attests?: readonly string[];
    readonly method?: readonly string[];
    readonly payloadType?: readonly string[];
    readonly validFrom?: string;
    readonly validUntil?: string;
    readonly update?: true;
  };

/** @param issuedAt when the version comes into force. */
export type MembersChange = (members: TrustMembers, issuedAt: string) => TrustMembers;

/** Throws a CommandFailure for flags that do not say what to add, or say too much. */
export async function readAddition(flags: AddFlags): Promise<MembersChange> {
  const { approver, service, boundary, policy } = flags;
  const kinds = [approver, service, boundary, policy].filter((name) => name !== undefined);
  if (kinds.length !== 1) {
    throw new CommandFailure('usage', 'say what to add: exactly one of --approver, --service, --boundary, --policy');
  }
  refuseStrays(flags);
  if (policy !== undefined) {
    const digest = await readPolicyDigest(policy);
    return (members, issuedAt) =>
      listPolicy(
        members,
        digest,
        { ...validity(flags, issuedAt), ...kept(members.policies.get(digest)) },
        flags.update === true,
      );
  }
  if (flags.update) return (members, issuedAt) => applyUpdate(members, flags, issuedAt);
  const add = await readMember(flags);
  return (members, issuedAt) => addMember(members, add(validity(flags, issuedAt)));
}

/** When a policy began to count stays as it was. */
function kept(listing: ListedPolicy | undefined): Partial<ListedPolicy> {
  return listing === undefined ? {} : { valid_from: listing.valid_from };
}

async function readMember(flags: AddFlags): Promise<(listing: ListedPolicy) => NewMember> {
  const { approver, service, boundary, registration, role } = flags;
  if (approver !== undefined) {
    if (role === undefined) throw new CommandFailure('usage', '--approver needs --role, as policies ask for roles');
    const person = { holder: approver, roles: role };
    if (registration === undefined) {
      if ((flags.challenge ?? flags.origin ?? flags.rpId) !== undefined) {
        throw new CommandFailure('usage', '--challenge, --origin and --rp-id go with --registration, which is missing');
      }
      const publicKey = await requiredKey(flags, '--approver needs --registration for a passkey, or --key for a key');
      return (listing) => ({ in: 'approvers', item: { publicKey, kind: 'key', ...person, ...listing } });
    }
    if (flags.key !== undefined)
      throw new CommandFailure('usage', 'pass --registration or --key: a passkey brings its key');
    const passkey = await readRegistration(registration, flags);
    return (listing) => ({ in: 'approvers', item: { ...passkey, kind: 'passkey', ...person, ...listing } });
  }
  const publicKey = await requiredKey(flags, `${service === undefined ? '--boundary' : '--service'} needs --key`);
  if (service === undefined) {
    return (listing) => ({ in: 'boundaries', item: { publicKey, name: boundary ?? '', ...listing } });
  }
  const says = { attests: new Map<string, readonly string[]>(), methods: [], payload_types: [APPROVAL_PAYLOAD_TYPE] };
  return (listing) => ({
    in: 'services',
    item: { publicKey, name: service, ...says, ...serviceTerms(flags), ...listing },
  });
}

function applyUpdate(members: TrustMembers, flags: AddFlags, issuedAt: string): TrustMembers {
  const { approver, service, boundary, role, origin, topOrigin, validUntil } = flags;
  if ((flags.key ?? flags.registration ?? flags.validFrom) !== undefined) {
    throw new CommandFailure(
      'usage',
      '--update changes neither keys nor when they begin to count: add a new key instead',
    );
  }
  const end =
    validUntil === undefined ? {} : { valid_until: parseMoment(validUntil, '--valid-until', Date.parse(issuedAt)) };
  if (approver !== undefined) {
    const update = {
      ...(role && { roles: role }),
      ...(origin && { origins: origin }),
      ...(topOrigin && { top_origins: topOrigin }),
      ...end,
    };
    return updateMembers(members, 'approvers', approver, update);
  }
  return service === undefined
    ? updateMembers(members, 'boundaries', boundary ?? '', end)
    : updateMembers(members, 'services', service, { ...serviceTerms(flags), ...end });
}

function serviceTerms({ attests, method, payloadType }: AddFlags) {
  return {
    ...(attests && { attests: readAttests(attests) }),
    ...(method && { methods: method.map(attestedMethod) }),
    ...(payloadType && { payload_types: payloadType }),
  };
}

function readAttests(values: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    values.map((value) => {
      const [, approver, roles] = /^([^=]+)=([^=]+)$/.exec(value) ?? [];
      if (approver === undefined || roles === undefined) {
        throw new CommandFailure(
          'usage',
          `--attests takes APPROVER=ROLE,ROLE as in alice@example.com=finance, not ${value.slice(0, 200)}`,
        );
      }
      return [approver, roles.split(',')] as const;
    }),
  );
}

function attestedMethod(text: string): AttestedMethod {
  const method = ATTESTED_METHODS.find((known) => known === text);
  if (method !== undefined) return method;
  throw new CommandFailure('usage', `--method is one of ${ATTESTED_METHODS.join(', ')}, and not ${text.slice(0, 200)}`);
}

async function requiredKey({ key }: AddFlags, otherwise: string) {
  if (key === undefined) throw new CommandFailure('usage', otherwise);
  return readPublicKey(key, '--key');
}

function validity({ validFrom, validUntil }: AddFlags, issuedAt: string): ListedPolicy {
  const from = validFrom === undefined ? issuedAt : parseMoment(validFrom, '--valid-from');
  if (validUntil === undefined) return { valid_from: from };
  return { valid_from: from, valid_until: parseMoment(validUntil, '--valid-until', Date.parse(from)) };
}

async function readPolicyDigest(value: string): Promise<string> {
  if (/^sha256:[0-9a-f]{64}$/.test(value)) return value;
  const policy = parsePolicy(await readInput(value, MAX_POLICY_BYTES));
  if (policy.ok) return policyDigest(policy.value);
  throw new CommandFailure('file_malformed', `${value} is no approval policy: ${policy.detail} (${policy.code})`);
}

/** A flag that would be ignored was meant to do something. */
function refuseStrays(flags: AddFlags): void {
  const of = {
    approver: ['role', 'registration', 'challenge', 'origin', 'rpId', 'topOrigin', 'key'],
    service: ['key', 'attests', 'method', 'payloadType'],
    boundary: ['key'],
    policy: [],
  } as const;
  const kind =
    (['approver', 'service', 'boundary', 'policy'] as const).find((name) => flags[name] !== undefined) ?? 'policy';
  const allowed: readonly string[] = of[kind];
  const stray = [...new Set(Object.values(of).flat())].find(
    (name) => flags[name] !== undefined && !allowed.includes(name),
  );
  if (stray === undefined) return;
  const written = stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new CommandFailure('usage', `--${written} does not go with --${kind}`);
}

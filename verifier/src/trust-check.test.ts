import { type ApprovalOptions, createApproval, createServiceKey } from '@assent/test-support/approvals';
import { type AssertOptions, createAuthenticator } from '@assent/test-support/authenticator';
import { unwrap } from '@assent/test-support/results';
import {
  createTrustVersion,
  keyApprover,
  passkeyApprover,
  type TestTrustVersion,
  trustedBoundary,
  trustedService,
} from '@assent/test-support/trust-roots';
import { createTestWitness } from '@assent/test-support/witnesses';
import { describe, expect, it } from 'vitest';
import { type Attestation, parseStatement, type Statement } from './approval.ts';
import type { Json } from './canonical-json.ts';
import { parseEnvelope, verifyEnvelope } from './dsse.ts';
import { pinLogs } from './pinned-logs.ts';
import { webCryptoPrimitives } from './primitives.ts';
import { formatTime } from './time.ts';
import { type PinnedTrustRoot, verifyTrustRoot } from './trust-chain.ts';
import { judgeTrust } from './trust-check.ts';
import type { Revocation, TrustedApprover, TrustedService, TrustMembers } from './trust-root.ts';

const HOUR = 3_600_000;
const T = Date.parse('2026-04-03T00:00:00.000Z');
const ms = (hours: number) => Math.round(T + hours * HOUR);
const hour = (n: number) => formatTime(ms(n));
/** A millisecond, in hours. */
const edge = 1 / HOUR;

const origin = 'log.example.com/approvals';
const root = createServiceKey();
const alice = createAuthenticator();
const bob = createServiceKey();
const service = createServiceKey();
const otherService = createServiceKey();
const boundary = createServiceKey();
const stranger = createServiceKey();
const aliceId = passkeyApprover(alice, 'alice@example.com')[0];

type Listing = {
  readonly alice?: Partial<TrustedApprover> | null;
  readonly bob?: Partial<TrustedApprover>;
  readonly service?: Partial<TrustedService>;
};

/** Null: not listed. */
function members(listing: Listing = {}): TrustMembers {
  const listed = listing.alice === null ? [] : [passkeyApprover(alice, 'alice@example.com', listing.alice)];
  return {
    approvers: new Map([...listed, keyApprover(bob, 'bob@example.com', { roles: ['security'], ...listing.bob })]),
    services: new Map([
      trustedService(service, {
        attests: new Map([['carol', ['it', 'legal']]]),
        methods: ['totp'],
        ...listing.service,
      }),
      trustedService(otherService, { name: 'other.example.com' }),
    ]),
    boundaries: new Map([trustedBoundary(boundary, 'payments-gw-3')]),
    policies: new Map(),
  };
}

/** Versions that were issued at these hours. */
function versionsOf(...versions: readonly (readonly [at: number, listing?: Listing])[]): readonly TestTrustVersion[] {
  const made: TestTrustVersion[] = [];
  for (const [at, listing] of versions) {
    const previous = made.at(-1);
    const issuedAt = T + at * HOUR;
    made.push(
      createTrustVersion({ rootKeys: [root], issuedAt, members: members(listing), ...(previous && { previous }) }),
    );
  }
  return made;
}

const usual = versionsOf([-24]);
const witness = createTestWitness({ name: 'witness.example.com/w' });
const witnessed = pinLogs([], `witness w ${witness.vkey}\nquorum w\n`);

type Case = {
  readonly versions?: readonly TestTrustVersion[];
  readonly signers?: Pick<ApprovalOptions, 'authenticator' | 'serviceKey'>;
  readonly overrides?: Partial<Statement>;
  readonly assertion?: Omit<AssertOptions, 'challenge'>;
  /** Hours. */
  readonly logged?: number | null;
  readonly seen?: number | null;
  readonly at?: number;
  readonly trustRoot?: PinnedTrustRoot | null;
  readonly carried?: readonly Json[];
  /** Signatures that the check `signatures` did not let pass. */
  readonly unverified?: boolean;
};

/** As the two checks would be made for an approval that was logged at midnight. */
async function judge(given: Case = {}) {
  const { versions = usual, signers = { authenticator: alice }, logged = 0, seen, at, unverified } = given;
  const organization = versions[0]!.digest;
  const approval = createApproval({
    origin,
    now: T,
    ...signers,
    overrides: { organization, ...given.overrides },
    ...(given.assertion && { assertion: given.assertion }),
  });
  const verified = unwrap(await verifyEnvelope(unwrap(parseEnvelope(approval.envelope))));
  const items = versions.map(({ item }) => item);
  const trustRoot =
    given.trustRoot === null ? undefined : (given.trustRoot ?? { rootId: organization, versions: items });
  return judgeTrust(
    {
      statement: unwrap(parseStatement(approval.payload)),
      statementDigest: approval.digest,
      signers: unverified === true ? undefined : verified,
      intent: undefined,
      index: 0,
      loggedAt: logged === null ? undefined : ms(logged),
      seenBy: seen === undefined || seen === null ? undefined : ms(seen),
      receipt: given.carried === undefined ? {} : { trust: given.carried as readonly { [name: string]: Json }[] },
      pinned: {
        logs: seen === undefined ? pinLogs() : witnessed,
        trustRoot,
        unverifiedIntent: undefined,
        at: at === undefined ? undefined : ms(at),
        schema: undefined,
        boundary: undefined,
      },
    },
    webCryptoPrimitives,
  );
}

/** `trust / revocation`, each with its code. */
async function outcome(given: Case = {}): Promise<string> {
  const { trust, revocation } = await judge(given);
  return [trust, revocation].map(({ status, code }) => (code === undefined ? status : `${status} ${code}`)).join(' / ');
}

const PASS = 'pass / pass';
const both = (what: string) => `${what} / ${what}`;

describe('judgeTrust', () => {
  it('passes for a listed approver, and for a listed key of the service', async () => {
    expect(await outcome()).toBe(PASS);
    expect(await outcome({ signers: { serviceKey: bob } })).toBe(PASS);
    expect(await outcome({ signers: { serviceKey: service } })).toBe(PASS);
    expect(await outcome({ signers: { authenticator: alice, serviceKey: [bob, service] } })).toBe(PASS);
  });

  it('says whose approvals count, by names from the trust root alone', async () => {
    const signers = { authenticator: alice, serviceKey: [bob, service, stranger] };
    const { approvals, listed, chain, trust } = await judge({ signers, assertion: { userVerified: false } });
    expect(approvals).toHaveLength(2);
    expect(approvals).toContainEqual({
      holder: 'alice@example.com',
      roles: ['finance'],
      method: 'passkey',
      userVerified: false,
    });
    expect(approvals).toContainEqual({ holder: 'bob@example.com', roles: ['security'], method: 'key' });
    expect(listed?.size).toBe(3);
    expect(listed?.get(aliceId)).toEqual({ as: 'approver', holder: 'alice@example.com', roles: ['finance'] });
    expect(listed?.get(service.publicKey.keyid)).toEqual({ as: 'service', name: 'approvals.example.com' });
    expect(chain?.rootId).toBe(usual[0]!.digest);
    expect(trust.detail).toContain(`${stranger.publicKey.keyid} is not listed`);
  });

  it('lets an unlisted signer neither count nor fail', async () => {
    expect(await outcome({ signers: { authenticator: alice, serviceKey: stranger } })).toBe(PASS);
    expect(await outcome({ signers: { serviceKey: stranger } })).toBe('fail signer_not_listed / pass');
    const { approvals } = await judge({ signers: { serviceKey: stranger } });
    expect(approvals).toBeUndefined();
  });

  it('lets another service neither count nor fail', async () => {
    expect(await outcome({ signers: { authenticator: alice, serviceKey: otherService } })).toBe(PASS);
    expect(await outcome({ signers: { serviceKey: otherService } })).toBe('fail signer_not_listed / pass');
    const overrides = { service: 'other.example.com' };
    expect(await outcome({ signers: { serviceKey: otherService }, overrides })).toBe(PASS);
    expect(await outcome({ signers: { serviceKey: service }, overrides })).toBe('fail signer_not_listed / pass');
  });

  it('lets a service count only for payloads of the types that it is listed for', async () => {
    const versions = versionsOf([-1, { service: { payload_types: ['text/plain'] } }]);
    expect(await outcome({ versions, signers: { serviceKey: service } })).toBe('fail signer_not_listed / pass');
    expect(await outcome({ versions, signers: { authenticator: alice, serviceKey: service } })).toBe(PASS);
    // For these when it was logged, and not any more when it was seen.
    const later = versionsOf([-24], [1, { service: { payload_types: ['text/plain'] } }]);
    const signers = { serviceKey: service };
    expect(await outcome({ versions: later, signers, logged: 0 })).toBe(PASS);
    expect(await outcome({ versions: later, signers, logged: 0, seen: 1 })).toBe('fail signer_not_listed / pass');
  });

  it.each<[string, Case, string]>([
    ['without a trust root', { trustRoot: null }, both('skip no_trust_root')],
    [
      'without one, though the receipt brings one',
      { trustRoot: null, carried: [usual[0]!.item] },
      both('skip no_trust_root'),
    ],
    ['with a root id alone', { trustRoot: { rootId: usual[0]!.digest } }, both('skip no_trust_root')],
    [
      'with a root id, and the versions in the receipt',
      { trustRoot: { rootId: usual[0]!.digest }, carried: [usual[0]!.item] },
      PASS,
    ],
    [
      'with another root in the receipt',
      { carried: [versionsOf([-9])[0]!.item] },
      'fail trust_chain_broken / skip premise_failed',
    ],
    ['with garbage in the receipt', { carried: [{}] }, 'fail missing_member / skip premise_failed'],
    [
      'for another organization',
      { overrides: { organization: `sha256:${'00'.repeat(32)}` } },
      'fail organization_mismatch / skip premise_failed',
    ],
    ['with signatures that do not verify', { unverified: true }, both('skip premise_failed')],
    ['for what is in no tree', { logged: null }, both('skip premise_failed')],
    ['while the quorum is not reached', { seen: null }, both('skip quorum_not_reached')],
    ['logged before there was a version', { logged: -25 }, 'fail trust_not_in_force / skip premise_failed'],
    ['seen before there was a version', { seen: -25 }, 'fail trust_not_in_force / pass'],
    ['in the last millisecond of the newest version', { at: 24 * 89 - edge }, PASS],
    ['at the end of the newest version', { at: 24 * 89 }, 'fail trust_expired / pass'],
  ])('%s', async (_, given, expected) => {
    expect(await outcome(given)).toBe(expected);
  });

  it('is authentic at best for a statement without an organization', async () => {
    const approval = createApproval({ origin, now: T, authenticator: alice });
    expect(approval.statement).not.toHaveProperty('organization');
    const signers = unwrap(await verifyEnvelope(unwrap(parseEnvelope(approval.envelope))));
    const { statement, digest: statementDigest } = approval;
    const trustRoot = { rootId: usual[0]!.digest, versions: [usual[0]!.item] };
    const pinned = {
      logs: pinLogs(),
      trustRoot,
      unverifiedIntent: undefined,
      at: T,
      schema: undefined,
      boundary: undefined,
    };
    const input = {
      statement,
      statementDigest,
      signers,
      intent: undefined,
      index: 0,
      loggedAt: T,
      seenBy: undefined,
      receipt: {},
      pinned,
    };
    const { trust, revocation, chain, approvals } = await judgeTrust(input, webCryptoPrimitives);
    expect([trust, revocation]).toMatchObject(Array(2).fill({ status: 'skip', code: 'no_organization' }));
    expect(chain?.versions).toHaveLength(1);
    expect(approvals).toBeUndefined();
  });

  it('takes versions that were verified before, and a newer one from the receipt', async () => {
    const versions = versionsOf(
      [-24],
      [1, { alice: { revoked: { reason: 'compromised', at: hour(1), since: hour(-1) } } }],
    );
    const trustRoot = unwrap(await verifyTrustRoot(versions[0]!.digest, [versions[0]!.item]));
    expect(await outcome({ versions, trustRoot })).toBe(PASS);
    expect(await outcome({ versions, trustRoot, carried: [versions[1]!.item] })).toBe('pass / fail key_compromised');
  });
});

describe('a listed signer who may not sign so fails trust, whoever else signed', () => {
  const others = { serviceKey: [bob, service] };
  const passkey = (assertion: Omit<AssertOptions, 'challenge'>, listing: Partial<TrustedApprover> = {}): Case => ({
    versions: versionsOf([-1, { alice: listing }]),
    signers: { authenticator: alice, ...others },
    assertion,
  });
  const top_origins = ['https://portal.example.com'];

  it.each<[string, Case, string]>([
    ['another origin', passkey({}, { origins: ['https://example.com'] }), 'fail signer_origin / pass'],
    ['no origin', passkey({}, { origins: [] }), 'fail signer_origin / pass'],
    ['one of its origins', passkey({}, { origins: ['https://example.com', alice.origin] }), PASS],
    ['another relying party', passkey({}, { rp_id: 'example.com' }), 'fail signer_origin / pass'],
    [
      'a frame, with none listed',
      passkey({ crossOrigin: true, topOrigin: top_origins[0]! }),
      'fail signer_origin / pass',
    ],
    ['a frame of a listed site', passkey({ crossOrigin: true, topOrigin: top_origins[0]! }, { top_origins }), PASS],
    [
      'a frame of another site',
      passkey({ crossOrigin: true, topOrigin: 'https://evil.example' }, { top_origins }),
      'fail signer_origin / pass',
    ],
    [
      'a frame that does not say of which site',
      passkey({ crossOrigin: true }, { top_origins }),
      'fail signer_origin / pass',
    ],
    ['a top origin without a frame', passkey({ topOrigin: 'https://evil.example' }), 'fail signer_origin / pass'],
    ['a key where a passkey is listed', { versions: [asPasskey()], signers: others }, 'fail wrong_signer / pass'],
    [
      'a passkey where a key is listed',
      { versions: [asKey()], signers: { authenticator: alice, ...others } },
      'fail wrong_signer / pass',
    ],
    [
      'a passkey where a service is listed',
      { versions: [asService()], signers: { authenticator: alice, ...others } },
      'fail wrong_signer / pass',
    ],
    ['a boundary', { signers: { authenticator: alice, serviceKey: boundary } }, 'fail wrong_signer / pass'],
  ])('%s', async (_, given, expected) => {
    expect(await outcome(given)).toBe(expected);
  });

  function withApprovers(approvers: TrustMembers['approvers'], services = members().services): TestTrustVersion {
    return createTrustVersion({ rootKeys: [root], issuedAt: T - HOUR, members: { approvers, services } });
  }

  function asPasskey(): TestTrustVersion {
    const { publicKey } = bob;
    const [, listed] = passkeyApprover(alice, 'bob@example.com');
    return withApprovers(new Map([[publicKey.keyid, { ...listed, publicKey }]]));
  }

  function asKey(): TestTrustVersion {
    const { publicKey } = passkeyApprover(alice, 'alice')[1];
    return withApprovers(new Map([keyApprover({ publicKey, sign: bob.sign }, 'alice@example.com')]));
  }

  function asService(): TestTrustVersion {
    const { publicKey } = passkeyApprover(alice, 'alice')[1];
    const key = { publicKey, sign: bob.sign };
    return withApprovers(new Map([keyApprover(bob, 'bob')]), new Map([trustedService(key), trustedService(service)]));
  }
});

describe('time', () => {
  const window = { valid_from: hour(-1), valid_until: hour(1) };
  const retired: Revocation = { reason: 'retired', at: hour(0) };
  const stolen: Revocation = { reason: 'compromised', at: hour(9), since: hour(0) };
  const inWindow = versionsOf([-24, { alice: window }]);
  const lateRetired = versionsOf([-24], [5, { alice: { revoked: retired } }]);
  const lateStolen = versionsOf([-24], [9, { alice: { revoked: stolen } }]);
  const joined = versionsOf([-24, { alice: null }], [0]);

  it.each<[string, Case, string]>([
    ['before it is valid', { versions: inWindow, logged: -1 - edge }, 'fail key_not_valid / pass'],
    ['when it becomes valid', { versions: inWindow, logged: -1 }, PASS],
    ['in its last millisecond', { versions: inWindow, logged: 1 - edge }, PASS],
    ['when it ends', { versions: inWindow, logged: 1 }, 'fail key_not_valid / pass'],
    ['valid when logged, not yet when seen', { versions: inWindow, seen: -1 - edge }, 'fail key_not_valid / pass'],
    ['valid when logged and when seen', { versions: inWindow, logged: -1, seen: 1 - edge }, PASS],
    ['valid when logged, no more when seen', { versions: inWindow, seen: 1 }, 'fail key_not_valid / pass'],
    ['valid when seen, no more when logged', { versions: inWindow, logged: 1, seen: 0 }, 'fail key_not_valid / pass'],

    ['in the last millisecond before it retired', { versions: lateRetired, logged: -edge }, PASS],
    ['when it retired', { versions: lateRetired, logged: 0 }, 'pass / fail key_retired'],
    ['before it retired, seen in the last millisecond', { versions: lateRetired, logged: -1, seen: -edge }, PASS],
    ['before it retired, seen when it did', { versions: lateRetired, logged: -1, seen: 0 }, 'pass / fail key_retired'],
    ['after it retired, seen before', { versions: lateRetired, logged: 1, seen: -1 }, 'pass / fail key_retired'],

    [
      'in the last millisecond before the theft, by the log alone',
      { versions: lateStolen, logged: -edge },
      'pass / pass no_quorum',
    ],
    ['at the theft, by the log alone', { versions: lateStolen, logged: 0 }, 'pass / fail key_compromised'],
    ['before the theft, seen in the last millisecond', { versions: lateStolen, logged: -1, seen: -edge }, PASS],
    [
      'before the theft, as a log says that backdates',
      { versions: lateStolen, logged: -1, seen: 0 },
      'pass / fail key_compromised',
    ],
    ['seen before the theft, whatever the log says', { versions: lateStolen, logged: 1, seen: -1 }, PASS],

    ['before it was listed', { versions: joined, logged: -edge }, 'fail signer_not_listed / pass'],
    ['when it was listed', { versions: joined, logged: 0 }, PASS],
    [
      'when it was listed, seen before that',
      { versions: joined, logged: 0, seen: -edge },
      'fail signer_not_listed / pass',
    ],
  ])('%s', async (_, given, expected) => {
    expect(await outcome(given)).toBe(expected);
  });

  it('counts the roles that held at both moments', async () => {
    const versions = versionsOf(
      [-24, { alice: { roles: ['finance', 'it'] } }],
      [1, { alice: { roles: ['it', 'legal'] } }],
      [2, { alice: { roles: [] } }],
    );
    const roles = async (logged: number, seen?: number) => {
      const { approvals } = await judge({ versions, logged, ...(seen !== undefined && { seen }) });
      return approvals?.flatMap((approval) => approval.roles);
    };
    expect(await roles(0)).toEqual(['finance', 'it']);
    expect(await roles(1 - edge)).toEqual(['finance', 'it']);
    expect(await roles(1)).toEqual(['it', 'legal']);
    expect(await roles(0, 1)).toEqual(['it']);
    expect(await roles(1, 0)).toEqual(['it']);
    expect(await roles(0, 2)).toEqual([]);
  });

  it('judges origins by the version in force, not by the newest', async () => {
    const versions = versionsOf([-24], [1, { alice: { origins: ['https://new.example.com'] } }]);
    expect(await outcome({ versions, logged: 0 })).toBe(PASS);
    expect(await outcome({ versions, logged: 1 })).toBe('fail signer_origin / pass');
    expect(await outcome({ versions, logged: 0, seen: 1 })).toBe('fail signer_origin / pass');
  });

  it.each([
    ['an approver', { bob: { revoked: stolen } }, { authenticator: alice, serviceKey: bob }],
    ['a service', { service: { revoked: stolen } }, { authenticator: alice, serviceKey: service }],
  ])('lets a stolen key of %s fail revocation, whoever else signed', async (_, listing, signers) => {
    const versions = versionsOf([-24], [9, listing]);
    expect(await outcome({ versions, signers, logged: 0 })).toBe('pass / fail key_compromised');
    expect((await judge({ versions, signers, logged: 0 })).approvals).toBeUndefined();
    expect(await outcome({ versions, signers: { authenticator: alice }, logged: 0 })).toBe(PASS);
  });

  it('lets a key that was listed as stolen only later fail as well, though it never counted', async () => {
    const versions = versionsOf([-24, { alice: null }], [9, { alice: { revoked: stolen } }]);
    const signers = { authenticator: alice, serviceKey: bob };
    expect(await outcome({ versions, signers, logged: 0 })).toBe('pass / fail key_compromised');
  });
});

describe('what a service attests', () => {
  const carol: Attestation = { approver: 'carol', role: 'it', method: 'totp', at: formatTime(T) };
  const signers = { serviceKey: service };
  const counted = async (attested: readonly Attestation[], given: Case = {}) =>
    (await judge({ signers, ...given, overrides: { attested, ...given.overrides } })).approvals;

  it('counts where the service is listed for person, role and method', async () => {
    expect(await counted([carol])).toEqual([{ holder: 'carol', roles: ['it'], method: 'attested:totp' }]);
    expect(await counted([carol, { ...carol, role: 'legal' }])).toHaveLength(2);
  });

  it.each<[string, Attestation]>([
    ['another person', { ...carol, approver: 'dave' }],
    ['another role', { ...carol, role: 'finance' }],
    ['another method', { ...carol, method: 'passkey' }],
    ['a person with a name from the language', { ...carol, approver: 'constructor' }],
  ])('does not count for %s', async (_, item) => {
    expect(await counted([item])).toEqual([]);
    expect(await counted([item, carol])).toHaveLength(1);
  });

  it('counts once, however often and at whatever times it is said', async () => {
    const again = { ...carol, at: formatTime(T + 1) };
    expect(await counted([carol, carol, again])).toEqual([{ holder: 'carol', roles: ['it'], method: 'attested:totp' }]);
  });

  it('does not count under the signature of anybody else', async () => {
    expect(await counted([carol], { signers: { serviceKey: bob } })).toEqual([
      { holder: 'bob@example.com', roles: ['security'], method: 'key' },
    ]);
    expect(await counted([carol], { signers: { serviceKey: stranger } })).toBeUndefined();
    expect(await counted([carol], { signers: { authenticator: alice, serviceKey: otherService } })).toHaveLength(1);
  });

  it('counts only what held when it was logged and when it was seen', async () => {
    const versions = versionsOf(
      [-24],
      [1, { service: { attests: new Map([['carol', ['legal']]]) } }],
      [2, { service: { methods: [] } }],
    );
    expect(await counted([carol], { versions, logged: 0 })).toHaveLength(1);
    expect(await counted([carol], { versions, logged: 1 })).toEqual([]);
    expect(await counted([carol], { versions, logged: 0, seen: 1 })).toEqual([]);
    expect(await counted([carol], { versions, logged: 2 })).toEqual([]);
  });
});

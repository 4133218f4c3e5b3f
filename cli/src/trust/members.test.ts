import {
  createAuthenticator,
  createServiceKey,
  keyApprover,
  passkeyApprover,
  trustedBoundary,
  trustedService,
} from '@assent/test-support';
import type { TrustMembers } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { changeText, trustChanges } from './changes.ts';
import { addMember, listPolicy, NO_MEMBERS, retire, revoke, updateMembers } from './members.ts';

const [phone, token, boundaryKey, serviceKey] = [
  createAuthenticator(),
  createServiceKey(),
  createServiceKey(),
  createServiceKey(),
];
const [phoneId, phoneItem] = passkeyApprover(phone, 'alice');
const [tokenId, tokenItem] = keyApprover(token, 'alice');
const [boundaryId, boundaryItem] = trustedBoundary(boundaryKey, 'gw');
const [serviceId, serviceItem] = trustedService(serviceKey);
const policy = `sha256:${'a'.repeat(64)}`;
const listing = { valid_from: '2026-01-01T00:00:00.000Z' };
const at = '2026-04-03T17:00:00.000Z';
const earlier = '2026-04-01T00:00:00.000Z';

const all: TrustMembers = listPolicy(
  [
    { in: 'approvers', item: phoneItem } as const,
    { in: 'approvers', item: tokenItem } as const,
    { in: 'boundaries', item: boundaryItem } as const,
    { in: 'services', item: serviceItem } as const,
  ].reduce(addMember, NO_MEMBERS),
  policy,
  listing,
  false,
);
const root = { keys: new Map([[serviceId, serviceKey.publicKey]]), threshold: 1 };
const changes = (after: TrustMembers, before = all) =>
  trustChanges({ name: 'acme', root, members: before }, { name: 'acme', root, members: after });

describe('members', () => {
  it('lists each key once, whatever it is for', () => {
    expect(() => addMember(all, { in: 'boundaries', item: { ...boundaryItem, publicKey: token.publicKey } })).toThrow(
      'already',
    );
    expect(() => addMember(all, { in: 'approvers', item: phoneItem })).toThrow('already');
    expect(() => listPolicy(all, policy, listing, false)).toThrow('already');
    expect(() => listPolicy(all, `sha256:${'b'.repeat(64)}`, listing, true)).toThrow('does not list');
  });

  it('updates every key of somebody that counts', () => {
    const gone = retire(all, tokenId, at);
    const after = updateMembers(gone, 'approvers', 'alice', { roles: ['legal'] });
    expect([after.approvers.get(phoneId)?.roles, after.approvers.get(tokenId)?.roles]).toEqual([
      ['legal'],
      ['finance'],
    ]);
    expect(changes(after, gone)).toMatchObject([
      { what: 'changed', of: 'approver', id: phoneId, detail: expect.stringContaining('as legal') },
    ]);
    expect(() => updateMembers(all, 'boundaries', 'alice', {})).toThrow('no key of alice');
    expect(() => updateMembers(retire(all, 'alice', at), 'approvers', 'alice', {})).toThrow('not revoked');
  });

  it('retires by keyid, by name, and a policy by its digest', () => {
    const byKey = retire(all, phoneId, at);
    expect([byKey.approvers.get(phoneId)?.revoked, byKey.approvers.get(tokenId)?.revoked]).toEqual([
      { reason: 'retired', at },
      undefined,
    ]);
    const rest = retire(byKey, 'alice', earlier);
    expect(rest.approvers.get(phoneId)?.revoked?.at).toBe(at);
    expect(rest.approvers.get(tokenId)?.revoked?.at).toBe(earlier);
    expect(() => retire(rest, 'alice', at)).toThrow('revoked already');
    expect(() => retire(all, 'nobody', at)).toThrow('nobody and nothing');
    expect(retire(all, 'gw', at).boundaries.get(boundaryId)?.revoked).toEqual({ reason: 'retired', at });
    expect(retire(all, policy, at).policies.get(policy)).toEqual({ ...listing, valid_until: at });
    expect(changes(retire(all, policy, at))).toMatchObject([{ what: 'changed', of: 'policy', id: policy }]);
  });

  it('does not guess which of two things a name means', () => {
    const two = addMember(all, {
      in: 'boundaries',
      item: { ...boundaryItem, publicKey: createServiceKey().publicKey, name: 'alice' },
    });
    expect(() => revoke(two, 'alice', { reason: 'retired', at })).toThrow('several things');
  });

  it('keeps the time at which a theft was found when it is found to be earlier', () => {
    const stolen = revoke(all, phoneId, { reason: 'compromised', at, since: at });
    const found = revoke(stolen, phoneId, { reason: 'compromised', at: '2026-05-01T00:00:00.000Z', since: earlier });
    expect(found.approvers.get(phoneId)?.revoked).toEqual({ reason: 'compromised', at, since: earlier });
    expect(changes(found, stolen)).toMatchObject([{ what: 'compromised', id: phoneId }]);
    const healed = () =>
      revoke(stolen, phoneId, {
        reason: 'compromised',
        at: '2026-05-01T00:00:00.000Z',
        since: '2026-04-20T00:00:00.000Z',
      });
    expect(healed).toThrow('only an earlier time');
  });
});

describe('what changed', () => {
  it('is everything in the first version', () => {
    const after = { name: 'acme', root, members: all };
    const said = trustChanges(undefined, after).map(changeText);
    expect(said).toEqual([
      `+ root key ${serviceId}`,
      expect.stringMatching(
        /^\+ approver alice \(sha256:[0-9a-f]{64}\): as finance, passkey of localhost at https:\/\/localhost, valid from/,
      ),
      expect.stringContaining('as finance, key without a passkey'),
      expect.stringContaining('+ service approvals.example.com'),
      `+ boundary gw (${boundaryId}): valid from ${boundaryItem.valid_from}`,
      `+ policy ${policy}: valid from ${listing.valid_from}`,
    ]);
  });

  it('is nothing where nothing changed', () => {
    expect(changes(all)).toEqual([]);
  });

  it('is what happened to root keys, threshold and name', () => {
    const before = { name: 'acme', root, members: all };
    const keys = new Map([
      [tokenId, token.publicKey],
      [boundaryId, boundaryKey.publicKey],
    ]);
    expect(
      trustChanges(before, { name: 'acme2', root: { keys, threshold: 2 }, members: all }).map(({ what, of, id }) => [
        what,
        of,
        id,
      ]),
    ).toEqual([
      ['changed', 'name', 'acme2'],
      ['added', 'root key', tokenId],
      ['added', 'root key', boundaryId],
      ['removed', 'root key', serviceId],
      ['changed', 'threshold', '2 of 2'],
    ]);
  });

  it('says what a revocation means', () => {
    expect(changes(retire(all, 'gw', at)).map(changeText)).toEqual([
      `- boundary gw (${boundaryId}): retired at ${at}: what was logged before still counts`,
    ]);
    const { policies: _, ...rest } = all;
    expect(changes({ ...rest, policies: new Map() })).toMatchObject([{ what: 'removed', of: 'policy' }]);
  });
});

import { createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { codeOf, unwrap } from '@assent/test-support/results';
import { keyApprover, passkeyApprover, trustedBoundary, trustedService } from '@assent/test-support/trust-roots';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from './canonical-json.ts';
import { formatTrustMembers, parseTrustMembers } from './trust-members.ts';
import type { TrustMembers } from './trust-root.ts';

const passkey = createAuthenticator({ algorithm: 'RS256' });
const key = createServiceKey();
const service = createServiceKey();
const boundary = createServiceKey('es256');
const digest = `sha256:${'ab'.repeat(32)}`;
const [passkeyId, keyId, serviceId] = [passkeyApprover(passkey, 'a')[0], key.publicKey.keyid, service.publicKey.keyid];

const members: TrustMembers = {
  approvers: new Map([
    passkeyApprover(passkey, 'alice@example.com', {
      top_origins: ['https://portal.example.com'],
      revoked: { reason: 'compromised', at: '2026-02-01T00:00:00.000Z', since: '2026-01-01T00:00:00.000Z' },
    }),
    keyApprover(key, 'bob', { roles: [], revoked: { reason: 'retired', at: '2026-02-01T00:00:00.000Z' } }),
  ]),
  services: new Map([
    trustedService(service, { attests: new Map([['alice@example.com', ['finance']]]), methods: ['totp'] }),
  ]),
  boundaries: new Map([trustedBoundary(boundary, 'payments-gw-3', { valid_until: '2030-01-01T00:00:00.000Z' })]),
  policies: new Map([[digest, { valid_from: '2020-01-01T00:00:00.000Z' }]]),
};
const document = formatTrustMembers(members);

/** A copy with the value at this place replaced, or left out if there is none to replace it with. */
function changed(value: Json, [name, ...rest]: readonly string[], by: Json | undefined): Json {
  if (name === undefined) return by ?? null;
  const { [name]: old, ...others } = value as JsonObject;
  if (rest.length === 0 && by === undefined) return others;
  return { ...others, [name]: changed(old ?? null, rest, by) };
}

const at = '2026-02-01T00:00:00.000Z';
const approver = ['approvers', passkeyId];
const keyed = ['approvers', keyId];

describe('parseTrustMembers', () => {
  it('reads what formatTrustMembers makes', () => {
    expect(unwrap(parseTrustMembers(document))).toEqual(members);
  });

  it('reads members that list nobody', () => {
    expect(codeOf(parseTrustMembers({ approvers: {}, services: {}, boundaries: {}, policies: {} }))).toBeUndefined();
  });

  it.each<[string, readonly string[], Json | undefined, string]>([
    ['no map of boundaries', ['boundaries'], undefined, 'missing_member'],
    ['a map more', ['admins'], {}, 'unknown_member'],
    ['a list in place of a map', ['services'], [], 'wrong_type'],
    ['a name that is no keyid', ['boundaries', 'gw'], {}, 'bad_value'],
    ['an approver that is none', approver, null, 'wrong_type'],
    ['no holder', [...approver, 'holder'], undefined, 'missing_member'],
    ['a holder with a space', [...approver, 'holder'], 'Alice A', 'bad_identifier'],
    ['no kind', [...approver, 'kind'], undefined, 'missing_member'],
    ['another kind', [...approver, 'kind'], 'totp', 'bad_value'],
    ['no rp_id', [...approver, 'rp_id'], undefined, 'missing_member'],
    ['no origins', [...approver, 'origins'], undefined, 'missing_member'],
    ['an origin twice', [...approver, 'origins'], ['https://a', 'https://a'], 'bad_value'],
    ['a role twice', [...approver, 'roles'], ['finance', 'finance'], 'bad_value'],
    ['a key approver with origins', [...keyed, 'origins'], [], 'unknown_member'],
    ['a key approver with a relying party', [...keyed, 'rp_id'], 'localhost', 'unknown_member'],
    [
      'an RSA key that signs by itself',
      approver,
      {
        ...(document.approvers as Record<string, JsonObject>)[keyId],
        publicKey: Buffer.from(passkey.spki).toString('base64'),
      },
      'key_unsupported',
    ],
    ['a key under another keyid', ['approvers', digest], (document.approvers as JsonObject)[keyId], 'keyid_mismatch'],
    ['a time without milliseconds', [...approver, 'valid_from'], '2026-01-01T00:00:00Z', 'bad_time'],
    ['an end at the beginning', [...approver, 'valid_until'], '2020-01-01T00:00:00.000Z', 'bad_value'],
    [
      'a policy that ends before it begins',
      ['policies', digest, 'valid_until'],
      '2019-01-01T00:00:00.000Z',
      'bad_value',
    ],
    ['a policy with a revocation', ['policies', digest, 'revoked'], { reason: 'retired', at }, 'unknown_member'],
    ['another reason', [...approver, 'revoked'], { reason: 'lost', at }, 'bad_value'],
    ['a retirement since', [...approver, 'revoked'], { reason: 'retired', at, since: at }, 'unknown_member'],
    ['a compromise without since', [...approver, 'revoked'], { reason: 'compromised', at }, 'missing_member'],
    ['a compromise after it was known', [...approver, 'revoked', 'since'], '2026-02-01T00:00:00.001Z', 'bad_value'],
    ['a service with a slash', ['services', serviceId, 'name'], 'a/b', 'bad_identifier'],
    ['an unknown method', ['services', serviceId, 'methods'], ['fax'], 'bad_value'],
    ['an attested person with a space', ['services', serviceId, 'attests'], { 'Alice A': [] }, 'bad_identifier'],
    ['no payload types', ['services', serviceId, 'payload_types'], undefined, 'missing_member'],
    [
      'a keyid in two maps',
      ['services', keyId],
      {
        ...(document.services as Record<string, JsonObject>)[serviceId],
        publicKey: Buffer.from(key.publicKey.spki).toString('base64'),
      },
      'bad_value',
    ],
    [
      'a key in two other maps',
      ['boundaries', serviceId],
      { name: 'gw', publicKey: Buffer.from(service.publicKey.spki).toString('base64'), valid_from: at },
      'bad_value',
    ],
    ['a lone surrogate', ['services', serviceId, 'payload_types'], ['\ud800'], 'json_lone_surrogate'],
  ])('refuses %s', (_, place, by, code) => {
    expect(codeOf(parseTrustMembers(changed(document, place, by)))).toBe(code);
  });

  it('throws when the caller formats what no reader takes', () => {
    const twice = { ...members, boundaries: new Map([trustedBoundary(key, 'gw')]) };
    expect(() => formatTrustMembers(twice)).toThrow(/as two things/);
  });
});

import { createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { codeOf, unwrap } from '@assent/test-support/results';
import { createTrustVersion } from '@assent/test-support/trust-roots';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { utf8Decode, utf8Encode } from './bytes.ts';
import { canonicalBytes, type JsonObject } from './canonical-json.ts';
import { parsePublicKey } from './spki.ts';
import { formatTrustRoot, MAX_THRESHOLD, parseTrustRoot, trustRootDigest } from './trust-root.ts';

const key = createServiceKey();
const other = createServiceKey('es256');
const first = createTrustVersion({ rootKeys: [key, other], threshold: 1 });
const second = createTrustVersion({ previous: first });
const document: JsonObject = JSON.parse(unwrap(utf8Decode(first.payload)));
const later: JsonObject = JSON.parse(unwrap(utf8Decode(second.payload)));

function parse(change: JsonObject, of = document) {
  const changed = Object.entries({ ...of, ...change }).filter(([, value]) => value !== null);
  return codeOf(parseTrustRoot(canonicalBytes(Object.fromEntries(changed))));
}

describe('parseTrustRoot', () => {
  it('reads what formatTrustRoot makes, and back', () => {
    for (const { payload } of [first, second]) {
      const { type: _, ...fields } = unwrap(parseTrustRoot(payload));
      expect(formatTrustRoot(fields)).toEqual(payload);
    }
    expect(unwrap(parseTrustRoot(second.payload))).toMatchObject({
      version: 2,
      previous: trustRootDigest(first.payload),
    });
  });

  const keys = (...publicKeys: readonly { readonly keyid: string; readonly spki: Uint8Array }[]) =>
    Object.fromEntries(publicKeys.map(({ keyid, spki }) => [keyid, base64Encode(spki)]));
  const rsa = unwrap(parsePublicKey(createAuthenticator({ algorithm: 'RS256' }).spki));
  const mlDsa = unwrap(parsePublicKey(createAuthenticator({ algorithm: 'ML-DSA-44' }).spki));
  const nine = Array.from({ length: 9 }, () => createServiceKey().publicKey);

  it.each<[string, JsonObject, string]>([
    ['another type', { type: 'assent/trust-root/v2' }, 'unsupported'],
    ['no name', { name: null }, 'missing_member'],
    ['a name with a space', { name: 'acme inc' }, 'bad_identifier'],
    ['version 0', { version: 0 }, 'bad_value'],
    ['a version and a half', { version: 1.5 }, 'bad_value'],
    ['a version that is a text', { version: '1' }, 'wrong_type'],
    ['a version beyond 2^53', { version: 2 ** 53 }, 'bad_value'],
    ['version 1 with a previous one', { previous: second.digest }, 'unknown_member'],
    ['version 2 without one', { version: 2 }, 'missing_member'],
    ['a time without milliseconds', { issued_at: '2026-04-03T17:00:00Z' }, 'bad_time'],
    ['an expiry at the time of issue', { expires_at: first.trustRoot.issued_at }, 'bad_value'],
    ['no root keys', { root: { keys: {}, threshold: 1 } }, 'bad_value'],
    ['a threshold of 0', { root: { keys: keys(key.publicKey), threshold: 0 } }, 'bad_value'],
    ['a threshold above the keys', { root: { keys: keys(key.publicKey), threshold: 2 } }, 'bad_value'],
    ['a threshold above 8', { root: { keys: keys(...nine), threshold: 9 } }, 'bad_value'],
    ['an RSA key', { root: { keys: keys(rsa), threshold: 1 } }, 'key_unsupported'],
    ['an ML-DSA key', { root: { keys: keys(mlDsa), threshold: 1 } }, 'key_unsupported'],
    [
      'a key under another keyid',
      { root: { keys: { [first.digest]: base64Encode(key.publicKey.spki) }, threshold: 1 } },
      'keyid_mismatch',
    ],
    ['a key that is none', { root: { keys: { [key.publicKey.keyid]: 'AAAA' }, threshold: 1 } }, 'key_unsupported'],
    ['a key by name', { root: { keys: { alice: base64Encode(key.publicKey.spki) }, threshold: 1 } }, 'bad_value'],
    ['members in place of their commitment', { members: {} }, 'wrong_type'],
    ['a member more', { log: 'log.example.com' }, 'unknown_member'],
  ])('refuses %s', (_, change, code) => {
    expect(parse(change)).toBe(code);
  });

  it('accepts the highest threshold', () => {
    expect(parse({ root: { keys: keys(...nine), threshold: MAX_THRESHOLD } })).toBeUndefined();
  });

  it('refuses a second version without the digest of the first one', () => {
    expect(parse({}, later)).toBeUndefined();
    expect(parse({ previous: 'sha256:00' }, later)).toBe('bad_value');
  });

  it('refuses bytes that are not canonical', () => {
    expect(codeOf(parseTrustRoot(utf8Encode(`${unwrap(utf8Decode(first.payload))} `)))).toBe('json_not_canonical');
  });
});

describe('formatTrustRoot', () => {
  it("throws for a caller's mistake", () => {
    const { trustRoot } = first;
    expect(() => formatTrustRoot({ ...trustRoot, version: 2 })).toThrow(/previous is missing/);
    expect(() => formatTrustRoot({ ...trustRoot, root: { ...trustRoot.root, threshold: 3 } })).toThrow(TypeError);
  });
});

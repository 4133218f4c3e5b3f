import { createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { codeOf, unwrap } from '@assent/test-support/results';
import {
  createTrustVersion,
  keyApprover,
  signTrustRoot,
  type TestTrustVersion,
  type TrustVersionOptions,
} from '@assent/test-support/trust-roots';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import { formatEnvelope, preAuthEncoding } from './dsse.ts';
import { webCryptoPrimitives } from './primitives.ts';
import { createSalt } from './sealed.ts';
import { parsePublicKey } from './spki.ts';
import {
  checkPinnedTrustRoot,
  formatTrustVersion,
  joinVersions,
  type PinnedTrustRoot,
  verifyTrustRoot,
} from './trust-chain.ts';
import { TRUST_ROOT_PAYLOAD_TYPE } from './trust-root.ts';

const [a, b, c, d] = [createServiceKey(), createServiceKey('es256'), createServiceKey(), createServiceKey()];
const alice = createServiceKey();
const members = { approvers: new Map([keyApprover(alice, 'alice@example.com')]) };
const NOW = Date.parse('2026-04-01T00:00:00.000Z');

/** Two of three; then handed over to two others. */
const v1 = createTrustVersion({ rootKeys: [a, b, c], threshold: 2, signers: [a, b], members, issuedAt: NOW });
const v2 = createTrustVersion({ previous: v1, rootKeys: [c, d], signers: [a, c, d] });
const v3 = createTrustVersion({ previous: v2 });

const second = (options: TrustVersionOptions) => createTrustVersion({ previous: v1, ...options });
const verify = (...versions: readonly Json[]) => verifyTrustRoot(v1.digest, versions);
const code = async (...versions: readonly Json[]) => codeOf(await verify(...versions));

function withItem(version: TestTrustVersion, change: JsonObject): JsonObject {
  return { ...version.item, ...change };
}

describe('verifyTrustRoot', () => {
  it('verifies versions in any order, each as often as it is there', async () => {
    for (const versions of [[v1], [v1, v2], [v1, v2, v3], [v3, v1, v2], [v2, v1, v2, v1]]) {
      const { chain } = unwrap(await verify(...versions.map(({ item }) => item)));
      const numbers = [...new Set(versions.map(({ trustRoot }) => trustRoot.version))].sort();
      expect(chain.rootId).toBe(v1.digest);
      expect(chain.versions.map(({ version }) => version)).toEqual(numbers);
    }
  });

  it('says what each version holds', async () => {
    const { chain } = unwrap(await verify(v1.item, v2.item));
    const { name, issued_at, expires_at } = v2.trustRoot;
    expect(chain.versions[1]).toEqual({
      version: 2,
      digest: v2.digest,
      name,
      issued_at,
      expires_at,
      members: v1.members,
    });
  });

  it('takes one payload in another envelope for the same version', async () => {
    const again = withItem(v2, { envelope: signTrustRoot(v2.payload, [a, b, c, d]) });
    expect(await code(v1.item, v2.item, again)).toBeUndefined();
    expect(await code(v1.item, again, v2.item)).toBeUndefined();
  });

  const passkey = createAuthenticator({ algorithm: 'EdDSA' });
  const fork = second({ members: { boundaries: new Map() }, rootKeys: [d] });

  it.each<[string, readonly Json[], string]>([
    ['no version', [], 'trust_chain_broken'],
    ['version 1 of another root', [fork2().item], 'trust_chain_broken'],
    ['two versions 1', [v1.item, fork2().item], 'trust_chain_broken'],
    ['no version 1', [v2.item, v3.item], 'trust_chain_broken'],
    ['a gap', [v1.item, v3.item], 'trust_chain_broken'],
    ['another previous one', [v1.item, second({ overrides: { previous: v3.digest } }).item], 'trust_chain_broken'],
    ['two versions 2', [v1.item, v2.item, fork.item], 'trust_forked'],
    ['two versions 2, and a third one of the first', [v1.item, v2.item, fork.item, v3.item], 'trust_forked'],
    ['version 1 by too few', [createTrustVersion({ rootKeys: [a, b], signers: [a] }).item], 'trust_chain_broken'],
    ['too few of the new keys', [v1.item, second({ rootKeys: [c, d], signers: [a, b, c] }).item], 'threshold_not_met'],
    ['too few of the old keys', [v1.item, second({ rootKeys: [c, d], signers: [c, d] }).item], 'threshold_not_met'],
    ['none of the old keys', [v1.item, second({ rootKeys: [d], signers: [d] }).item], 'threshold_not_met'],
    ['a stranger among the signers', [v1.item, second({ signers: [a, b, d] }).item], 'wrong_signer'],
    ['no later time', [v1.item, second({ issuedAt: NOW }).item], 'trust_history_changed'],
    ['an earlier time', [v1.item, second({ issuedAt: NOW - 1 }).item], 'trust_history_changed'],
    ['a key dropped', [v1.item, second({ members: { approvers: new Map() } }).item], 'trust_history_changed'],
    ['another salt', [withItem(v1, { salt: base64Encode(createSalt()) })], 'commitment_mismatch'],
    ['other members', [withItem(v1, { members: v3.item.members!, salt: v3.item.salt! })], 'commitment_mismatch'],
    ['a salt that is too short', [withItem(v1, { salt: 'AAAA' })], 'bad_value'],
    ['no members', [withItem(v1, { members: {} })], 'commitment_mismatch'],
    ['a member more', [withItem(v1, { comment: '' })], 'unknown_member'],
    ['no object', [null], 'wrong_type'],
    ['no envelope', [withItem(v1, { envelope: {} })], 'missing_member'],
    [
      'an envelope of another type',
      [withItem(v1, { envelope: { ...v1.envelope, payloadType: 'text/plain' } })],
      'kind_mismatch',
    ],
    ['a lone surrogate', [withItem(v1, { members: { '\ud800': 1 } })], 'json_lone_surrogate'],
    ['a forged version', [v1.item, withItem(v2, { envelope: forged(v2) })], 'signature_invalid'],
    ['a passkey', [v1.item, withItem(v2, { envelope: byPasskey() })], 'wrong_signer'],
  ])('refuses %s', async (_, versions, expected) => {
    expect(await code(...versions)).toBe(expected);
  });

  it('refuses a first version by too few, and one that a stranger signed as well', async () => {
    const weak = createTrustVersion({ rootKeys: [a, b], signers: [a] });
    expect(codeOf(await verifyTrustRoot(weak.digest, [weak.item]))).toBe('threshold_not_met');
    const helped = createTrustVersion({ rootKeys: [a], signers: [a, b] });
    expect(codeOf(await verifyTrustRoot(helped.digest, [helped.item]))).toBe('wrong_signer');
  });

  it('refuses members that are committed to and are none', async () => {
    const version = createTrustVersion({ rootKeys: [a], overrides: { members: `sha256:${'00'.repeat(32)}` } });
    expect(codeOf(await verifyTrustRoot(version.digest, [version.item]))).toBe('commitment_mismatch');
  });

  it('says which one it was', async () => {
    const result = await verify(v1.item, v2.item, withItem(v3, { salt: base64Encode(createSalt()) }));
    expect(result).toMatchObject({ detail: expect.stringContaining('version 3') });
  });

  it('hands over with two times eight signatures', async () => {
    const [old, fresh] = [8, 8].map((count) => Array.from({ length: count }, () => createServiceKey()));
    const one = createTrustVersion({ rootKeys: old! });
    const two = createTrustVersion({ previous: one, rootKeys: fresh! });
    expect(codeOf(await verifyTrustRoot(one.digest, [one.item, two.item]))).toBeUndefined();
  });

  it("throws for a caller's mistake", async () => {
    await expect(verifyTrustRoot('acme.example', [v1.item])).rejects.toThrow(/^trustRoot.rootId/);
    expect(() => checkPinnedTrustRoot({ rootId: v1.digest, versions: {} as unknown as Json[] })).toThrow(TypeError);
    for (const none of [null, 0, v1.digest, {}, { chain: null }, { chain: {} }]) {
      expect(() => checkPinnedTrustRoot(none as unknown as PinnedTrustRoot)).toThrow(/^trustRoot/);
    }
    const { envelope, members: listed } = v1;
    expect(() => formatTrustVersion({ envelope, members: listed, salt: new Uint8Array(16) })).toThrow(RangeError);
  });

  function fork2(): TestTrustVersion {
    return createTrustVersion({ rootKeys: [a], members, issuedAt: NOW });
  }

  /** Version 2 with one signature that is another payload's. */
  function forged({ payload }: TestTrustVersion): JsonObject {
    const signed = preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, payload);
    const signatures = [a, c, d].map(({ publicKey, sign }) => ({
      publicKey,
      sig: sign(publicKey === d.publicKey ? preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, v1.payload) : signed),
    }));
    return formatEnvelope({ payloadType: TRUST_ROOT_PAYLOAD_TYPE, payload, signatures });
  }

  /** Version 2, signed by enough keys and by a passkey beside. */
  function byPasskey(): JsonObject {
    const nonce = new Uint8Array(16);
    const hash = webCryptoPrimitives.sha256(preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, v2.payload));
    const { signature: sig, ...parts } = passkey.assert({ challenge: Buffer.concat([nonce, hash]) });
    const publicKey = unwrap(parsePublicKey(passkey.spki));
    const signatures = [a, c, d].map((key) => ({
      publicKey: key.publicKey,
      sig: key.sign(preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, v2.payload)),
    }));
    return formatEnvelope({
      payloadType: TRUST_ROOT_PAYLOAD_TYPE,
      payload: v2.payload,
      signatures: [...signatures, { publicKey, sig, webauthn: { ...parts, nonce } }],
    });
  }
});

describe('joinVersions', () => {
  const join = async (pinned: Parameters<typeof joinVersions>[0], carried: readonly Json[]) =>
    joinVersions(pinned, carried, webCryptoPrimitives);

  it('adds newer versions to those that were verified before, and knows the old ones again', async () => {
    const pinned = unwrap(await verify(v1.item, v2.item));
    const joined = unwrap(await join(pinned, [v1.item, v3.item, v2.item]));
    expect(joined?.chain.versions.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(joined).toEqual(unwrap(await verify(v1.item, v2.item, v3.item)));
  });

  it('does not verify again what is pinned as verified', async () => {
    const pinned = unwrap(await verify(v1.item, v2.item));
    const verifySignature = () => Promise.reject(new Error('not again'));
    const joined = await joinVersions(pinned, [v2.item], { ...webCryptoPrimitives, verifySignature });
    expect(codeOf(joined)).toBeUndefined();
  });

  it('finds a fork of what is pinned', async () => {
    const pinned = unwrap(await verify(v1.item, v2.item, v3.item));
    const fork = second({ rootKeys: [d] });
    expect(codeOf(await join(pinned, [fork.item]))).toBe('trust_forked');
    expect(codeOf(await join({ rootId: v1.digest, versions: [v1.item, v2.item] }, [fork.item]))).toBe('trust_forked');
  });

  it('takes all of them from somebody else, as the root id proves the first one', async () => {
    expect(unwrap(await join({ rootId: v1.digest }, [v1.item]))?.chain.versions).toHaveLength(1);
    expect(unwrap(await join({ rootId: v1.digest }, []))).toBeUndefined();
  });

  it('says when the runtime lacks an algorithm', async () => {
    const verifySignature = async () => 'unsupported' as const;
    const joined = await joinVersions({ rootId: v1.digest }, [v1.item], { ...webCryptoPrimitives, verifySignature });
    expect(codeOf(joined)).toBe('unsupported');
  });
});

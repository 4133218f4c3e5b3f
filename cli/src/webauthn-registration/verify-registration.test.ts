import { createAuthenticator, type TestAuthenticator } from '@assent/test-support';
import type { AuthenticatorAlgorithm } from '@assent/test-support/authenticator';
import { mlDsaKeys } from '@assent/test-support/authenticator';
import {
  type Cbor,
  createRegistration,
  encodeCbor,
  newChallenge,
  type RegistrationOptions,
} from '@assent/test-support/registrations';
import { type Json, keyidOf } from '@assent/verifier';
import { verifyRegistrationResponse } from '@simplewebauthn/server';
import { describe, expect, it } from 'vitest';
import { primitives } from '../primitives.ts';
import type { RegistrationCode } from './registration-result.ts';
import { verifyRegistration } from './verify-registration.ts';

const rpId = 'example.com';
const origin = 'https://approvals.example.com';
const challenge = newChallenge();
const alice = createAuthenticator({ rpId, origin });
const expected = { challenge, rpId, origins: [origin] };

const register = (options: Partial<RegistrationOptions> = {}, authenticator: TestAuthenticator = alice): Json =>
  JSON.parse(JSON.stringify(createRegistration(authenticator, { challenge, ...options }))) as Json;
const verify = (json: Json, more: Partial<typeof expected> = {}) =>
  verifyRegistration(json, { ...expected, ...more }, primitives);

describe('verifyRegistration', () => {
  it.each<AuthenticatorAlgorithm>(['ES256', 'EdDSA', 'RS256', 'ML-DSA-44'])(
    'takes %s, and says what it is',
    async (algorithm) => {
      const keys = algorithm === 'ML-DSA-44' ? { keys: mlDsaKeys(1) } : {};
      const authenticator = createAuthenticator({ algorithm, rpId, origin, ...keys });
      for (const attestation of ['none', 'self'] as const) {
        const verified = await verify(register({ attestation }, authenticator));
        expect(verified).toMatchObject({
          ok: true,
          value: {
            publicKey: { keyid: keyidOf(authenticator.spki) },
            credentialId: Buffer.from(authenticator.credentialId).toString('base64url'),
            aaguid: '07070707-0707-0707-0707-070707070707',
            origin,
            flags: { userPresent: true, userVerified: true, backupEligible: false, backedUp: false },
            attestation: { kind: attestation, verified: true },
          },
        });
      }
    },
  );

  it('agrees with an implementation that nobody here wrote', async () => {
    for (const attestation of ['none', 'self'] as const) {
      for (const change of [
        {},
        { flags: 0x41 },
        { flags: 0x5d },
        { clientData: { type: 'webauthn.get' } },
        { rpId: 'example.org' },
      ]) {
        const response = createRegistration(alice, { challenge, attestation, ...change });
        const ours = await verify(JSON.parse(JSON.stringify(response)) as Json);
        const theirs = await verifyRegistrationResponse({
          response: response as unknown as Parameters<typeof verifyRegistrationResponse>[0]['response'],
          expectedChallenge: Buffer.from(challenge).toString('base64url'),
          expectedOrigin: origin,
          expectedRPID: rpId,
        }).catch(() => ({ verified: false }));
        expect([change, ours.ok]).toEqual([change, theirs.verified]);
      }
    }
  });

  it('ignores what browsers add, and does without their copies', async () => {
    const added = register({
      clientData: { tokenBinding: 'x' },
      overrides: { authenticatorAttachment: 'platform', extra: 1 },
    });
    expect((await verify(added)).ok).toBe(true);
    const copies = { authenticatorData: undefined, publicKey: null, publicKeyAlgorithm: undefined };
    expect((await verify(register({ response: copies }))).ok).toBe(true);
    const extensions = encodeCbor(new Map([['credProtect', 2]]));
    expect((await verify(register({ flags: 0xc5, extensions }))).ok).toBe(true);
  });

  it.each<[string, Cbor]>([
    [
      'packed',
      new Map<string, Cbor>([
        ['alg', -7],
        ['sig', Uint8Array.of(1)],
        ['x5c', [Uint8Array.of(1)]],
      ]),
    ],
    ['fido-u2f', new Map()],
    ['tpm', new Map([['ver', '2.0']])],
    ['android-key', new Map()],
    ['apple', new Map()],
    ['something-new', new Map()],
  ])('takes a %s attestation by somebody else, and does not call it verified', async (format, statement) => {
    const verified = await verify(register({ attestation: { format, statement } }));
    expect(verified).toMatchObject({ ok: true, value: { attestation: { format, kind: 'other', verified: false } } });
  });

  it('takes a frame of a page that is named, and a user who was not verified where that is said', async () => {
    const framed = register({ clientData: { crossOrigin: true, topOrigin: 'https://shop.example.com' } });
    expect(await verify(framed)).toMatchObject({ ok: false, code: 'signer_origin' });
    const there = { ...expected, topOrigins: ['https://shop.example.com'] };
    expect((await verifyRegistration(framed, there, primitives)).ok).toBe(true);
    const lax = { ...expected, userVerification: false };
    expect(await verifyRegistration(register({ flags: 0x41 }), lax, primitives)).toMatchObject({
      ok: true,
      value: { flags: { userVerified: false } },
    });
  });
});

const flip = (at: number) => (bytes: Uint8Array) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
const cut = (length: number) => (bytes: Uint8Array) => bytes.slice(0, length);
const other = createAuthenticator({ rpId, origin });
const map = (entries: readonly (readonly [string, Cbor])[]) => () => encodeCbor(new Map(entries));
const b64u = (text: string) => Buffer.from(text).toString('base64url');

describe('verifyRegistration refuses', () => {
  it.each<[string, RegistrationCode, Partial<RegistrationOptions>]>([
    ['another type', 'registration_malformed', { overrides: { type: 'password' } }],
    ['an id that is no text', 'registration_malformed', { overrides: { rawId: 7 } }],
    ['an answer to a sign-in', 'registration_malformed', { response: { signature: 'AA' } }],
    ['no client data', 'registration_malformed', { response: { clientDataJSON: undefined } }],
    ['no attestation object', 'registration_malformed', { response: { attestationObject: undefined } }],
    ['an algorithm in words', 'registration_malformed', { response: { publicKeyAlgorithm: 'ES256' } }],
    ['padded base64', 'bad_base64', { response: { clientDataJSON: 'AA==' } }],
    ['an id that is not rawId', 'credential_id_mismatch', { overrides: { id: b64u('another') } }],
    ['an id that was not attested', 'credential_id_mismatch', { attestedId: other.credentialId }],
    ['client data that is no JSON', 'client_data_malformed', { response: { clientDataJSON: b64u('hello') } }],
    [
      'client data that says it twice',
      'client_data_malformed',
      { response: { clientDataJSON: b64u('{"type":"a","type":"b"}') } },
    ],
    ['an assertion', 'client_data_type', { clientData: { type: 'webauthn.get' } }],
    ['another challenge', 'challenge_mismatch', { challenge: newChallenge() }],
    ['a challenge that goes on', 'challenge_mismatch', { challenge: Uint8Array.of(...challenge, 0) }],
    ['another origin', 'signer_origin', { clientData: { origin: 'https://evil.example.com' } }],
    ['an origin that begins alike', 'signer_origin', { clientData: { origin: `${origin}.evil.com` } }],
    ['a frame of any page', 'signer_origin', { clientData: { crossOrigin: true } }],
    ['another relying party', 'signer_origin', { rpId: 'example.org' }],
    ['nobody there', 'user_not_present', { flags: 0x44 }],
    ['a user who was not verified', 'user_not_verified', { flags: 0x41 }],
    ['no credential', 'credential_missing', { flags: 0x05 }],
    ['a backup of what cannot be backed up', 'backup_state_invalid', { flags: 0x55 }],
    ['extensions that are announced and not there', 'cbor_malformed', { flags: 0xc5 }],
    [
      'extensions that are there and not announced',
      'authenticator_data_malformed',
      { extensions: Uint8Array.of(0xa0) },
    ],
    ['short authenticator data', 'authenticator_data_malformed', { authenticatorData: cut(36) }],
    ['a credential that is cut off', 'authenticator_data_malformed', { authenticatorData: cut(60) }],
    ['an empty id', 'authenticator_data_malformed', { attestedId: new Uint8Array() }],
    ['an endless id', 'authenticator_data_malformed', { attestedId: new Uint8Array(1024) }],
    ['a key that is cut off', 'cbor_malformed', { authenticatorData: (bytes) => bytes.slice(0, -1) }],
    ['a key off the curve', 'key_malformed', { coseKey: flip(alice.coseKey.length - 1)(alice.coseKey) }],
    [
      'a key of an unknown algorithm',
      'key_unsupported',
      {
        coseKey: encodeCbor(
          new Map([
            [1, 2],
            [3, -36],
          ]),
        ),
      },
    ],
    ['a key that is no map', 'key_malformed', { coseKey: encodeCbor([1]) }],
    [
      "another's key as a copy",
      'copy_mismatch',
      { response: { publicKey: Buffer.from(other.spki).toString('base64url') } },
    ],
    ['another algorithm as a copy', 'copy_mismatch', { response: { publicKeyAlgorithm: -257 } }],
    ['other data as a copy', 'copy_mismatch', { response: { authenticatorData: b64u('another') } }],
    ["another's key in the evidence", 'copy_mismatch', { coseKey: other.coseKey }],
    ['an attestation object that is cut off', 'cbor_malformed', { attestationObject: cut(40) }],
    [
      'bytes after the attestation object',
      'attestation_malformed',
      { attestationObject: (bytes) => Uint8Array.of(...bytes, 0) },
    ],
    [
      'an attestation object that is no map',
      'attestation_malformed',
      { attestationObject: () => encodeCbor([1, 2, 3]) },
    ],
    [
      'one without authenticator data',
      'attestation_malformed',
      {
        attestationObject: map([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['x', 1],
        ]),
      },
    ],
    ['a format that is no name', 'attestation_malformed', { attestation: { format: 'Packed!', statement: new Map() } }],
    ['a statement that is no map', 'attestation_malformed', { attestation: { format: 'none', statement: [] } }],
    [
      'a statement beside "none"',
      'attestation_malformed',
      { attestation: { format: 'none', statement: new Map([['x', 1]]) } },
    ],
    [
      'self attestation without a signature',
      'attestation_malformed',
      { attestation: { format: 'packed', statement: new Map([['alg', -7]]) } },
    ],
    [
      'self attestation by another algorithm',
      'attestation_malformed',
      {
        attestation: {
          format: 'packed',
          statement: new Map<string, Cbor>([
            ['alg', -8],
            ['sig', new Uint8Array(64)],
          ]),
        },
      },
    ],
    [
      'self attestation that is no signature',
      'signature_malformed',
      {
        attestation: {
          format: 'packed',
          statement: new Map<string, Cbor>([
            ['alg', -7],
            ['sig', new Uint8Array(64)],
          ]),
        },
      },
    ],
    [
      "self attestation by another's key",
      'signature_invalid',
      {
        attestation: {
          format: 'packed',
          statement: new Map<string, Cbor>([
            ['alg', -7],
            ['sig', other.sign(Uint8Array.of(1), Uint8Array.of(2))],
          ]),
        },
      },
    ],
  ])('%s', async (_, code, change) => {
    expect(await verify(register(change))).toMatchObject({ ok: false, code });
  });

  it('what is no object, and what has no response', async () => {
    for (const json of [null, 'x', [], { type: 'public-key', id: 'AA', rawId: 'AA' }] as const) {
      expect(await verify(json)).toMatchObject({ ok: false, code: 'registration_malformed' });
    }
  });

  it('a self attestation whose signed bytes were changed, wherever', async () => {
    const good = createRegistration(alice, { challenge, attestation: 'self' });
    const changed = {
      ...good,
      response: {
        ...good.response,
        clientDataJSON: b64u(`${Buffer.from(String(good.response.clientDataJSON), 'base64url').toString()} `),
      },
    };
    expect(await verify(JSON.parse(JSON.stringify(changed)) as Json)).toMatchObject({
      ok: false,
      code: 'signature_invalid',
    });
    const object = Buffer.from(String(good.response.attestationObject), 'base64url');
    // The counter: the four bytes before the AAGUID of sevens.
    const counter = object.indexOf(Buffer.alloc(16, 7)) - 1;
    const counted = {
      ...good,
      response: {
        ...good.response,
        authenticatorData: undefined,
        attestationObject: Buffer.from(flip(counter)(object)).toString('base64url'),
      },
    };
    expect(await verify(JSON.parse(JSON.stringify(counted)) as Json)).toMatchObject({
      ok: false,
      code: 'signature_invalid',
    });
  });
});

/**
 * Our verifyAssertion against @simplewebauthn/server's verifyAuthenticationResponse, on the same assertions, good and
 * mutated. The rule: what we accept, it accepts. Where we refuse more, the case says so and why.
 */
import { createHash } from 'node:crypto';
import { createAuthenticator, type SignedAssertion, type TestAuthenticator } from '@assent/test-support/authenticator';
import { codeOf, unwrap } from '@assent/test-support/results';
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64urlEncode } from './base64.ts';
import { concatBytes, hexDecode, utf8Encode } from './bytes.ts';
import { parsePublicKey } from './spki.ts';
import { verifyAssertion } from './webauthn.ts';

const hex = (text: string): Uint8Array => unwrap(hexDecode(text));
const rpId = 'approvals.example.com';
const origin = 'https://approvals.example.com';
const rpIdHash = new Uint8Array(createHash('sha256').update(rpId).digest());
const nonce = new Uint8Array(16).fill(3);
const hash = new Uint8Array(createHash('sha256').update('what is approved').digest());
const challenge = concatBytes(nonce, hash);
const b64u = base64urlEncode(challenge);

const authenticators = (['ES256', 'EdDSA', 'RS256'] as const).map((algorithm) =>
  createAuthenticator({ algorithm, rpId, origin }),
);
const [es256] = authenticators as [TestAuthenticator, ...TestAuthenticator[]];

async function ours(assertion: SignedAssertion, { spki } = es256): Promise<string> {
  const publicKey = unwrap(parsePublicKey(spki));
  return codeOf(await verifyAssertion({ publicKey, ...assertion, nonce, hash })) ?? 'accepted';
}

/** With user verification not required: that is policy here, as origins and RP IDs are. */
async function theirs(assertion: SignedAssertion, { coseKey, credentialId } = es256): Promise<boolean> {
  const id = base64urlEncode(credentialId);
  try {
    const { verified } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          authenticatorData: base64urlEncode(assertion.authenticatorData),
          clientDataJSON: base64urlEncode(assertion.clientDataJSON),
          signature: base64urlEncode(assertion.signature),
        },
      },
      expectedChallenge: b64u,
      expectedOrigin: origin,
      expectedTopOrigin: 'https://top.example',
      expectedRPID: rpId,
      credential: { id, publicKey: new Uint8Array(coseKey), counter: 0 },
      requireUserVerification: false,
    });
    return verified;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function sign(authenticatorData: Uint8Array, clientDataJSON: Uint8Array): SignedAssertion {
  return { authenticatorData, clientDataJSON, signature: es256.sign(authenticatorData, clientDataJSON) };
}

const data = (flags: number, rest = '') => concatBytes(rpIdHash, Uint8Array.of(flags), hex(`00000000${rest}`));
const plain = `{"type":"webauthn.get","challenge":"${b64u}","origin":"${origin}","crossOrigin":false}`;
const clientData = (text: string) => sign(data(0x05), utf8Encode(text));

describe('against @simplewebauthn/server', () => {
  it('accepts the same good assertions', async () => {
    const options = [
      {},
      { userVerified: false },
      { backupEligible: true },
      { backupEligible: true, backedUp: true },
      { signCount: 1 },
      { signCount: 2 ** 32 - 1 },
      { crossOrigin: true },
      { crossOrigin: true, topOrigin: 'https://top.example' },
      { extensions: hex('a16375766d81830102f5') },
      { extensions: hex('a16161f5'), extraClientData: { other_keys_can_be_added_here: 'x' } },
    ];
    for (const authenticator of authenticators) {
      for (const option of options) {
        const assertion = authenticator.assert({ challenge, ...option });
        expect(await ours(assertion, authenticator), JSON.stringify(option)).toBe('accepted');
        expect(await theirs(assertion, authenticator), JSON.stringify(option)).toBe(true);
      }
    }
  });

  it('accepts nothing that it refuses, whatever was changed after signing', async () => {
    const property = fc.asyncProperty(
      fc.nat(authenticators.length - 1),
      fc.constantFrom('authenticatorData', 'clientDataJSON', 'signature' as const),
      fc.constantFrom('flip', 'cut', 'append', 'insert' as const),
      fc.nat(),
      fc.nat(255),
      async (which, part, change, where, byte) => {
        const authenticator = authenticators[which]!;
        const good = authenticator.assert({ challenge });
        const changed = { ...good, [part]: mutate(good[part], change, where, byte) };
        expect(await ours(changed, authenticator)).not.toBe('accepted');
        // Its DER parser lets bytes follow an ECDSA signature; one signature has one encoding here.
        const lax = authenticator.algorithm === 'ES256' && part === 'signature';
        if (!lax) expect(await theirs(changed, authenticator)).toBe(false);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  // Signed as they stand, so that structure alone decides.
  const sameRefusal: Record<string, SignedAssertion> = {
    'UP clear': sign(data(0x04), utf8Encode(plain)),
    'BS without BE': sign(data(0x11), utf8Encode(plain)),
    'extra bytes': sign(data(0x05, '00'), utf8Encode(plain)),
    'bytes after the extensions': sign(data(0x85, 'a000'), utf8Encode(plain)),
    'missing extensions': sign(data(0x85), utf8Encode(plain)),
    '36 bytes': sign(data(0x05).subarray(0, 36), utf8Encode(plain)),
    'an extension twice': sign(data(0x85, 'a2616101616101'), utf8Encode(plain)),
    'a longer form of a number': sign(data(0x85, 'a161611801'), utf8Encode(plain)),
    'webauthn.create': clientData(plain.replace('webauthn.get', 'webauthn.create')),
    'another challenge': clientData(plain.replace(b64u, base64urlEncode(hash))),
    'no challenge': clientData(plain.replace('challenge', 'Challenge')),
    'no JSON': clientData(`${plain}}`),
    'BS without BE, UV set': es256.assert({ challenge, backedUp: true }),
  };
  for (const [what, assertion] of Object.entries(sameRefusal)) {
    it(`refuses alike: ${what}`, async () => {
      expect(await ours(assertion)).not.toBe('accepted');
      expect(await theirs(assertion)).toBe(false);
    });
  }

  // Stricter by design: evidence is read by many parsers for years, so there must be one way to read it.
  const stricter: Record<string, readonly [string, SignedAssertion]> = {
    // JSON.parse takes the last; others the first: two readers could see different origins.
    'type twice': ['client_data_malformed', clientData(plain.replace('{', '{"type":"webauthn.create",'))],
    'origin twice': ['client_data_malformed', clientData(plain.replace('{', '{"origin":"https://evil.example",'))],
    // §5.8.1 decodes UTF-8 and drops a BOM; RFC 8259 §8.1 forbids writing one, and no client does.
    'a byte order mark': ['client_data_malformed', clientData(`\ufeff${plain}`)],
    // Members of a type that no client writes; the library looks only whether they are truthy.
    'crossOrigin as a string': ['client_data_malformed', clientData(plain.replace('false', '"false"'))],
    'crossOrigin as null': ['client_data_malformed', clientData(plain.replace('false', 'null'))],
    'topOrigin as null': ['client_data_malformed', clientData(plain.replace('}', ',"topOrigin":null}'))],
    'a lone surrogate': ['client_data_malformed', clientData(plain.replace('}', ',"x":"\\ud800"}'))],
    // §6.1: AT belongs to registrations; the library reads a whole attested credential and ignores it.
    'attested data': [
      'attested_data_present',
      sign(data(0x45, `${'00'.repeat(16)}0001aa${Buffer.from(es256.coseKey).toString('hex')}`), utf8Encode(plain)),
    ],
    // §6.1: extensions are a map.
    'extensions that are no map': ['authenticator_data_malformed', sign(data(0x85, '80'), utf8Encode(plain))],
  };
  for (const [what, [code, assertion]] of Object.entries(stricter)) {
    it(`refuses although the library does not care: ${what}`, async () => {
      expect(await ours(assertion)).toBe(code);
      expect(await theirs(assertion)).toBe(true);
    });
  }

  // What the library refuses is judged here by the trust root: evidence of a wrong origin is evidence all the same.
  const judgedElsewhere: Record<string, SignedAssertion> = {
    'another origin': clientData(plain.replace(origin, 'https://evil.example')),
    'another RP ID': sign(concatBytes(hash, hex('0500000000')), utf8Encode(plain)),
    'another top origin': es256.assert({ challenge, crossOrigin: true, topOrigin: 'https://evil.example' }),
    'a top origin without crossOrigin': es256.assert({ challenge, topOrigin: 'https://top.example' }),
  };
  for (const [what, assertion] of Object.entries(judgedElsewhere)) {
    it(`accepts, for the trust root to judge: ${what}`, async () => {
      expect(await ours(assertion)).toBe('accepted');
      expect(await theirs(assertion)).toBe(false);
    });
  }
});

function mutate(bytes: Uint8Array, change: 'flip' | 'cut' | 'append' | 'insert', where: number, byte: number) {
  const at = where % bytes.length;
  switch (change) {
    case 'flip': {
      const changed = new Uint8Array(bytes);
      changed[at] = changed[at]! ^ (1 << (byte % 8));
      return changed;
    }
    case 'cut':
      return concatBytes(bytes.subarray(0, at), bytes.subarray(at + 1));
    case 'append':
      return concatBytes(bytes, Uint8Array.of(byte));
    case 'insert':
      return concatBytes(bytes.subarray(0, at), Uint8Array.of(byte), bytes.subarray(at));
  }
}

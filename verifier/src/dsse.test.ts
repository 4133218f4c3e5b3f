import { createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { codeOf, unwrap } from '@assent/test-support/results';
import { readSharedVectors } from '@assent/test-support/shared-vectors';
import { describe, expect, it } from 'vitest';
import { base64Decode, base64Encode } from './base64.ts';
import { concatBytes, hexDecode, utf8Decode, utf8Encode } from './bytes.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import {
  type Envelope,
  type EnvelopeSignature,
  formatEnvelope,
  MAX_SIGNATURES,
  parseEnvelope,
  preAuthEncoding,
  verifyEnvelope,
} from './dsse.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { sha256 } from './sha256.ts';
import { p256Spki, parsePublicKey } from './spki.ts';

const payloadType = 'application/example';
const payload = utf8Encode('hello world');
const pae = preAuthEncoding(payloadType, payload);
const authenticators = (['ES256', 'EdDSA', 'RS256'] as const).map((algorithm) => createAuthenticator({ algorithm }));
const [es256, edDsa, rs256] = authenticators;

type Passkey = (typeof authenticators)[number];

function passkey(authenticator: Passkey, nonceLength = 32): EnvelopeSignature {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceLength));
  const { signature, ...parts } = authenticator.assert({ challenge: concatBytes(nonce, sha256(pae)) });
  return { publicKey: unwrap(parsePublicKey(authenticator.spki)), sig: signature, webauthn: { ...parts, nonce } };
}

function key(algorithm?: 'ed25519' | 'es256', message = pae): EnvelopeSignature {
  const { publicKey, sign } = createServiceKey(algorithm);
  return { publicKey, sig: sign(message) };
}

function envelope(...signatures: readonly EnvelopeSignature[]): Envelope {
  return { payloadType, payload, signatures };
}

/** The document of one signature by a key, with members of it replaced. */
function withSignature(changes: { readonly [name: string]: Json }): JsonObject {
  const document = formatEnvelope(envelope(key())) as { signatures: readonly JsonObject[] };
  return { ...document, signatures: [{ ...document.signatures[0], ...changes } as JsonObject] };
}

describe('preAuthEncoding', () => {
  it.each([
    ['', '', 'DSSEv1 0  0 '],
    ['http://example.com/HelloWorld', 'hello world', 'DSSEv1 29 http://example.com/HelloWorld 11 hello world'],
    ['http://example.com/HelloWorld', 'ಠ', 'DSSEv1 29 http://example.com/HelloWorld 3 ಠ'],
    ['ಠ', '', 'DSSEv1 3 ಠ 0 '],
  ])('%j, %j: lengths count bytes', (type, text, expected) => {
    expect(unwrap(utf8Decode(preAuthEncoding(type, utf8Encode(text))))).toBe(expected);
  });

  it('takes payloads that are no text', () => {
    const bytes = Uint8Array.of(0, 255);
    expect(preAuthEncoding('t', bytes)).toEqual(concatBytes(utf8Encode('DSSEv1 1 t 2 '), bytes));
  });
});

describe('the vectors of DSSE', () => {
  const text = readSharedVectors('dsse/dsse-vectors.json', 4);
  it.runIf(text !== undefined)('give the same PAE, and their signature verifies', async () => {
    const vectors = JSON.parse(text ?? '');
    for (const { payloadType: type, payloadUtf8, pae: expected } of vectors.pae) {
      expect(unwrap(utf8Decode(preAuthEncoding(type, utf8Encode(payloadUtf8))))).toBe(expected);
    }
    for (const {
      payloadType: type,
      payloadUtf8,
      key: { x_dec: x, y_dec: y },
      envelope: signed,
    } of vectors.signed) {
      const point = [x, y].map((decimal) => BigInt(decimal).toString(16).padStart(64, '0')).join('');
      const publicKey = unwrap(parsePublicKey(p256Spki(concatBytes(Uint8Array.of(4), unwrap(hexDecode(point))))));
      const sig = derOf(unwrap(base64Decode(signed.signatures[0].sig)));
      const good = { payloadType: type, payload: utf8Encode(payloadUtf8), signatures: [{ publicKey, sig }] };
      expect(codeOf(await verifyEnvelope(good))).toBeUndefined();
      expect(codeOf(await verifyEnvelope({ ...good, payload: utf8Encode('hello worle') }))).toBe('signature_invalid');
    }
  });

  /** r ‖ s of the vectors as the DER that we take. */
  function derOf(p1363: Uint8Array): Uint8Array {
    const integer = (bytes: Uint8Array) => {
      const start = bytes.findIndex((byte) => byte !== 0);
      const digits = bytes[start]! >= 0x80 ? concatBytes(Uint8Array.of(0), bytes.slice(start)) : bytes.slice(start);
      return concatBytes(Uint8Array.of(2, digits.length), digits);
    };
    const body = concatBytes(integer(p1363.slice(0, 32)), integer(p1363.slice(32)));
    return concatBytes(Uint8Array.of(0x30, body.length), body);
  }
});

describe('formatEnvelope and parseEnvelope', () => {
  const signatures = [passkey(es256!), passkey(edDsa!), passkey(rs256!), key('ed25519'), key('es256')];

  it('are inverse, but that signatures come out sorted by keyid', () => {
    const parsed = unwrap(parseEnvelope(formatEnvelope(envelope(...signatures))));
    expect(parsed).toEqual(
      envelope(...signatures.toSorted((a, b) => (a.publicKey.keyid < b.publicKey.keyid ? -1 : 1))),
    );
    expect(formatEnvelope(parsed)).toEqual(formatEnvelope(envelope(...signatures)));
  });

  it('formatEnvelope throws without signatures, with too many, and with one key twice', () => {
    expect(() => formatEnvelope(envelope())).toThrow(RangeError);
    expect(() => formatEnvelope(envelope(signatures[0]!, signatures[0]!))).toThrow(RangeError);
    const many = Array.from({ length: MAX_SIGNATURES + 1 }, () => key());
    expect(() => formatEnvelope(envelope(...many))).toThrow(RangeError);
    expect(codeOf(parseEnvelope(formatEnvelope(envelope(...many.slice(1)))))).toBeUndefined();
  });

  const sorted = formatEnvelope(envelope(...signatures)) as { signatures: readonly JsonObject[] };
  const [first, second] = sorted.signatures as [JsonObject, JsonObject];
  const webauthn = formatEnvelope(envelope(signatures[0]!)) as { signatures: readonly [{ webauthn: JsonObject }] };
  const passkeyParts = webauthn.signatures[0].webauthn;

  it.each<[string, Json, string]>([
    ['that is no object', [], 'wrong_type'],
    ['without type', { payload: '', signatures: [first] }, 'missing_member'],
    ['without payload', { payloadType, signatures: [first] }, 'missing_member'],
    ['without signatures', { payloadType, payload: '' }, 'missing_member'],
    ['with an unknown member', { ...sorted, note: '' }, 'unknown_member'],
    ['whose type has a lone surrogate', { ...sorted, payloadType: '\ud800' }, 'json_lone_surrogate'],
    ['whose payload is base64url', { ...sorted, payload: '-_-_' }, 'bad_base64'],
    ['whose payload lacks padding', { ...sorted, payload: 'AA' }, 'bad_base64'],
    ['whose payload has loose bits', { ...sorted, payload: 'AB==' }, 'bad_base64'],
    ['whose signatures are an object', { ...sorted, signatures: {} }, 'wrong_type'],
    ['with no signature', { ...sorted, signatures: [] }, 'signatures_count'],
    ['with 17 signatures', { ...sorted, signatures: Array.from({ length: 17 }, () => first) }, 'signatures_count'],
    ['with signatures out of order', { ...sorted, signatures: [second, first] }, 'signatures_unsorted'],
    ['with a signature twice', { ...sorted, signatures: [first, first] }, 'signatures_unsorted'],
    ['with a keyid that is no digest', withSignature({ keyid: 'k1' }), 'bad_value'],
    ["with another key's keyid", withSignature({ keyid: `sha256:${'00'.repeat(32)}` }), 'keyid_mismatch'],
    ['with a key that is none', withSignature({ publicKey: 'AAAA' }), 'key_unsupported'],
    [
      'with a point that is not on its curve',
      withSignature({ publicKey: base64Encode(p256Spki(Uint8Array.of(4, ...new Uint8Array(64)))) }),
      'key_malformed',
    ],
    ['with an unknown member of a signature', withSignature({ cert: '' }), 'unknown_member'],
    ['with a signature that is no base64', withSignature({ sig: '!' }), 'bad_base64'],
    ['with webauthn that is null', withSignature({ webauthn: null }), 'wrong_type'],
    [
      'with webauthn without nonce',
      withSignature({ webauthn: { authenticatorData: '', clientDataJSON: '' } }),
      'missing_member',
    ],
    ['with more in webauthn', withSignature({ webauthn: { ...passkeyParts, userHandle: '' } }), 'unknown_member'],
  ])('refuse an envelope %s', (_, document, code) => {
    expect(codeOf(parseEnvelope(document))).toBe(code);
  });
});

describe('verifyEnvelope', () => {
  it('verifies keys and passkeys of every algorithm, and tells them apart', async () => {
    const signed = [key('ed25519'), key('es256'), ...authenticators.map((authenticator) => passkey(authenticator))];
    const verified = unwrap(await verifyEnvelope(envelope(...signed)));
    expect(verified.map(({ kind, publicKey }) => [kind, publicKey.algorithm])).toEqual([
      ['key', 'ed25519'],
      ['key', 'es256'],
      ['passkey', 'es256'],
      ['passkey', 'ed25519'],
      ['passkey', 'rs256'],
    ]);
    expect(verified[2]).toMatchObject({ assertion: { origin: 'https://localhost', userVerified: true } });
  });

  it.each([16, 64])('takes a nonce of %i bytes', async (length) => {
    expect(codeOf(await verifyEnvelope(envelope(passkey(es256!, length))))).toBeUndefined();
  });

  it.each([0, 15, 65])('refuses a nonce of %i bytes', async (length) => {
    expect(codeOf(await verifyEnvelope(envelope(passkey(es256!, length))))).toBe('nonce_length');
  });

  it('is invalid as a whole if one signature is', async () => {
    const other = key('ed25519', utf8Encode('something else'));
    const result = await verifyEnvelope(envelope(key(), other, passkey(es256!)));
    expect(result).toMatchObject({
      ok: false,
      code: 'signature_invalid',
      detail: expect.stringContaining('signatures[1]'),
    });
  });

  it('is invalid for another payload, and for another type', async () => {
    for (const signature of [key('ed25519'), key('es256')]) {
      expect(codeOf(await verifyEnvelope({ ...envelope(signature), payload: utf8Encode('hello w0rld') }))).toBe(
        'signature_invalid',
      );
      expect(codeOf(await verifyEnvelope({ ...envelope(signature), payloadType: 'application/example2' }))).toBe(
        'signature_invalid',
      );
    }
    expect(codeOf(await verifyEnvelope({ ...envelope(passkey(es256!)), payload: utf8Encode('x') }))).toBe(
      'challenge_mismatch',
    );
  });

  it("does not take a passkey's signature for a key's, nor the reverse", async () => {
    const { webauthn, ...bare } = passkey(edDsa!);
    expect(codeOf(await verifyEnvelope(envelope(bare)))).toBe('signature_invalid');
    expect(webauthn).toBeDefined();
    const signedPae = createServiceKey();
    const posing = { publicKey: signedPae.publicKey, sig: signedPae.sign(pae), webauthn: webauthn! };
    expect(codeOf(await verifyEnvelope(envelope(posing)))).toBe('signature_invalid');
  });

  it('refuses an RSA or ML-DSA key that is no passkey', async () => {
    for (const authenticator of [rs256!, createAuthenticator({ algorithm: 'ML-DSA-44' })]) {
      const { webauthn: _, ...bare } = passkey(authenticator);
      expect(codeOf(await verifyEnvelope(envelope(bare)))).toBe('key_unsupported');
    }
  });

  it('refuses P1363 where DER belongs', async () => {
    const { publicKey } = key('es256');
    expect(codeOf(await verifyEnvelope(envelope({ publicKey, sig: new Uint8Array(64).fill(1) })))).toBe(
      'signature_malformed',
    );
  });

  it('says unsupported where the runtime lacks an algorithm, unless another signature is bad', async () => {
    const noEd25519: Primitives = {
      ...webCryptoPrimitives,
      verifySignature: async (publicKey, ...rest) =>
        publicKey.algorithm === 'ed25519' ? 'unsupported' : webCryptoPrimitives.verifySignature(publicKey, ...rest),
    };
    const bad = key('es256', utf8Encode('something else'));
    expect(codeOf(await verifyEnvelope(envelope(key('ed25519'), key('es256')), noEd25519))).toBe('unsupported');
    expect(codeOf(await verifyEnvelope(envelope(key('ed25519'), bad), noEd25519))).toBe('signature_invalid');
  });
});

import { createHash } from 'node:crypto';
import { type AuthenticatorAlgorithm, createAuthenticator } from '@assent/test-support/authenticator';
import { mlDsaPrimitives, withoutMlDsa } from '@assent/test-support/ml-dsa';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { base64urlEncode } from './base64.ts';
import { concatBytes, hexDecode, utf8Encode } from './bytes.ts';
import { parsePublicKey } from './spki.ts';
import {
  parseAuthenticatorData,
  parseClientData,
  type UnverifiedAssertion,
  verifyAssertion as verifyWith,
} from './webauthn.ts';

const hex = (text: string): Uint8Array => unwrap(hexDecode(text));
const sha256 = (bytes: Uint8Array | string): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

const rpId = 'approvals.example.com';
const origin = 'https://approvals.example.com';
const rpIdHash = sha256(rpId);
const nonce = new Uint8Array(32).fill(7);
const hash = sha256('DSSEv1 …');
const challenge = concatBytes(nonce, hash);
const es256 = createAuthenticator({ algorithm: 'ES256', rpId, origin });
const authenticators = Object.fromEntries(
  (['ES256', 'EdDSA', 'RS256', 'ML-DSA-44'] as const).map((algorithm) => [
    algorithm,
    algorithm === 'ES256' ? es256 : createAuthenticator({ algorithm, rpId, origin }),
  ]),
);

const verifyAssertion = (unverified: UnverifiedAssertion) => verifyWith(unverified, mlDsaPrimitives);

function assertion(
  options: Partial<Parameters<typeof es256.assert>[0]> = {},
  authenticator = es256,
): UnverifiedAssertion {
  const publicKey = unwrap(parsePublicKey(authenticator.spki));
  return { publicKey, ...authenticator.assert({ challenge, ...options }), nonce, hash };
}

/** An assertion over parts that no client would make. */
function signed(authenticatorData: Uint8Array, clientDataJSON: Uint8Array): UnverifiedAssertion {
  const signature = es256.sign(authenticatorData, clientDataJSON);
  return { publicKey: unwrap(parsePublicKey(es256.spki)), authenticatorData, clientDataJSON, signature, nonce, hash };
}

const data = (flags: number, rest = '') => concatBytes(rpIdHash, Uint8Array.of(flags), hex(`00000000${rest}`));
const client = (text: string) => utf8Encode(text);
const b64u = base64urlEncode(challenge);
const plain = `{"type":"webauthn.get","challenge":"${b64u}","origin":"${origin}","crossOrigin":false}`;

describe('verifyAssertion', () => {
  for (const [algorithm, authenticator] of Object.entries(authenticators)) {
    it(`${algorithm}: says what was signed`, async () => {
      expect(unwrap(await verifyAssertion(assertion({}, authenticator)))).toEqual({
        rpIdHash,
        origin,
        crossOrigin: false,
        topOrigin: undefined,
        userPresent: true,
        userVerified: true,
        backupEligible: false,
        backedUp: false,
        signCount: 0,
      });
    });

    it(`${algorithm}: refuses any flipped bit of authenticator data, client data or signature`, async () => {
      const good = assertion({ extensions: hex('a16375766d01') }, authenticator);
      const step = algorithm === 'ES256' ? 1 : algorithm === 'ML-DSA-44' ? 53 : 7;
      for (const part of ['authenticatorData', 'clientDataJSON', 'signature'] as const) {
        for (let bit = 0; bit < 8 * good[part].length; bit += step) {
          const verified = await verifyAssertion({ ...good, [part]: flip(good[part], bit) });
          expect(verified.ok, `${part}, bit ${bit}`).toBe(false);
        }
      }
    });

    it(`${algorithm}: refuses another key of the same kind`, async () => {
      const other = createAuthenticator({ algorithm: algorithm as AuthenticatorAlgorithm, rpId, origin });
      const publicKey = unwrap(parsePublicKey(other.spki));
      const verified = await verifyAssertion({ ...assertion({}, authenticator), publicKey });
      expect(codeOf(verified)).toMatch(/^signature_(invalid|malformed)$/);
    });
  }

  it('says so where the runtime has no ML-DSA-44, and nobody brought one', async () => {
    const unverified = assertion({}, authenticators['ML-DSA-44']!);
    expect(codeOf(await verifyWith(unverified, withoutMlDsa))).toBe('unsupported');
  });

  it('refuses a key of another kind', async () => {
    const publicKey = unwrap(parsePublicKey(authenticators.EdDSA!.spki));
    expect(codeOf(await verifyAssertion({ ...assertion(), publicKey }))).toBe('signature_malformed');
  });

  it('reports what policy may refuse, and accepts it', async () => {
    const options = {
      userVerified: false,
      crossOrigin: true,
      topOrigin: 'https://evil.example',
      signCount: 4294967295,
    };
    expect(unwrap(await verifyAssertion(assertion(options)))).toMatchObject({
      userVerified: false,
      crossOrigin: true,
      topOrigin: 'https://evil.example',
      signCount: 4294967295,
    });
    const backup = unwrap(await verifyAssertion(assertion({ backupEligible: true, backedUp: true })));
    expect(backup).toMatchObject({ backupEligible: true, backedUp: true });
    expect(codeOf(await verifyAssertion(assertion({ backupEligible: true })))).toBeUndefined();
  });

  it('ignores the reserved bits', async () => {
    for (const flags of [0x03, 0x21, 0x23]) {
      expect(codeOf(await verifyAssertion(signed(data(flags), client(plain))))).toBeUndefined();
    }
  });

  it('takes client data whatever the order of its keys, with more keys, and with white space', async () => {
    const variants = [
      `{"origin":"${origin}","challenge":"${b64u}","crossOrigin":false,"type":"webauthn.get"}`,
      `{"type":"webauthn.get","challenge":"${b64u}","origin":"${origin}"}`,
      `{"type":"webauthn.get","challenge":"${b64u}","origin":"${origin}","crossOrigin":false,"other_keys_can_be_added_here":"do not compare clientDataJSON against a template. See https://goo.gl/yabPex"}`,
      `{"type":"webauthn.get","challenge":"${b64u}","origin":"${origin}","tokenBinding":{"status":"supported"},"androidPackageName":"com.example"}`,
      ` {\n "type" : "webauthn.get",\t"challenge":"${b64u}","origin":"https:\\/\\/approvals.example.com" }\r\n`,
      `{"\\u0074ype":"webauthn.get","challenge":"${b64u}","origin":"${origin}"}`,
    ];
    for (const variant of variants) {
      const verified = unwrap(await verifyAssertion(signed(data(0x05), client(variant))));
      expect(verified).toMatchObject({ origin, crossOrigin: false });
    }
  });

  it('asks for a nonce of 16 to 64 bytes', async () => {
    for (const [length, code] of [
      [0, 'nonce_length'],
      [15, 'nonce_length'],
      [16, undefined],
      [64, undefined],
      [65, 'nonce_length'],
    ] as const) {
      const own = new Uint8Array(length).fill(1);
      const unverified = { ...assertion({ challenge: concatBytes(own, hash) }), nonce: own };
      expect(codeOf(await verifyAssertion(unverified))).toBe(code);
    }
  });

  it('asks for the challenge that holds nonce and hash, no other division of it and no other encoding', async () => {
    const good = assertion();
    const mismatches = [
      { ...good, hash: sha256('something else') },
      { ...good, nonce: new Uint8Array(32).fill(8) },
      { ...good, nonce: nonce.subarray(0, 31) },
      { ...good, nonce: concatBytes(nonce, hash.subarray(0, 1)) },
      { ...assertion({ challenge: hash }), hash },
      { ...assertion({ challenge: concatBytes(hash, nonce) }) },
      { ...assertion({ challenge: new Uint8Array() }) },
    ];
    for (const mismatch of mismatches) expect(codeOf(await verifyAssertion(mismatch))).toBe('challenge_mismatch');
    const moved = { ...good, nonce: challenge.subarray(0, 40), hash: challenge.subarray(40) };
    // The same bytes divided elsewhere do fit; the hash has a fixed length, so callers can't be led there.
    expect(codeOf(await verifyAssertion(moved))).toBeUndefined();
    for (const text of [`${b64u}=`, `${b64u} `, Buffer.from(challenge).toString('base64'), `${b64u}\\n`]) {
      const wrong = signed(data(0x05), client(plain.replace(b64u, text)));
      const code = codeOf(await verifyAssertion(wrong));
      expect(code, text).toBe(text === b64u ? undefined : 'client_data_malformed');
    }
  });

  it('refuses a registration, and every other type', async () => {
    for (const type of ['webauthn.create', 'payment.get', 'Webauthn.get', 'webauthn.get ', '']) {
      const code = codeOf(await verifyAssertion(assertion({ extraClientData: { type } })));
      expect(code).toBe('client_data_type');
    }
  });

  it('refuses absence, and a backup that could not be', async () => {
    expect(codeOf(await verifyAssertion(assertion({ userPresent: false })))).toBe('user_not_present');
    expect(codeOf(await verifyAssertion(assertion({ backedUp: true })))).toBe('backup_state_invalid');
    expect(codeOf(await verifyAssertion(signed(data(0x45), client(plain))))).toBe('attested_data_present');
  });
});

describe('parseAuthenticatorData', () => {
  it('reads its worked example', () => {
    const bytes = concatBytes(sha256('example.com'), hex('0500000000'));
    expect(unwrap(parseAuthenticatorData(bytes))).toEqual({
      rpIdHash: sha256('example.com'),
      userPresent: true,
      userVerified: true,
      backupEligible: false,
      backedUp: false,
      signCount: 0,
    });
  });

  it('reads every flag and the counter, from a view', () => {
    const buffer = concatBytes(hex('ffff'), rpIdHash, hex('1d01020304'));
    expect(unwrap(parseAuthenticatorData(buffer.subarray(2)))).toEqual({
      rpIdHash,
      userPresent: true,
      userVerified: true,
      backupEligible: true,
      backedUp: true,
      signCount: 0x01020304,
    });
  });

  it('takes well-formed extensions', () => {
    for (const extensions of ['a0', 'a16375766d828301020483020404', 'a2616101616281f5', 'a26162016161a16163f6']) {
      expect(codeOf(parseAuthenticatorData(data(0x85, extensions))), extensions).toBeUndefined();
    }
  });

  const refused: Record<string, readonly [string, Uint8Array]> = {
    nothing: ['authenticator_data_malformed', new Uint8Array()],
    '36 bytes': ['authenticator_data_malformed', data(0x05).subarray(0, 36)],
    'bytes after the counter': ['authenticator_data_malformed', data(0x05, '00')],
    'extensions that were not announced': ['authenticator_data_malformed', data(0x05, 'a0')],
    'announced extensions that are not there': ['cbor_malformed', data(0x85)],
    'bytes after the extensions': ['authenticator_data_malformed', data(0x85, 'a000')],
    'two extension maps': ['authenticator_data_malformed', data(0x85, 'a0a0')],
    'extensions that are an array': ['authenticator_data_malformed', data(0x85, '80')],
    'extensions with integer names': ['authenticator_data_malformed', data(0x85, 'a10101')],
    'extensions cut short': ['cbor_malformed', data(0x85, 'a16375766d')],
    'extensions of indefinite length': ['cbor_malformed', data(0x85, 'bf616101ff')],
    'an extension twice': ['cbor_malformed', data(0x85, 'a2616101616101')],
    'a tagged extension': ['cbor_malformed', data(0x85, 'a16161c001')],
    'attested data': ['attested_data_present', data(0x45, `${'00'.repeat(18)}a0`)],
    'AT alone': ['attested_data_present', data(0x41)],
    'AT and ED': ['attested_data_present', data(0xc5, 'a0')],
    'UP clear': ['user_not_present', data(0x04)],
    'BS without BE': ['backup_state_invalid', data(0x11)],
  };
  for (const [what, [code, bytes]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parseAuthenticatorData(bytes))).toBe(code);
    });
  }

  it('gives BS and BE one wrong combination of four', () => {
    expect([0x01, 0x09, 0x19, 0x11].map((flags) => codeOf(parseAuthenticatorData(data(flags))))).toEqual([
      undefined,
      undefined,
      undefined,
      'backup_state_invalid',
    ]);
  });
});

describe('parseClientData', () => {
  it('reads challenges of 128 bytes and more', () => {
    for (const length of [0, 1, 128, 129, 1024]) {
      const long = new Uint8Array(length).fill(5);
      const { clientDataJSON } = es256.assert({ challenge: long });
      expect(unwrap(parseClientData(clientDataJSON)).challenge).toEqual(long);
    }
  });

  it('reads deep members that it does not know', () => {
    const deep = `${'['.repeat(60)}${']'.repeat(60)}`;
    expect(codeOf(parseClientData(client(plain.replace('}', `,"x":${deep}}`))))).toBeUndefined();
  });

  const with_ = (from: string, to: string) => client(plain.replace(from, to));
  const refused: Record<string, Uint8Array> = {
    nothing: new Uint8Array(),
    'a byte order mark': concatBytes(hex('efbbbf'), client(plain)),
    'bytes that are not UTF-8': concatBytes(client(plain.slice(0, -1)), hex('2c2278223a22ff227d')),
    'UTF-16': new Uint8Array(Buffer.from(plain, 'utf16le')),
    'text after the object': client(`${plain}x`),
    'two objects': client(plain + plain),
    'an array': client(`[${plain}]`),
    'a string': client('"webauthn.get"'),
    null: client('null'),
    'type twice': with_('{', '{"type":"webauthn.create",'),
    'challenge twice, once escaped': with_('{', '{"challen\\u0067e":"AA",'),
    'a key twice deep inside': with_('}', ',"x":{"y":1,"y":1}}'),
    'a lone surrogate': with_('}', ',"x":"\\ud800"}'),
    'a trailing comma': with_('}', ',}'),
    'a comment': with_('{', '/**/{'),
    'nesting without end': with_('}', `,"x":${'['.repeat(200)}${']'.repeat(200)}}`),
    '64 kB': with_('}', `,"x":"${'x'.repeat(65_536)}"}`),
    'no type': with_('"type":"webauthn.get",', ''),
    'no challenge': with_(`"challenge":"${b64u}",`, ''),
    'no origin': with_(`"origin":"${origin}",`, ''),
    'type as a number': with_('"webauthn.get"', '1'),
    'challenge as null': with_(`"${b64u}"`, 'null'),
    'origin as an array': with_(`"${origin}"`, '[]'),
    'crossOrigin as a string': with_('false', '"false"'),
    'crossOrigin as null': with_('false', 'null'),
    'topOrigin as null': with_('}', ',"topOrigin":null}'),
    'topOrigin as a number': with_('}', ',"topOrigin":1}'),
    'a challenge with padding': with_(b64u, `${b64u}=`),
    'a challenge in the other alphabet': with_(b64u, '++//'),
    'a challenge with stray bits': with_(b64u, 'AB'),
    'members in the prototype alone': client('{"__proto__":{"type":"webauthn.get"}}'),
  };
  for (const [what, bytes] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parseClientData(bytes))).toBe('client_data_malformed');
    });
  }

  it('says nothing of the contents in a failure', () => {
    const failure = parseClientData(with_('"webauthn.get"', '"secret-token"').subarray(0, 60));
    expect(JSON.stringify(failure)).not.toContain('secret');
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = new Uint8Array(bytes);
  const at = Math.floor(bit / 8);
  flipped[at] = flipped[at]! ^ (1 << (bit % 8));
  return flipped;
}

import { createECDH, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { hexDecode, hexEncode } from './bytes.ts';
import { ed25519Spki, keyidOf, mlDsa44Spki, p256Spki, parsePublicKey, rsaSpki } from './spki.ts';

const der = ({ publicKey }: { publicKey: KeyObject }): Uint8Array =>
  new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
const hex = (text: string): Uint8Array => unwrap(hexDecode(text));
const rsa = (modulusLength: number, publicExponent = 65537) =>
  der(generateKeyPairSync('rsa', { modulusLength, publicExponent }));

const ed25519 = der(generateKeyPairSync('ed25519'));
const p256 = der(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const rsa2048 = rsa(2048);
/** RFC 9881 §4: the algorithm without parameters. */
const mlDsa = hex(`30820532300b060960864801650304031103820521${'00'}${'a5'.repeat(1312)}`);

/** A TLV with the shortest DER length. */
function tlv(tag: number, ...content: string[]): string {
  const body = content.join('');
  const length = body.length / 2;
  const bytes = length.toString(16).padStart(length < 256 ? 2 : 4, '0');
  const prefix = length < 128 ? '' : length < 256 ? '81' : '82';
  return `${tag.toString(16).padStart(2, '0')}${prefix}${bytes}${body}`;
}

const RSA_OID = '06092a864886f70d010101';
const EC_OID = '06072a8648ce3d0201';
const P256_OID = '06082a8648ce3d030107';
const rsaKey = (n: string, e = '010001', algorithm = tlv(0x30, RSA_OID, '0500')) =>
  tlv(0x30, algorithm, tlv(0x03, '00', tlv(0x30, tlv(0x02, n), tlv(0x02, e))));
const ecKey = (point: string, parameters = P256_OID) =>
  tlv(0x30, tlv(0x30, EC_OID, parameters), tlv(0x03, '00', point));

const modulus = hexEncode(unwrap(parsePublicKey(rsa2048)).raw);
const point = hexEncode(unwrap(parsePublicKey(p256)).raw);

describe('parsePublicKey', () => {
  it('takes Ed25519', () => {
    const key = unwrap(parsePublicKey(ed25519));
    expect(key).toEqual({ algorithm: 'ed25519', spki: ed25519, keyid: keyidOf(ed25519), raw: ed25519.subarray(12) });
    expect(ed25519Spki(key.raw)).toEqual(ed25519);
  });

  it('takes P-256', () => {
    const key = unwrap(parsePublicKey(p256));
    expect(key).toEqual({ algorithm: 'es256', spki: p256, keyid: keyidOf(p256), raw: p256.subarray(26) });
    expect(p256Spki(key.raw)).toEqual(p256);
    expect(hexEncode(p256)).toBe(ecKey(point));
  });

  it('takes RSA of 2048 to 8192 bits, odd sizes too', () => {
    const generated = [2048, 2056, 3000].map((bits) => [bits, rsa(bits)] as const);
    // OpenSSL rounds other sizes down when it makes a key; it reads them.
    const written = ['01', '40', '7f'].map((top) => hex(rsaKey(`${top}${modulus}`)));
    for (const [bits, spki] of [...generated, [2049, written[0]!], [2055, written[1]!], [2055, written[2]!]] as const) {
      const key = unwrap(parsePublicKey(spki));
      expect(key.algorithm).toBe('rs256');
      expect(BigInt(`0x${hexEncode(key.raw)}`).toString(2).length).toBe(bits);
      expect(rsaSpki(key.raw)).toEqual(spki);
    }
    expect(codeOf(parsePublicKey(hex(rsaKey(`00${'ff'.repeat(1024)}`))))).toBeUndefined();
    expect(codeOf(parsePublicKey(hex(rsaKey(`01${'ff'.repeat(1024)}`))))).toBe('key_malformed');
  });

  it('takes ML-DSA-44', () => {
    const key = unwrap(parsePublicKey(mlDsa));
    expect(key).toEqual({ algorithm: 'ml-dsa-44', spki: mlDsa, keyid: keyidOf(mlDsa), raw: mlDsa.subarray(22) });
    expect(mlDsa44Spki(key.raw)).toEqual(mlDsa);
  });

  it('names keys by the hash of their SPKI', () => {
    // openssl pkey -pubin -outform DER | sha256sum, of RFC 8032's TEST 1 key
    const spki = ed25519Spki(hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'));
    expect(keyidOf(spki)).toBe('sha256:06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9');
  });

  it('keeps what it checked when the caller changes its buffer', () => {
    const buffer = new Uint8Array(p256);
    const key = unwrap(parsePublicKey(buffer));
    buffer.fill(0);
    expect(key.spki).toEqual(p256);
    expect(hexEncode(key.raw)).toBe(point);
  });

  it('uses the given SHA-256', () => {
    expect(unwrap(parsePublicKey(ed25519, () => new Uint8Array(32))).keyid).toBe(`sha256:${'00'.repeat(32)}`);
  });

  it('refuses each key with any byte changed that is not one of the number itself', () => {
    for (const [spki, numberStart, numberEnd] of [
      [ed25519, 12, 44],
      [p256, 91, 91], // no byte of a point can change without leaving the curve
      [rsa2048, 32, 289],
      [mlDsa, 22, 1334],
    ] as const) {
      for (let i = 0; i < spki.length; i++) {
        const changed = new Uint8Array(spki);
        changed[i] = changed[i]! ^ 0x01;
        if (i < numberStart || i >= numberEnd) expect(parsePublicKey(changed).ok, `${i} of ${spki.length}`).toBe(false);
      }
    }
  });

  it('refuses each key cut short or made longer', () => {
    for (const spki of [ed25519, p256, rsa2048, mlDsa]) {
      for (let length = 0; length < spki.length; length++) {
        expect(parsePublicKey(spki.subarray(0, length)).ok, `${length} of ${spki.length}`).toBe(false);
      }
      expect(codeOf(parsePublicKey(new Uint8Array([...spki, 0])))).toBe('key_malformed');
    }
  });

  const raw25519 = hexEncode(ed25519.subarray(12));
  const generator = createECDH('prime256v1');
  generator.generateKeys();
  const compressed = generator.getPublicKey('hex', 'compressed');
  const hybrid = generator.getPublicKey('hex', 'hybrid');
  const length3 = (spki: string): string =>
    `3082${(spki.length / 2 - 2).toString(16).padStart(4, '0')}${spki.slice(4)}`;

  const malformed: Record<string, string> = {
    'Ed25519 with NULL parameters': tlv(0x30, '300706032b65700500', tlv(0x03, '00', raw25519)),
    'Ed25519 with a long length': length3(hexEncode(ed25519)),
    'Ed25519 with unused bits': tlv(0x30, '300506032b6570', tlv(0x03, '01', raw25519)),
    'Ed25519 with 31 bytes': tlv(0x30, '300506032b6570', tlv(0x03, '00', raw25519.slice(2))),
    'Ed25519 with 33 bytes': tlv(0x30, '300506032b6570', tlv(0x03, '00', raw25519, '00')),
    'a compressed point': ecKey(compressed),
    'a hybrid point': ecKey(hybrid),
    'the point at infinity': ecKey('00'),
    'a point off the curve': ecKey(`${point.slice(0, -2)}${point.endsWith('00') ? '01' : '00'}`),
    'x = y = 0': ecKey(`04${'00'.repeat(64)}`),
    'x not below p': ecKey(`04${'ff'.repeat(32)}${point.slice(66)}`),
    // x = 5 + p is congruent to a point of the curve, yet its second encoding.
    'x + p for a point of the curve': ecKey(
      '04ffffffff00000001000000000000000000000001000000000000000000000004' +
        '459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc',
    ),
    // y = 1 + p, likewise.
    'y + p for a point of the curve': ecKey(
      '0409e78d4ef60d05f750f6636209092bc43cbdd6b47e11a9de20a9feb2a50bb96c' +
        'ffffffff00000001000000000000000000000001000000000000000000000000',
    ),
    'P-256 with a long length': length3(hexEncode(p256)),
    'P-256 with NULL after the curve': tlv(0x30, tlv(0x30, EC_OID, P256_OID, '0500'), tlv(0x03, '00', point)),
    'RSA without NULL': rsaKey(`00${modulus}`, '010001', tlv(0x30, RSA_OID)),
    'RSA with other parameters': rsaKey(`00${modulus}`, '010001', tlv(0x30, RSA_OID, '3000')),
    'RSA with e = 3': hexEncode(rsa(2048, 3)),
    'RSA with e = 65539': rsaKey(`00${modulus}`, '010003'),
    'RSA with a padded e': rsaKey(`00${modulus}`, '00010001'),
    'RSA with 1024 bits': hexEncode(rsa(1024)),
    'RSA with 2047 bits': rsaKey(`7f${modulus.slice(2)}`),
    'RSA with a modulus padded twice': rsaKey(`0000${modulus}`),
    'RSA with a padded modulus of 2049 bits': rsaKey(`0001${modulus}`),
    'RSA with a negative modulus': rsaKey(modulus),
    'RSA with a modulus of zeros': rsaKey('00'.repeat(257)),
    'RSA with an even modulus': rsaKey(`00${modulus.slice(0, -2)}00`),
    'RSA with bytes after the exponent': tlv(
      0x30,
      tlv(0x30, RSA_OID, '0500'),
      tlv(0x03, '00', tlv(0x30, tlv(0x02, '00', modulus), tlv(0x02, '010001'), '0500')),
    ),
    'RSA with bytes after the sequence': tlv(
      0x30,
      tlv(0x30, RSA_OID, '0500'),
      tlv(0x03, '00', tlv(0x30, tlv(0x02, '00', modulus), tlv(0x02, '010001')), '00'),
    ),
    'RSA with a three-byte length': `3083${(rsa2048.length - 4).toString(16).padStart(6, '0')}${hexEncode(rsa2048).slice(8)}`,
    'RSA with an indefinite length': `3080${hexEncode(rsa2048).slice(8)}0000`,
  };
  for (const [what, spki] of Object.entries(malformed)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parsePublicKey(hex(spki)))).toBe('key_malformed');
    });
  }

  it('knows that those two are second encodings of points that are on the curve', () => {
    for (const [x, y] of [
      ['5', '459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc'],
      ['09e78d4ef60d05f750f6636209092bc43cbdd6b47e11a9de20a9feb2a50bb96c', '1'],
    ] as const) {
      expect(parsePublicKey(p256Spki(hex(`04${x.padStart(64, '0')}${y.padStart(64, '0')}`))).ok).toBe(true);
    }
  });

  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
  const unsupported: Record<string, string> = {
    'P-384': hexEncode(der(generateKeyPairSync('ec', { namedCurve: 'P-384' }))),
    secp256k1: hexEncode(der(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))),
    'P-256 with explicit parameters': hexEncode(
      der(generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' })),
    ),
    Ed448: hexEncode(der(generateKeyPairSync('ed448'))),
    X25519: hexEncode(der(generateKeyPairSync('x25519'))),
    'RSA-PSS': hexEncode(der(pss)),
    nothing: '',
    'a bare key': raw25519,
    text: hexEncode(new TextEncoder().encode('-----BEGIN PUBLIC KEY-----')),
  };
  for (const [what, spki] of Object.entries(unsupported)) {
    it(`does not support ${what}`, () => {
      expect(codeOf(parsePublicKey(hex(spki)))).toBe('key_unsupported');
    });
  }

  it('accepts nothing that OpenSSL encodes otherwise', () => {
    for (const spki of [ed25519, p256, rsa2048]) {
      const again = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      expect(new Uint8Array(again.export({ type: 'spki', format: 'der' }))).toEqual(spki);
    }
  });
});

describe('the builders', () => {
  it('throw on what is not a key', () => {
    expect(() => ed25519Spki(new Uint8Array(31))).toThrow(RangeError);
    expect(() => mlDsa44Spki(new Uint8Array(1311))).toThrow(RangeError);
    expect(() => p256Spki(new Uint8Array(65))).toThrow(RangeError);
    expect(() => p256Spki(hex(compressedOf(point)))).toThrow(RangeError);
    expect(() => rsaSpki(new Uint8Array(128).fill(0xff))).toThrow(RangeError);
    expect(() => rsaSpki(new Uint8Array(257).fill(0xff, 1))).toThrow(RangeError);
    expect(() => rsaSpki(new Uint8Array(1025).fill(0xff))).toThrow(RangeError);
  });
});

function compressedOf(uncompressed: string): string {
  return `02${uncompressed.slice(2, 66)}`;
}

import { createAuthenticator } from '@assent/test-support/authenticator';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { hexDecode, hexEncode } from './bytes.ts';
import { coseKeyToSpki } from './cose-key.ts';

const hex = (text: string): Uint8Array => unwrap(hexDecode(text));
const es256 = createAuthenticator({ algorithm: 'ES256' });
const eddsa = createAuthenticator({ algorithm: 'EdDSA' });
const rs256 = createAuthenticator({ algorithm: 'RS256' });
const mlDsa = createAuthenticator({ algorithm: 'ML-DSA-44' });
const point = hexEncode(es256.spki.subarray(27));
const [x, y] = [point.slice(0, 64), point.slice(64)];
const raw = hexEncode(eddsa.spki.subarray(12));
const modulus = hexEncode(rs256.spki.subarray(33, 289));
const pub = hexEncode(mlDsa.spki.subarray(22));

describe('coseKeyToSpki', () => {
  it('gives the SPKI that node:crypto gives, and the one of RFC 9881 for ML-DSA-44', () => {
    for (const { coseKey, spki } of [es256, eddsa, rs256, mlDsa]) {
      expect(hexEncode(unwrap(coseKeyToSpki(coseKey)))).toBe(hexEncode(spki));
    }
    const large = createAuthenticator({ algorithm: 'RS256', modulusBits: 3000 });
    expect(hexEncode(unwrap(coseKeyToSpki(large.coseKey)))).toBe(hexEncode(large.spki));
  });

  it('takes the members in any order', () => {
    expect(hexEncode(unwrap(coseKeyToSpki(hex(`a5225820${y}215820${x}200103260102`))))).toBe(hexEncode(es256.spki));
  });

  const refused: Record<string, readonly [string, string]> = {
    'bytes after the key': ['key_malformed', `${hexEncode(es256.coseKey)}00`],
    'a cut key': ['cbor_malformed', hexEncode(es256.coseKey).slice(0, -2)],
    'an array': ['key_malformed', '80'],
    'an empty map': ['key_unsupported', 'a0'],
    nothing: ['cbor_malformed', ''],
    'no alg': ['key_unsupported', `a401022001215820${x}225820${y}`],
    'alg as text': ['key_unsupported', `a5010203654553323536${`2001215820${x}225820${y}`}`],
    ES384: ['key_unsupported', `a5010203382220022158${`20${x}225820${y}`}`],
    'ES256 on P-384': ['key_malformed', `a5010203262002215820${x}225820${y}`],
    'ES256 of another key type': ['key_malformed', `a5010103262001215820${x}225820${y}`],
    'ES256 with a compressed y': ['key_malformed', `a5010203262001215820${x}22f5`],
    'ES256 with a short x': ['key_malformed', `a501020326200121581f${x.slice(2)}225820${y}`],
    'ES256 off the curve': ['key_malformed', `a5010203262001215820${x}225820${x}`],
    'ES256 with another member': ['key_malformed', `a601020326200121${`5820${x}225820${y}`}0481f6`],
    'ES256 with a member twice': ['cbor_malformed', `a601020326200121${`5820${x}225820${y}`}0326`],
    'EdDSA on Ed448': ['key_malformed', `a4010103272007215820${raw}`],
    'EdDSA of small order': ['key_malformed', `a4010103272006215820${'00'.repeat(32)}`],
    'EdDSA with 33 bytes': ['key_malformed', `a4010103272006215821${raw}00`],
    'RS256 with e = 3': ['key_unsupported', `a401030339010020590100${modulus}2143000003`],
    'RS256 with a short e': ['key_malformed', `a401030339010020590100${modulus}214103`],
    'RS256 with a leading zero': ['key_unsupported', `a40103033901002059010100${modulus}2143010001`],
    'RS256 with 1024 bits': ['key_unsupported', `a401030339010020588000${modulus.slice(2, 256)}2143010001`],
    'RS256 with 2047 bits': ['key_unsupported', `a4010303390100205901007f${modulus.slice(2)}2143010001`],
    'RS256 with 8200 bits': ['key_unsupported', `a401030339010020590401${'ff'.repeat(1025)}2143010001`],
    'ML-DSA-44 as an OKP key': ['key_malformed', `a3010103382f20590520${pub}`],
    'ML-DSA-44 with a short key': ['key_malformed', `a3010703382f2059051f${pub.slice(2)}`],
    'ML-DSA-44 with a seed': ['key_malformed', `a4010703382f20590520${pub}215820${'00'.repeat(32)}`],
    'ML-DSA-65': ['key_unsupported', `a301070338302059${'07a0'}${'00'.repeat(1952)}`],
    RS1: ['key_unsupported', `a401030339fffe20590100${modulus}2143010001`],
  };
  for (const [what, [code, encoded]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(coseKeyToSpki(hex(encoded)))).toBe(code);
    });
  }
});

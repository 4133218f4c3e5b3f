import { generateKeyPairSync, sign } from 'node:crypto';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { hexDecode, hexEncode } from './bytes.ts';
import { ecdsaDerToP1363 } from './ecdsa-signature.ts';

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const R = `11${'22'.repeat(31)}`;
const S = `33${'44'.repeat(31)}`;

const parse = (hex: string) => ecdsaDerToP1363(unwrap(hexDecode(hex)));
const byte = (value: number): string => value.toString(16).padStart(2, '0');
const integer = (content: string): string => `02${byte(content.length / 2)}${content}`;
const sequence = (content: string): string => `30${byte(content.length / 2)}${content}`;

describe('ecdsaDerToP1363', () => {
  it('takes r and s apart', () => {
    expect(hexEncode(unwrap(parse(sequence(integer(R) + integer(S)))))).toBe(R + S);
  });

  it('pads short numbers to 32 bytes and drops the sign byte', () => {
    const shortAndSigned = sequence(integer('01') + integer(`00${'88'.repeat(31)}`));
    expect(hexEncode(unwrap(parse(shortAndSigned)))).toBe(`${'00'.repeat(31)}0100${'88'.repeat(31)}`);
    const largest = `${ORDER.slice(0, -2)}50`;
    expect(hexEncode(unwrap(parse(sequence(integer(`00${largest}`) + integer('7f')))))).toBe(
      `${largest}${'00'.repeat(31)}7f`,
    );
  });

  it('agrees with node:crypto on 2,000 signatures', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let i = 0; i < 2000; i++) {
      const der = sign('sha256', Buffer.of(i % 256, i >> 8), privateKey);
      const p1363 = unwrap(ecdsaDerToP1363(new Uint8Array(der)));
      expect(p1363.length).toBe(64);
      expect(hexEncode(unwrap(parse(encode(p1363))))).toBe(hexEncode(p1363));
      expect(encode(p1363)).toBe(der.toString('hex'));
    }
  });

  const good = integer(R) + integer(S);
  const refused: Record<string, string> = {
    'nothing at all': '',
    'an empty sequence': '3000',
    'r alone': sequence(integer(R)),
    'a third integer': sequence(good + integer('01')),
    'bytes after the sequence': `${sequence(good)}00`,
    'bytes after s within the sequence': sequence(`${good}0500`),
    'a sequence that says too much': `30${byte(good.length / 2 + 1)}${good}`,
    'a sequence that says too little': `30${byte(good.length / 2 - 1)}${good}`,
    'an s that says too much': sequence(`${integer(R)}020501`),
    'an s that says too little': sequence(`${integer(R)}02010102`),
    'an r that reaches over the end': '3003024001',
    'a truncated s': sequence(good).slice(0, -2),
    'another tag': `31${sequence(good).slice(2)}`,
    'r as an octet string': sequence(`04${integer(R).slice(2)}${integer(S)}`),
    'a long form of the length (BER)': `3081${byte(good.length / 2)}${good}`,
    'a long form of the length of r': sequence(`028120${R}${integer(S)}`),
    'an indefinite length': `3080${good}0000`,
    'r = 0': sequence(integer('00') + integer(S)),
    's = 0': sequence(integer(R) + integer('00')),
    'an r without content': sequence(integer('') + integer(S)),
    'an s without content': sequence(integer(R) + integer('')),
    'a negative r': sequence(integer(`81${'22'.repeat(31)}`) + integer(S)),
    'a negative s': sequence(integer(R) + integer('ff')),
    'a padded r': sequence(integer(`00${R}`) + integer(S)),
    'a padded s': sequence(integer(R) + integer('0001')),
    'an s padded twice': sequence(integer(R) + integer(`0000${'88'.repeat(32)}`)),
    'an r of 33 bytes': sequence(integer(`01${'22'.repeat(32)}`) + integer(S)),
    'an s of 33 bytes': sequence(integer(R) + integer(`7f${'22'.repeat(32)}`)),
    'r = n': sequence(integer(`00${ORDER}`) + integer(S)),
    's = n': sequence(integer(R) + integer(`00${ORDER}`)),
    's > n': sequence(integer(R) + integer(`00${'ff'.repeat(32)}`)),
    'a P1363 signature': R + S,
  };
  for (const [what, hex] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parse(hex))).toBe('signature_malformed');
    });
  }
});

function encode(p1363: Uint8Array): string {
  const parts = [p1363.subarray(0, 32), p1363.subarray(32)].map((padded) => {
    const minimal = padded.subarray(padded.findIndex((value) => value !== 0));
    return integer((minimal[0]! >= 0x80 ? '00' : '') + hexEncode(minimal));
  });
  return sequence(parts.join(''));
}

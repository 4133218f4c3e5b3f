import { hexEncode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { newMlDsaKey, parseMlDsaKey } from './ml-dsa-key.ts';

/** RFC 9881, appendix C.1.1.1: the seed 00 01 … 1f. */
const EXAMPLE = `-----BEGIN PRIVATE KEY-----
MDQCAQAwCwYJYIZIAWUDBAMRBCKAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ
GhscHR4f
-----END PRIVATE KEY-----
`;

describe('a private key of ML-DSA-44', () => {
  it('is read as RFC 9881 writes it', () => {
    const key = parseMlDsaKey(EXAMPLE);
    expect(hexEncode(key!.raw.subarray(0, 16))).toBe('d7b2b47254aae0db45e7930d4a98d2c9');
    expect(key!.raw).toHaveLength(1312);
    expect(key!.sign(new Uint8Array(3))).toHaveLength(2420);
  });

  it('is made in that form, another one each time', () => {
    const [one, two] = [newMlDsaKey(), newMlDsaKey()];
    expect(one.pem.split('\n').map((line) => line.length)).toEqual(EXAMPLE.split('\n').map((line) => line.length));
    expect(parseMlDsaKey(one.pem)?.raw).toEqual(one.raw);
    expect(two.pem).not.toBe(one.pem);
  });

  it.each([
    ['nothing', ''],
    ['no newline at the end', EXAMPLE.slice(0, -1)],
    ['something after it', `${EXAMPLE}\n`],
    ['another kind of block', EXAMPLE.replaceAll('PRIVATE', 'EC PRIVATE')],
    ['a character less', EXAMPLE.replace('Gh', 'h')],
    ['another algorithm', EXAMPLE.replace('BAMR', 'BAMS')],
    ['a longer seed', EXAMPLE.replace('GhscHR4f', 'GhscHR4fICEi')],
    ['not base64', EXAMPLE.replace('Gh', '=h')],
  ])('is refused otherwise: %s', (_, pem) => {
    expect(parseMlDsaKey(pem)).toBeUndefined();
  });
});

import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { ecdsaDerToP1363 } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { ecdsaP1363ToDer } from './ecdsa-der.ts';

/** A number of so many bytes behind zeros, from the first of them on. */
const half = (length: number, first: number) => [...new Uint8Array(32 - length), first, ...new Uint8Array(length - 1)];

describe('ecdsaP1363ToDer', () => {
  it('writes numbers of every length, positive and as short as they can be: the strict parser gives the same back', () => {
    for (let length = 1; length <= 32; length++) {
      for (const first of [0x01, 0x7f, 0x80, 0xfe]) {
        const p1363 = Uint8Array.from([...half(length, first), ...half(33 - length, 0xff - first)]);
        expect(ecdsaDerToP1363(ecdsaP1363ToDer(p1363))).toEqual({ ok: true, value: p1363 });
      }
    }
  });

  it('makes signatures that OpenSSL verifies as it made them, and not with a bit of them flipped', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let i = 0; i < 50; i++) {
      const message = createHash('sha256').update(String(i)).digest();
      const p1363 = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      expect(verify('sha256', message, publicKey, ecdsaP1363ToDer(p1363))).toBe(true);
      p1363[63]! ^= 1;
      expect(verify('sha256', message, publicKey, ecdsaP1363ToDer(p1363))).toBe(false);
    }
  });
});

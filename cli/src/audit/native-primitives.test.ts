import { createServiceKey } from '@assent/test-support/approvals';
import { hexEncode, sha256, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { DeferredVerification, nativeSha256 } from './native-primitives.ts';

const MESSAGE = new Uint8Array(40).fill(7);
const OTHER = new Uint8Array(40).fill(8);

describe('nativeSha256', () => {
  it('gives digests that stay what they are, however many come after them', () => {
    const inputs = Array.from({ length: 1_000 }, (_, i) => utf8Encode(String(i)));
    const digests = inputs.map(nativeSha256);
    expect(digests.map(hexEncode)).toEqual(inputs.map((input) => hexEncode(sha256(input))));
  });
});

describe('DeferredVerification', () => {
  const { publicKey, sign } = createServiceKey('ed25519');
  const signature = sign(MESSAGE);
  /** As many signatures, of which the one at a place is not of what it is said to be. */
  const verify = (count: number, bad?: number) => {
    const deferred = new DeferredVerification();
    for (let i = 0; i < count; i++) {
      expect(deferred.verifySignature(publicKey, signature, i === bad ? OTHER : MESSAGE)).toBe(true);
    }
    return deferred;
  };

  it('holds where every signature does', () => {
    for (const count of [0, 1, 31, 32, 33, 100]) expect(verify(count).allVerified()).toBe(true);
  });

  it('does not where one does not, wherever it is, and whatever comes after it', () => {
    for (const bad of [0, 30, 31, 32, 33, 99]) {
      const deferred = verify(100, bad);
      expect(deferred.allVerified()).toBe(false);
      deferred.verifySignature(publicKey, signature, MESSAGE);
      expect(deferred.allVerified()).toBe(false);
    }
  });
});

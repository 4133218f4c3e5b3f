import { createPublicKey, verify } from 'node:crypto';
import { ed25519Spki } from '@assent/verifier';
import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { byMixedKey, type MixedOrderSignature, withMixedR } from './mixed-order.ts';

const message = Buffer.from('exactly this');

function opensslTakes({ publicKey, signature }: MixedOrderSignature): boolean {
  const key = createPublicKey({ key: Buffer.from(ed25519Spki(publicKey)), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
}

describe('signatures with a part of small order', () => {
  it.each([
    ['by such a key, where it does not matter', byMixedKey(message, true), true],
    ['by such a key', byMixedKey(message, false), false],
    ['with such an R', withMixedR(message), false],
  ])('%s: noble multiplies by the cofactor and takes it, OpenSSL does not', (_, made, holds) => {
    expect(ed25519.verify(made.signature, message, made.publicKey, { zip215: false })).toBe(true);
    expect(opensslTakes(made)).toBe(holds);
  });
});

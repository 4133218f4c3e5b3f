/** ML-DSA-44 by @noble/post-quantum: it signs in tests, and is the implementation that runtimes without one are given. */
import { type Primitives, webCryptoPrimitives, withMlDsa44 } from '@assent/verifier';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';

export type MlDsaKey = {
  /** 1312 bytes. */
  readonly raw: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
};

/** @param seed for the same key each time: a byte that is repeated 32 times. Default: a new key. */
export function createMlDsaKey(seed?: number): MlDsaKey {
  const { publicKey, secretKey } = ml_dsa44.keygen(seed === undefined ? undefined : new Uint8Array(32).fill(seed));
  return {
    raw: new Uint8Array(publicKey),
    sign: (message) => new Uint8Array(ml_dsa44.sign(message, secretKey, { extraEntropy: false })),
  };
}

export const mlDsaPrimitives: Primitives = withMlDsa44(webCryptoPrimitives, (key, signature, message) =>
  ml_dsa44.verify(signature, message, key),
);

/** A runtime without ML-DSA-44, whichever one the tests run in. */
export const withoutMlDsa: Primitives = {
  ...webCryptoPrimitives,
  verifySignature: async (key, signature, message) =>
    key.algorithm === 'ml-dsa-44' ? 'unsupported' : webCryptoPrimitives.verifySignature(key, signature, message),
};

import { hash } from 'node:crypto';
import { type Primitives, webCryptoPrimitives, withMlDsa44 } from '@assent/verifier';

/** Hashes of OpenSSL: of a tree node in half a microsecond, where whole logs are hashed. */
const webCryptoAndNative: Primitives = { ...webCryptoPrimitives, sha256: (data) => hash('sha256', data, 'buffer') };

/** What this Node has, and ML-DSA-44 where it has none. That is loaded when it is needed, as it hardly ever is. */
export const primitives: Primitives = withMlDsa44(webCryptoAndNative, async (publicKey, signature, message) => {
  const { ml_dsa44 } = await import('@noble/post-quantum/ml-dsa.js');
  return ml_dsa44.verify(signature, message, publicKey);
});

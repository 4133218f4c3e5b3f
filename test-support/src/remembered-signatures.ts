/** Signatures verified for real, but each one once: for tests that verify a receipt a hundred thousand times. */
import { createHash } from 'node:crypto';
import { type Primitives, type VerifySignature, webCryptoPrimitives } from '@assent/verifier';

/** Most changes to a receipt leave most of its signatures as they are. */
export function rememberingPrimitives(): Primitives {
  const known = new Map<string, ReturnType<VerifySignature>>();
  return {
    sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
    verifySignature: (publicKey, signature, message) => {
      const id = `${publicKey.keyid} ${Buffer.from(signature).toString('hex')} ${createHash('sha256').update(message).digest('hex')}`;
      const verified = known.get(id) ?? webCryptoPrimitives.verifySignature(publicKey, signature, message);
      known.set(id, verified);
      return verified;
    },
  };
}

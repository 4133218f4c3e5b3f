/**
 * A root key as its holder has it: Ed25519 or ECDSA on P-256, a private key as PKCS#8 PEM. Those are the two kinds that sign without a
 * passkey's ceremony (formats.md §3), and the second is what many hardware modules and older tools have.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { parsePublicKey } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readSecret } from '../files/read-secret.ts';
import { loadSigningKey, type SigningKey } from '../signing-key.ts';

export async function loadRootKey(file: string): Promise<SigningKey> {
  const key = readPem(await readSecret(file, 'a private key'));
  const isP256 = key?.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (key === undefined || !isP256) return loadSigningKey(file);
  const publicKey = parsePublicKey(new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })));
  if (publicKey.ok) {
    return { publicKey: publicKey.value, sign: async (message) => new Uint8Array(sign('sha256', message, key)) };
  }
  throw new CommandFailure('file_malformed', `${file} is no key on P-256 that is taken: ${publicKey.detail}`);
}

/** Undefined for what is none: {@link loadSigningKey} says why. */
function readPem(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

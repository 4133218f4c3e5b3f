/**
 * A root key as its holder has it: Ed25519 or ECDSA on P-256, a private key as PKCS#8 PEM, with a passphrase or without. Those are the
 * two kinds that sign without a passkey's ceremony (formats.md §3), and the second is what many hardware modules and older tools have.
 */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { parsePublicKey } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readPrivateKey } from '../private-key-file.ts';
import type { SigningKey } from '../signing-key.ts';

/** Throws a CommandFailure that never holds any of the key. */
export async function loadRootKey(file: string, passphraseFile: string | undefined): Promise<SigningKey> {
  const key = await readPrivateKey(file, passphraseFile);
  const digest = digestOf(key, file);
  const publicKey = parsePublicKey(new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })));
  if (publicKey.ok) {
    return { publicKey: publicKey.value, sign: async (message) => new Uint8Array(sign(digest, message, key)) };
  }
  throw new CommandFailure(
    'file_malformed',
    `${file} is no key that is taken: ${publicKey.detail} (${publicKey.code})`,
  );
}

/** Of what ECDSA signs; Ed25519 hashes by itself. */
function digestOf(key: KeyObject, file: string): 'sha256' | null {
  if (key.asymmetricKeyType === 'ed25519') return null;
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'sha256';
  throw new CommandFailure('file_malformed', `${file} is a key of another kind than Ed25519 or P-256`);
}

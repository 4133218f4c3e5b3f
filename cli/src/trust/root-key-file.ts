/**
 * A root key as its holder has it: Ed25519 or ECDSA on P-256, a private key as PKCS#8 PEM, with a passphrase or without. Those are the
 * two kinds that sign without a passkey's ceremony (formats.md §3), and the second is what many hardware modules and older tools have.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { parsePublicKey } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readSecret } from '../files/read-secret.ts';
import type { SigningKey } from '../signing-key.ts';

/** Throws a CommandFailure that never holds any of the key. */
export async function loadRootKey(file: string, passphraseFile: string | undefined): Promise<SigningKey> {
  const pem = await readSecret(file, 'a private key');
  const secret = passphraseFile === undefined ? undefined : await readSecret(passphraseFile, 'a passphrase');
  const key = readPem(pem, secret?.replace(/\r?\n$/, ''), file);
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

function readPem(pem: string, passphrase: string | undefined, file: string): KeyObject {
  const encrypted = pem.includes('ENCRYPTED');
  if (encrypted && passphrase === undefined) {
    throw new CommandFailure(
      'usage',
      `${file} is under a passphrase: pass a file that holds it with --passphrase-file`,
    );
  }
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (cause) {
    const wrong = encrypted ? 'cannot be opened with that passphrase' : 'is not a private key in PEM form';
    throw new CommandFailure('file_malformed', `${file} ${wrong}`, { cause });
  }
}

/** Of what ECDSA signs; Ed25519 hashes by itself. */
function digestOf(key: KeyObject, file: string): 'sha256' | null {
  if (key.asymmetricKeyType === 'ed25519') return null;
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'sha256';
  throw new CommandFailure('file_malformed', `${file} is a key of another kind than Ed25519 or P-256`);
}

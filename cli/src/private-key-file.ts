/** A private key in a file: PKCS#8 PEM (RFC 5958, RFC 7468), under a passphrase or not. Other programs write and read the same. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { CommandFailure } from './failure.ts';
import { readSecret } from './files/read-secret.ts';

/** Throws a CommandFailure that never holds any of key or passphrase. */
export async function readPrivateKey(file: string, passphraseFile: string | undefined): Promise<KeyObject> {
  const pem = await readSecret(file, 'a private key');
  const secret = passphraseFile === undefined ? undefined : await readSecret(passphraseFile, 'a passphrase');
  return parsePrivateKey(file, pem, secret?.replace(/\r?\n$/, ''));
}

/** @param file for messages. @param pem its text. */
export function parsePrivateKey(file: string, pem: string, passphrase?: string): KeyObject {
  const isEncrypted = pem.includes('ENCRYPTED');
  if (isEncrypted && passphrase === undefined) {
    const message = `${file} is under a passphrase: pass a file that holds it with --passphrase-file`;
    throw new CommandFailure('usage', message);
  }
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (cause) {
    const wrong = isEncrypted ? 'cannot be opened with that passphrase' : 'is not a private key in PEM form';
    throw new CommandFailure('file_malformed', `${file} ${wrong}`, { cause });
  }
}

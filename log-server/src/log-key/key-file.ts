import { createPrivateKey, type KeyObject } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isKeyEnvelope, openLogKey } from './key-envelope.ts';
import { LogKeyRefused } from './log-key-refused.ts';
import type { LogKeySecret } from './log-key-secret.ts';

export type KeyFileText = { readonly text: string; readonly stats: Stats };

/**
 * What the file holds, read only if no other user can have written or copied it; undefined if there is none.
 *
 * @throws {LogKeyRefused} for anything but a file with mode 0600 or stricter
 * @throws the file system's error
 */
export async function readKeyFile(file: string): Promise<KeyFileText | undefined> {
  let handle: FileHandle;
  try {
    // Not blocking: a pipe in the file's place would hold up the start for ever.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new LogKeyRefused(`The log key ${file} is not a file.`);
    if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
      throw new LogKeyRefused(
        `The log key ${file} is open to other users (mode ${(stats.mode & 0o777).toString(8).padStart(4, '0')}). If nobody else can have copied it, run: chmod 600 ${file}`,
      );
    }
    return { text: await handle.readFile('utf8'), stats };
  } finally {
    await handle.close();
  }
}

/** The private key that a key file's text holds, in the open or encrypted. @throws {LogKeyRefused} */
export async function parseLogKey(
  text: string,
  secret: LogKeySecret | undefined,
  file: string,
): Promise<{ privateKey: KeyObject; encrypted: boolean }> {
  if (isKeyEnvelope(text)) return { privateKey: await openLogKey(text, secret, file), encrypted: true };
  return { privateKey: parsePem(text, file), encrypted: false };
}

function parsePem(pem: string, file: string): KeyObject {
  if (pem.includes('ENCRYPTED PRIVATE KEY')) {
    throw new LogKeyRefused(
      `The log key ${file} is encrypted as PKCS#8, which the log does not read. Decrypt it with "openssl pkey", then run "assent-log log-key encrypt".`,
    );
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    // OpenSSL's own message is of no use to anyone, and an error of ours must not carry the file's text along.
    throw new LogKeyRefused(`The log key ${file} is not a private key in PKCS#8 PEM. Restore it from a backup.`);
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new LogKeyRefused(`The log key ${file} is of type ${key.asymmetricKeyType}; the log signs with Ed25519.`);
  }
  return key;
}

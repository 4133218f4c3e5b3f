import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createFileOnce } from './data-folder.ts';

/** Whatever holds the log's private key; today a file, with room for a KMS or an HSM. */
export interface Signer {
  /** The raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns the Ed25519 signature (RFC 8032), 64 bytes */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface LogKey extends Signer {
  readonly file: string;
  /** Whether it was made now. */
  readonly created: boolean;
  /** Whether the file is protected by a passphrase. */
  readonly encrypted: boolean;
}

/** The key file must not be used as it is. The message says what to do, and never holds any of it. */
export class LogKeyRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogKeyRefused';
  }
}

/**
 * The log's key from a PKCS#8 PEM file (RFC 8410), made with mode 0600 if there is none. Processes that start together
 * end up with the same key.
 *
 * @throws {LogKeyRefused} if others may read the file, or if it holds anything but an Ed25519 private key
 * @throws the file system's error
 */
export async function loadOrCreateLogKey(file: string): Promise<LogKey> {
  const existing = await load(file);
  if (existing !== undefined) return toLogKey(existing, file, false);
  const { privateKey } = generateKeyPairSync('ed25519');
  const created = await createFileOnce(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  // Not the key that was just generated, even if it won: what signs is what is on the disk.
  const stored = await load(file);
  if (stored === undefined) throw new LogKeyRefused(`The log key ${file} was removed while it was being made.`);
  return toLogKey(stored, file, created);
}

async function load(file: string): Promise<KeyObject | undefined> {
  let pem: string;
  try {
    const handle = await open(file, 'r');
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new LogKeyRefused(`The log key ${file} is not a file.`);
      if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
        throw new LogKeyRefused(
          `The log key ${file} is open to other users (mode ${(stats.mode & 0o777).toString(8).padStart(4, '0')}). If nobody else can have copied it, run: chmod 600 ${file}`,
        );
      }
      pem = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return parse(pem, file);
}

function parse(pem: string, file: string): KeyObject {
  if (pem.includes('ENCRYPTED PRIVATE KEY')) {
    throw new LogKeyRefused(`The log key ${file} is encrypted, which this version of Assent cannot read yet.`);
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

function toLogKey(privateKey: KeyObject, file: string, created: boolean): LogKey {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    publicKey: new Uint8Array(Buffer.from(x ?? '', 'base64url')),
    // Native and 0.02 ms: a trip through the thread pool would cost more than it frees.
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
    file,
    created,
    encrypted: false,
  };
}

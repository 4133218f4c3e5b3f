import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createFileOnce } from './data-folder.ts';
import { rawPublicKey } from './log-key/ed25519-seed.ts';
import { type ScryptCost, sealLogKey } from './log-key/key-envelope.ts';
import { parseLogKey, readKeyFile } from './log-key/key-file.ts';
import { LogKeyRefused } from './log-key/log-key-refused.ts';
import type { LogKeySecret } from './log-key/log-key-secret.ts';

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
  /** Whether the file is encrypted. */
  readonly encrypted: boolean;
}

export type LogKeyOptions = {
  /** What opens an encrypted file, and encrypts a new one. */
  readonly secret?: LogKeySecret | undefined;
  /** Refuse a key that lies in the open, as in production. */
  readonly requireEncrypted?: boolean;
  /** Of a file that is made now. */
  readonly cost?: ScryptCost;
};

/**
 * The log's key from its file: encrypted (`log-key/key-envelope.ts`), or PKCS#8 PEM in the open (RFC 8410). Made with
 * mode 0600 if there is none, encrypted if there is a secret. Processes that start together end up with the same key.
 *
 * @throws {LogKeyRefused} if others may read the file, if it can't be opened with the secret, or if it holds anything but
 *   an Ed25519 private key
 * @throws the file system's error
 */
export async function loadOrCreateLogKey(file: string, options: LogKeyOptions = {}): Promise<LogKey> {
  const existing = await loadLogKey(file, options);
  if (existing !== undefined) return existing;
  const { secret, requireEncrypted, cost } = options;
  if (requireEncrypted === true && secret === undefined) throw unencrypted(file);
  const { privateKey } = generateKeyPairSync('ed25519');
  const created = await createFileOnce(
    file,
    secret === undefined
      ? privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      : await sealLogKey(privateKey, secret, cost),
  );
  // Not the key that was just generated, even if it won: what signs is what is on the disk.
  const stored = await loadLogKey(file, options);
  if (stored === undefined) throw new LogKeyRefused(`The log key ${file} was removed while it was being made.`);
  return { ...stored, created };
}

/** The same, or undefined if there is no such file. */
export async function loadLogKey(file: string, options: LogKeyOptions = {}): Promise<LogKey | undefined> {
  const found = await readKeyFile(file);
  if (found === undefined) return undefined;
  const { privateKey, encrypted } = await parseLogKey(found.text, options.secret, file);
  if (options.requireEncrypted === true && !encrypted) throw unencrypted(file);
  return toLogKey(privateKey, file, encrypted);
}

function unencrypted(file: string): LogKeyRefused {
  return new LogKeyRefused(
    `NODE_ENV=production needs a log key that is encrypted, and ${file} is not. Set ASSENT_LOG_KEY_PASSPHRASE_FILE and run "assent-log log-key encrypt".`,
  );
}

function toLogKey(privateKey: KeyObject, file: string, encrypted: boolean): LogKey {
  return {
    publicKey: rawPublicKey(privateKey),
    // Native and 0.02 ms: a trip through the thread pool would cost more than it frees.
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
    file,
    created: false,
    encrypted,
  };
}

export { LogKeyRefused } from './log-key/log-key-refused.ts';

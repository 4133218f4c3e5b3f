/**
 * A service's signing key: Ed25519 (RFC 8032) as PKCS#8 PEM (RFC 8410 §7), as `openssl genpkey -algorithm ed25519` writes it
 * too. noble makes keys and signs; what it signs is verified natively before it leaves the machine (`append`).
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { concatBytes, ed25519Spki, equalBytes, type PublicKey, parsePublicKey } from '@assent/verifier';
import { getPublicKeyAsync, signAsync, utils } from '@noble/ed25519';
import { CommandFailure } from './failure.ts';
import { fileFailure } from './files/file-failure.ts';
import { refuseDash } from './files/output-file.ts';
import { syncFolder } from './files/sync-folder.ts';
import { readPrivateKey } from './private-key-file.ts';

/** PrivateKeyInfo up to the 32 bytes of the secret key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export type SigningKey = { readonly publicKey: PublicKey; sign(message: Uint8Array): Promise<Uint8Array> };

/** `secret`: 32 bytes (RFC 8032 §5.1.5). */
export type PrivateKey = { readonly publicKey: PublicKey; readonly secret: Uint8Array; readonly native: KeyObject };

/** Writes a new key to `file`, readable by its owner alone, and never over anything that is there. */
export async function createSigningKey(file: string): Promise<PublicKey> {
  const { publicKey, pem } = await newSigningKey();
  await writeNewSecret(file, pem);
  return publicKey;
}

export async function newSigningKey(): Promise<{ readonly publicKey: PublicKey; readonly pem: string }> {
  const secret = utils.randomSecretKey();
  const publicKey = await publicKeyOf(secret);
  const der = Buffer.from(concatBytes(PKCS8_PREFIX, secret));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { publicKey, pem: String(key.export({ format: 'pem', type: 'pkcs8' })) };
}

export async function loadSigningKey(file: string, passphraseFile?: string): Promise<SigningKey> {
  const { publicKey, secret } = await ed25519KeyOf(file, await readPrivateKey(file, passphraseFile));
  return { publicKey, sign: (message) => signAsync(message, secret) };
}

/** @param file for messages. */
export async function ed25519KeyOf(file: string, native: KeyObject): Promise<PrivateKey> {
  const { d, x } = native.asymmetricKeyType === 'ed25519' ? native.export({ format: 'jwk' }) : {};
  if (d === undefined || x === undefined) {
    throw new CommandFailure(
      'file_malformed',
      `${file} is a key of another kind than Ed25519: make one with "assent keygen"`,
    );
  }
  const secret = new Uint8Array(Buffer.from(d, 'base64url'));
  const publicKey = await publicKeyOf(secret);
  // Signing with a public key that does not belong to the secret one gives the secret one away.
  if (!equalBytes(publicKey.raw, Buffer.from(x, 'base64url'))) {
    throw new CommandFailure('file_malformed', `${file} is damaged: its public key does not belong to its private one`);
  }
  return { publicKey, secret, native };
}

async function publicKeyOf(secret: Uint8Array): Promise<PublicKey> {
  const publicKey = parsePublicKey(ed25519Spki(await getPublicKeyAsync(secret)));
  if (!publicKey.ok) throw new Error(`a key of our own making was refused: ${publicKey.detail}`);
  return publicKey.value;
}

/** Makes a file that its owner alone can read. Throws CommandFailure `file_exists` rather than replace one. */
export async function writeNewSecret(file: string, text: string): Promise<void> {
  refuseDash(file);
  try {
    // "wx" also refuses a symbolic link that leads nowhere yet.
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    // A key whose name is lost in a crash is lost, after it may have been enrolled.
    await syncFolder(path.dirname(file));
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (taken)
      throw new CommandFailure(
        'file_exists',
        `${file} exists already, and a key is never overwritten: choose another name with -o`,
      );
    throw fileFailure('file_unwritable', 'write', file, error);
  }
}

/**
 * The log key encrypted at rest: AES-256-GCM (NIST SP 800-38D) under a key from scrypt (RFC 7914) of a passphrase, or
 * under a 32-byte key as it is.
 *
 *     { "type": "assent/log-key/v1",
 *       "public_key": "<b64, 32 bytes>",
 *       "kdf": { "name": "scrypt", "n": 131072, "r": 8, "p": 1, "salt": "<b64, 16 bytes>" },   or { "name": "none" }
 *       "cipher": "aes-256-gcm",
 *       "nonce": "<b64, 12 bytes>",
 *       "ciphertext": "<b64: the Ed25519 seed encrypted, 32 bytes, and the tag, 16 bytes>" }
 *
 * Everything but the ciphertext, as RFC 8785 bytes, is the additional data: a changed public key or parameter does not
 * decrypt. Why not PKCS#8's own encryption (PBES2, RFC 8018): OpenSSL writes it with CBC alone, which authenticates
 * nothing, and whoever may write the file could lower its scrypt parameters or damage the key unnoticed.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { base64Decode, base64Encode, canonicalBytes, equalBytes, parseJson } from '@assent/verifier';
import { z } from 'zod';
import { exportSeed, importSeed, rawPublicKey } from './ed25519-seed.ts';
import { LogKeyRefused } from './log-key-refused.ts';
import type { LogKeySecret } from './log-key-secret.ts';

export type ScryptCost = { readonly n: number; readonly r: number; readonly p: number };

/** 128 MiB and about half a second, once at start. */
export const SCRYPT_COST: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };

/**
 * What a file may ask for. Less would be a downgrade by whoever wrote the file, and more could take all memory: 128 · n · r
 * bytes, here at most 256 MiB.
 */
const LEAST_N = 2 ** 15;
const MOST_N = 2 ** 18;
const R = 8;
const MOST_P = 4;

const MAX_FILE_CHARS = 4_096;
const TAG_BYTES = 16;

const fileFormat = z.strictObject({
  type: z.literal('assent/log-key/v1'),
  public_key: bytes(32),
  kdf: z.discriminatedUnion('name', [
    z.strictObject({
      name: z.literal('scrypt'),
      n: z
        .int()
        .min(LEAST_N)
        .max(MOST_N)
        .refine((n) => Number.isInteger(Math.log2(n))),
      r: z.literal(R),
      p: z.int().min(1).max(MOST_P),
      salt: bytes(16),
    }),
    z.strictObject({ name: z.literal('none') }),
  ]),
  cipher: z.literal('aes-256-gcm'),
  nonce: bytes(12),
  ciphertext: bytes(32 + TAG_BYTES),
});

type KeyFile = z.output<typeof fileFormat>;
type Header = Omit<KeyFile, 'ciphertext'>;

/** How a key file is protected, as far as it can be told without the secret. The public key is the file's word. */
export type KeyFileFacts = { readonly publicKey: Uint8Array; readonly protection: 'passphrase' | 'key' };

/** Whether a key file's text is meant to be this format; PEM begins otherwise. */
export function isKeyEnvelope(text: string): boolean {
  return text.trimStart().startsWith('{');
}

/** The text of a file that holds the key encrypted under the secret, for its owner alone to read. */
export async function sealLogKey(
  privateKey: KeyObject,
  secret: LogKeySecret,
  cost: ScryptCost = SCRYPT_COST,
): Promise<string> {
  const header: Header = {
    type: 'assent/log-key/v1',
    public_key: base64Encode(rawPublicKey(privateKey)),
    kdf:
      secret.kind === 'key'
        ? { name: 'none' }
        : { name: 'scrypt', n: cost.n, r: R, p: cost.p, salt: base64Encode(randomBytes(16)) },
    cipher: 'aes-256-gcm',
    nonce: base64Encode(randomBytes(12)),
  };
  const seed = exportSeed(privateKey);
  const key = await deriveKey(header.kdf, secret);
  try {
    const cipher = createCipheriv('aes-256-gcm', key, decode(header.nonce), { authTagLength: TAG_BYTES });
    cipher.setAAD(canonicalBytes(header));
    const ciphertext = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()]);
    return `${JSON.stringify({ ...header, ciphertext: base64Encode(ciphertext) }, null, 2)}\n`;
  } finally {
    seed.fill(0);
    key.fill(0);
  }
}

/**
 * @param file for messages
 * @throws {LogKeyRefused} One message for a wrong secret and for a changed file: GCM can't tell them apart either.
 */
export async function openLogKey(text: string, secret: LogKeySecret | undefined, file: string): Promise<KeyObject> {
  const { ciphertext, ...header } = parseKeyFile(text, file);
  const needed = header.kdf.name === 'none' ? 'key' : 'passphrase';
  if (secret?.kind !== needed) {
    const setting = needed === 'key' ? 'ASSENT_LOG_KEY_ENCRYPTION_KEY' : 'ASSENT_LOG_KEY_PASSPHRASE';
    const what = needed === 'key' ? 'with a key' : 'with a passphrase';
    throw new LogKeyRefused(`The log key ${file} is encrypted ${what}: set ${setting} or ${setting}_FILE.`);
  }
  const key = await deriveKey(header.kdf, secret);
  const privateKey = decrypt(header, decode(ciphertext), key);
  if (privateKey !== undefined) return privateKey;
  throw new LogKeyRefused(
    `The log key ${file} cannot be decrypted: the ${needed === 'key' ? 'encryption key' : 'passphrase'} is not the one that it was encrypted with, or the file was changed.`,
  );
}

/** Zeroes `key`. */
function decrypt(header: Header, sealed: Uint8Array, key: Buffer): KeyObject | undefined {
  let seed: Buffer | undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, decode(header.nonce), { authTagLength: TAG_BYTES });
    decipher.setAAD(canonicalBytes(header));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    seed = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    const privateKey = importSeed(seed);
    return equalBytes(rawPublicKey(privateKey), decode(header.public_key)) ? privateKey : undefined;
  } catch {
    // Node says no more than "unable to authenticate data".
    return undefined;
  } finally {
    key.fill(0);
    seed?.fill(0);
  }
}

/** What a file says of itself. @throws {LogKeyRefused} for a file that is not of this format. */
export function describeKeyFile(text: string, file: string): KeyFileFacts {
  const { public_key, kdf } = parseKeyFile(text, file);
  return { publicKey: decode(public_key), protection: kdf.name === 'none' ? 'key' : 'passphrase' };
}

function parseKeyFile(text: string, file: string): KeyFile {
  if (text.length > MAX_FILE_CHARS) throw new LogKeyRefused(`The log key ${file} is too large for a key file.`);
  const json = parseJson(text);
  if (!json.ok) throw new LogKeyRefused(`The log key ${file} is not strict JSON. Restore it from a backup.`);
  const parsed = fileFormat.safeParse(json.value);
  if (parsed.success) return parsed.data;
  // Where, never what: the value that is wrong could be a secret that was pasted into the wrong place.
  const where = parsed.error.issues[0]?.path.join('.') || 'its members';
  throw new LogKeyRefused(
    `The log key ${file} is not a key file of this version of Assent (assent/log-key/v1): ${where} is not as it must be. Restore it from a backup.`,
  );
}

/** 32 bytes, a copy that the caller zeroes. */
async function deriveKey(kdf: Header['kdf'], secret: LogKeySecret): Promise<Buffer> {
  if (kdf.name === 'none') return Buffer.from(secret.kind === 'key' ? secret.key : []);
  const { n, r, p } = kdf;
  const passphrase = Buffer.from(secret.kind === 'passphrase' ? secret.passphrase : '', 'utf8');
  try {
    return await scryptAsync(passphrase, decode(kdf.salt), 32, { N: n, r, p, maxmem: 128 * r * (n + p) + 2 ** 20 });
  } finally {
    passphrase.fill(0);
  }
}

const scryptAsync = promisify<Buffer, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);

function bytes(length: number) {
  return z.string().refine((text) => {
    const decoded = base64Decode(text);
    return decoded.ok && decoded.value.length === length;
  });
}

function decode(text: string): Uint8Array {
  const decoded = base64Decode(text);
  if (!decoded.ok) throw new TypeError('text: not base64, though it was checked');
  return decoded.value;
}

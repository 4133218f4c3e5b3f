import { readFileSync } from 'node:fs';
import { formatVkey, hexEncode } from '@assent/verifier';
import { ConfigError } from '../config/config-error.ts';
import { type Config, type Flags, loadConfig } from '../config/load-config.ts';
import * as values from '../config/values.ts';
import { rawPublicKey } from '../log-key/ed25519-seed.ts';
import { describeKeyFile, isKeyEnvelope, openLogKey, sealLogKey } from '../log-key/key-envelope.ts';
import { type KeyFileText, parseLogKey, readKeyFile } from '../log-key/key-file.ts';
import type { LogKeySecret } from '../log-key/log-key-secret.ts';
import { replaceKeyFile } from '../log-key/replace-key-file.ts';
import { nativeSha256 } from '../native-primitives.ts';
import { CommandFailed } from './keys.ts';

/** `assent-log log-key show`: the public half, and how the file is protected. An encrypted file needs no secret for it. */
export async function showLogKey(json: boolean, flags: Flags): Promise<void> {
  const { logKeyFile: file, origin } = loadConfig(flags, process.env);
  const { text } = await read(file);
  const { publicKey, protection } = isKeyEnvelope(text)
    ? describeKeyFile(text, file)
    : { publicKey: rawPublicKey((await parseLogKey(text, undefined, file)).privateKey), protection: 'none' as const };
  const vkey = formatVkey(origin, publicKey, nativeSha256);
  process.stdout.write(
    json
      ? `${JSON.stringify({ type: 'assent/log-key-facts/v1', file, protection, public_key: hexEncode(publicKey), vkey })}\n`
      : `${[`file         ${file}`, `encrypted    ${WORDS[protection]}`, `vkey         ${vkey}`].join('\n')}\n`,
  );
}

const WORDS = { none: 'no', passphrase: 'with a passphrase', key: 'with a key' } as const;

/** `assent-log log-key encrypt`: in place, with the secret that is configured. */
export async function encryptLogKey(flags: Flags): Promise<void> {
  const { logKeyFile: file, logKeySecret: secret } = loadConfig(flags, process.env);
  const { text } = await read(file);
  if (isKeyEnvelope(text)) {
    throw new CommandFailed(`${file} is encrypted already. "assent-log log-key passwd" changes the passphrase.`);
  }
  if (secret === undefined) {
    throw new ConfigError(
      'There is nothing to encrypt with: set ASSENT_LOG_KEY_PASSPHRASE_FILE (or ASSENT_LOG_KEY_ENCRYPTION_KEY_FILE).',
    );
  }
  await reseal(file, text, undefined, secret);
}

export type NewSecretFiles = {
  readonly newPassphraseFile?: string | undefined;
  readonly newEncryptionKeyFile?: string | undefined;
};

/** `assent-log log-key passwd`: in place, from the configured secret to a new one. The key itself stays. */
export async function changePassphrase(files: NewSecretFiles, flags: Flags): Promise<void> {
  const { logKeyFile: file, logKeySecret: secret }: Config = loadConfig(flags, process.env);
  const next = readNewSecret(files);
  const { text } = await read(file);
  if (!isKeyEnvelope(text)) {
    throw new CommandFailed(`${file} is not encrypted yet: "assent-log log-key encrypt" does that.`);
  }
  await reseal(file, text, secret, next);
}

async function read(file: string): Promise<KeyFileText> {
  const found = await readKeyFile(file);
  if (found === undefined) throw new CommandFailed(`There is no log key ${file}.`);
  return found;
}

async function reseal(file: string, text: string, from: LogKeySecret | undefined, to: LogKeySecret): Promise<void> {
  const { privateKey } = await parseLogKey(text, from, file);
  const { overwritten } = await replaceKeyFile(file, await sealLogKey(privateKey, to), async (written) => {
    // A key that can't be read back would be the end of the log.
    await openLogKey(written, to, file);
  });
  const old = overwritten
    ? 'The old content was overwritten; copies in backups, snapshots or the spare cells of an SSD may remain.'
    : 'The old content has another name (a hard link) and is still there.';
  process.stderr.write(`${file} is now encrypted ${WORDS[to.kind]}. ${old}\n`);
}

function readNewSecret({ newPassphraseFile, newEncryptionKeyFile }: NewSecretFiles): LogKeySecret {
  if ((newPassphraseFile === undefined) === (newEncryptionKeyFile === undefined)) {
    throw new ConfigError('Give one of --new-passphrase-file and --new-encryption-key-file.');
  }
  if (newPassphraseFile !== undefined) {
    const passphrase = values.passphrase.safeParse(readSecretFile(newPassphraseFile, '--new-passphrase-file'));
    if (passphrase.success) return { kind: 'passphrase', passphrase: passphrase.data };
    throw new ConfigError(`What --new-passphrase-file holds must be ${passphrase.error.issues[0]?.message}.`);
  }
  const key = values.encryptionKey.safeParse(readSecretFile(newEncryptionKeyFile ?? '', '--new-encryption-key-file'));
  if (key.success) return { kind: 'key', key: key.data };
  throw new ConfigError(`What --new-encryption-key-file holds must be ${key.error.issues[0]?.message}.`);
}

function readSecretFile(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError(`${flag}: ${file} cannot be read (${code}).`);
  }
}

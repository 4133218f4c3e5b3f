import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportSeed, rawPublicKey } from './ed25519-seed.ts';
import { describeKeyFile, isKeyEnvelope, openLogKey, SCRYPT_COST, sealLogKey } from './key-envelope.ts';
import { LogKeyRefused } from './log-key-refused.ts';
import type { LogKeySecret } from './log-key-secret.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const PASSPHRASE: LogKeySecret = { kind: 'passphrase', passphrase: 'correct horse battery staple ü' };
const RAW: LogKeySecret = { kind: 'key', key: new Uint8Array(32).fill(7) };
/** The least that a file may have, for speed. */
const cost = { n: 2 ** 15, r: 8, p: 1 };

type Json = Record<string, unknown> & { kdf: Record<string, unknown> };
let text: string;
let rawText: string;
beforeAll(async () => {
  text = await sealLogKey(privateKey, PASSPHRASE, cost);
  rawText = await sealLogKey(privateKey, RAW);
});

function change(of: string, edit: (json: Json) => void): string {
  const json: Json = JSON.parse(of);
  edit(json);
  return JSON.stringify(json);
}

function refusal(of: string, secret: LogKeySecret | undefined = PASSPHRASE): Promise<unknown> {
  return openLogKey(of, secret, 'the-file').then(
    () => 'opened',
    (error: unknown) => error,
  );
}

describe('an encrypted key file', () => {
  it.each([
    ['a passphrase', () => text, PASSPHRASE],
    ['a key', () => rawText, RAW],
  ])('opens with %s to the key that was sealed', async (_, sealed, secret) => {
    expect(isKeyEnvelope(sealed())).toBe(true);
    expect(exportSeed(await openLogKey(sealed(), secret, 'f'))).toEqual(exportSeed(privateKey));
  });

  it('says its public key and protection without the secret, and nothing of the private key', () => {
    expect(describeKeyFile(text, 'f')).toEqual({ publicKey: rawPublicKey(privateKey), protection: 'passphrase' });
    expect(describeKeyFile(rawText, 'f').protection).toBe('key');
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(text).not.toContain(exportSeed(privateKey).toString(encoding).slice(0, 40));
    }
  });

  it('never repeats salt or nonce', async () => {
    const again = JSON.parse(await sealLogKey(privateKey, PASSPHRASE, cost));
    const first = JSON.parse(text);
    expect(again.nonce).not.toBe(first.nonce);
    expect(again.kdf.salt).not.toBe(first.kdf.salt);
  });

  it('asks for scrypt with 128 MiB', () => {
    expect(128 * SCRYPT_COST.n * SCRYPT_COST.r).toBe(128 * 1024 * 1024);
  });

  it.each<[string, LogKeySecret | undefined, string]>([
    ['another passphrase', { kind: 'passphrase', passphrase: 'correct horse battery stable ü' }, 'cannot be decrypted'],
    ['no secret', undefined, 'set ASSENT_LOG_KEY_PASSPHRASE or ASSENT_LOG_KEY_PASSPHRASE_FILE'],
    ['a key in place of a passphrase', RAW, 'encrypted with a passphrase'],
  ])('does not open with %s', async (_, secret, message) => {
    const error =
      secret === undefined ? await openLogKey(text, undefined, 'f').catch((e) => e) : await refusal(text, secret);
    expect(error).toBeInstanceOf(LogKeyRefused);
    expect(String(error)).toContain(message);
  });

  it('does not open with another key, nor with a passphrase in place of a key', async () => {
    expect(String(await refusal(rawText, { kind: 'key', key: new Uint8Array(32).fill(8) }))).toContain(
      'the encryption key is not the one that it was encrypted with, or the file was changed',
    );
    expect(String(await refusal(rawText, PASSPHRASE))).toContain('set ASSENT_LOG_KEY_ENCRYPTION_KEY');
  });

  it('does not open when any one byte of any binary member was changed', async () => {
    // Under the raw key, so that a hundred tries cost nothing.
    for (const member of ['public_key', 'nonce', 'ciphertext'] as const) {
      const bytes = Buffer.from(JSON.parse(rawText)[member], 'base64');
      for (let at = 0; at < bytes.length; at++) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 0x01;
        const error = await refusal(
          change(rawText, (json) => {
            json[member] = changed.toString('base64');
          }),
          RAW,
        );
        expect(String(error), `${member} byte ${at}`).toContain('cannot be decrypted');
      }
    }
  });

  it('does not open when any byte of the salt was changed', async () => {
    const salt = Buffer.from(JSON.parse(text).kdf.salt, 'base64');
    for (let at = 0; at < salt.length; at++) {
      const changed = Buffer.from(salt);
      changed[at]! ^= 0x80;
      const tampered = change(text, (json) => {
        json.kdf.salt = changed.toString('base64');
      });
      expect(String(await refusal(tampered)), `byte ${at}`).toContain('cannot be decrypted');
    }
  });

  it('does not open when a permitted parameter was changed', async () => {
    const dearer = change(text, (json) => {
      json.kdf.n = 2 ** 16;
    });
    expect(String(await refusal(dearer))).toContain('cannot be decrypted');
  });

  it.each<[string, (json: Json) => void]>([
    ['scrypt that is too cheap', (json) => Object.assign(json.kdf, { n: 2 ** 14 })],
    ['scrypt that takes all memory', (json) => Object.assign(json.kdf, { n: 2 ** 19 })],
    ['scrypt with an n that is no power of two', (json) => Object.assign(json.kdf, { n: 2 ** 15 + 2 })],
    ['scrypt with a small r', (json) => Object.assign(json.kdf, { r: 1 })],
    ['scrypt with a large r', (json) => Object.assign(json.kdf, { r: 1024 })],
    ['scrypt with a large p', (json) => Object.assign(json.kdf, { p: 5 })],
    ['scrypt without p', (json) => delete json.kdf.p],
    ['scrypt with a short salt', (json) => Object.assign(json.kdf, { salt: 'AAAAAAAAAAAAAAAAAAAA' })],
    ['another derivation', (json) => Object.assign(json.kdf, { name: 'pbkdf2' })],
    ['another cipher', (json) => Object.assign(json, { cipher: 'aes-256-ctr' })],
    ['another version', (json) => Object.assign(json, { type: 'assent/log-key/v2' })],
    ['an unknown member', (json) => Object.assign(json, { comment: 'x' })],
    ['a missing nonce', (json) => delete json.nonce],
    ['a short nonce', (json) => Object.assign(json, { nonce: 'AAAAAAAAAAA=' })],
    ['a tag cut off', (json) => Object.assign(json, { ciphertext: Buffer.alloc(32).toString('base64') })],
    ['a shortened tag', (json) => Object.assign(json, { ciphertext: Buffer.alloc(36).toString('base64') })],
    ['base64 with spare bits', (json) => Object.assign(json, { nonce: 'AAAAAAAAAAAAAAB=' })],
    ['a number for a member', (json) => Object.assign(json, { ciphertext: 7 })],
  ])('refuses %s before any derivation', async (_, edit) => {
    const error = await refusal(change(text, edit));
    expect(error).toBeInstanceOf(LogKeyRefused);
    expect(String(error)).toContain('not a key file of this version of Assent');
  });

  it('refuses duplicate members, other text and large files, and repeats none of it', async () => {
    const twice = text.replace('"cipher"', '"cipher": "none", "cipher"');
    expect(String(await refusal(twice))).toContain('not strict JSON');
    expect(String(await refusal('{ hunter2-hunter2'))).not.toContain('hunter2');
    expect(String(await refusal(`{"type":"${'x'.repeat(5_000)}"}`))).toContain('too large');
    const pasted = change(text, (json) => Object.assign(json, { nonce: 'hunter2-hunter2' }));
    expect(String(await refusal(pasted))).not.toContain('hunter2');
  });
});

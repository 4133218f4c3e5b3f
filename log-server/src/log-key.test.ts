import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogKeySecret } from './log-key/log-key-secret.ts';
import { LogKeyRefused, loadLogKey, loadOrCreateLogKey } from './log-key.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-key-'));
  file = path.join(folder, 'log-key.pem');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function pemOf(type: 'ed25519' | 'ed448'): string {
  const pair = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448');
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

describe('loadOrCreateLogKey', () => {
  it('makes a key for its owner alone, and leaves nothing else behind', async () => {
    const key = await loadOrCreateLogKey(file);
    expect(key).toMatchObject({ created: true, encrypted: false, file });
    expect(key.publicKey).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['log-key.pem']);
    expect(readFileSync(file, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('makes the folder of the file', async () => {
    const nested = path.join(folder, 'a', 'b', 'key.pem');
    expect((await loadOrCreateLogKey(nested)).created).toBe(true);
    expect(statSync(path.dirname(nested)).mode & 0o077).toBe(0);
  });

  it('loads the same key again', async () => {
    const made = await loadOrCreateLogKey(file);
    const loaded = await loadOrCreateLogKey(file);
    expect(loaded.created).toBe(false);
    expect(loaded.publicKey).toEqual(made.publicKey);
  });

  it('signs what its public key verifies', async () => {
    const key = await loadOrCreateLogKey(file);
    const message = new TextEncoder().encode('head');
    const x = Buffer.from(key.publicKey).toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const signature = await key.sign(message);
    expect(signature).toHaveLength(64);
    expect(verify(null, message, publicKey, signature)).toBe(true);
  });

  it('gives every one of several starts at once the same key', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateLogKey(file)));
    expect(new Set(keys.map((key) => Buffer.from(key.publicKey).toString('hex'))).size).toBe(1);
    expect(keys.filter((key) => key.created)).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['log-key.pem']);
  });

  it.each([0o640, 0o604, 0o660, 0o644])('refuses a file of mode %o', async (mode) => {
    await loadOrCreateLogKey(file);
    chmodSync(file, mode);
    await expect(loadOrCreateLogKey(file)).rejects.toThrow(LogKeyRefused);
    await expect(loadOrCreateLogKey(file)).rejects.toThrow('chmod 600');
  });

  it.each<[string, () => string, string]>([
    ['an empty file, as after a crash of another program', () => '', 'not a private key'],
    ['half a file', () => pemOf('ed25519').slice(0, 60), 'not a private key'],
    ['a key of another kind', () => pemOf('ed448'), 'ed448'],
    [
      'an encrypted key',
      () =>
        generateKeyPairSync('ed25519')
          .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
          .toString(),
      'log-key encrypt',
    ],
  ])('refuses %s and does not touch it', async (_, content, message) => {
    const text = content();
    writeFileSync(file, text, { mode: 0o600 });
    await expect(loadOrCreateLogKey(file)).rejects.toThrow(LogKeyRefused);
    await expect(loadOrCreateLogKey(file)).rejects.toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  const secret: LogKeySecret = { kind: 'passphrase', passphrase: 'correct horse battery' };
  const sealing = { secret, cost: { n: 2 ** 15, r: 8, p: 1 } };

  it('makes an encrypted key where there is a secret, and loads it again with that alone', async () => {
    const made = await loadOrCreateLogKey(file, { ...sealing, requireEncrypted: true });
    expect(made).toMatchObject({ created: true, encrypted: true });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain('PRIVATE KEY');
    const loaded = await loadOrCreateLogKey(file, { secret, requireEncrypted: true });
    expect(loaded).toMatchObject({ created: false, encrypted: true, publicKey: made.publicKey });
    await expect(loadOrCreateLogKey(file)).rejects.toThrow('set ASSENT_LOG_KEY_PASSPHRASE');
    const wrong: LogKeySecret = { kind: 'passphrase', passphrase: 'wrong horse battery' };
    await expect(loadOrCreateLogKey(file, { secret: wrong })).rejects.toThrow(/passphrase is not the one/);
  });

  it('loads a key in the open although there is a secret, but not where encryption is required', async () => {
    await loadOrCreateLogKey(file);
    expect(await loadOrCreateLogKey(file, { secret })).toMatchObject({ encrypted: false, created: false });
    await expect(loadOrCreateLogKey(file, { secret, requireEncrypted: true })).rejects.toThrow('log-key encrypt');
  });

  it('makes no key in the open where encryption is required', async () => {
    await expect(loadOrCreateLogKey(file, { requireEncrypted: true })).rejects.toThrow(LogKeyRefused);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('makes nothing when it is only asked to load', async () => {
    expect(await loadLogKey(file)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder in place of the file', async () => {
    await expect(loadOrCreateLogKey(folder)).rejects.toThrow(LogKeyRefused);
  });
});

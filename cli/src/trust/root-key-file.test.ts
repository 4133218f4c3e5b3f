import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkSignature } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { loadRootKey } from './root-key-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-root-key-'));
const file = (name: string, text: string, mode = 0o600): string => {
  const target = path.join(folder, name);
  writeFileSync(target, text);
  chmodSync(target, mode);
  return target;
};
const pem = (key: KeyObject, passphrase?: string): string =>
  String(key.export({ type: 'pkcs8', format: 'pem', ...(passphrase && { cipher: 'aes-256-cbc', passphrase }) }));
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const message = new TextEncoder().encode('hello');

describe('loadRootKey', () => {
  it.each<[string, KeyObject]>([
    ['ed25519', ed25519],
    ['p256', p256],
  ])('signs with %s, under a passphrase or not', async (name, key) => {
    const passphrase = file(`${name}.pass`, 'correct horse\n');
    const files = [
      [file(`${name}.pem`, pem(key)), undefined],
      [file(`${name}.locked.pem`, pem(key, 'correct horse')), passphrase],
    ] as const;
    for (const [keyFile, passphraseFile] of files) {
      const loaded = await loadRootKey(keyFile, passphraseFile);
      expect(await checkSignature(loaded.publicKey, await loaded.sign(message), message)).toMatchObject({ ok: true });
    }
  });

  it.each<[string, () => [string, string | undefined], string]>([
    ['without its passphrase', () => [file('locked.pem', pem(ed25519, 'x')), undefined], '--passphrase-file'],
    ['with another passphrase', () => [file('locked.pem', pem(ed25519, 'x')), file('wrong', 'y')], 'cannot be opened'],
    ['that others can read', () => [file('open.pem', pem(ed25519), 0o644), undefined], 'chmod 600'],
    [
      'with a passphrase that others can read',
      () => [file('locked.pem', pem(ed25519, 'x')), file('shown', 'x', 0o644)],
      'chmod 600',
    ],
    ['that is none', () => [file('none.pem', 'hello'), undefined], 'not a private key'],
    [
      'of another curve',
      () => [file('p384.pem', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)), undefined],
      'Ed25519 or P-256',
    ],
    [
      'of RSA',
      () => [file('rsa.pem', pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)), undefined],
      'Ed25519 or P-256',
    ],
  ])('refuses a key %s', async (_, files, words) => {
    await expect(loadRootKey(...files())).rejects.toThrow(words);
  });
});

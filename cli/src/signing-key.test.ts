import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkSignature } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { createSigningKey, loadSigningKey } from './signing-key.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-signing-key-'));
const file = (name: string, text: string, mode = 0o600): string => {
  const target = path.join(folder, name);
  writeFileSync(target, text);
  chmodSync(target, mode);
  return target;
};
const pem = (key: KeyObject, passphrase: string): string =>
  String(key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }));
const { privateKey } = generateKeyPairSync('ed25519');
const locked = file('locked.pem', pem(privateKey, 'correct horse'));
const message = new TextEncoder().encode('hello');

describe('loadSigningKey', () => {
  it('signs with a key that it made, and with one under a passphrase', async () => {
    const made = path.join(folder, 'made.pem');
    await createSigningKey(made);
    for (const loaded of [
      await loadSigningKey(made),
      await loadSigningKey(locked, file('passphrase', 'correct horse\n')),
    ]) {
      expect(await checkSignature(loaded.publicKey, await loaded.sign(message), message)).toMatchObject({ ok: true });
    }
  });

  it.each<[string, () => [string, string?], string]>([
    ['without its passphrase', () => [locked], 'pass a file that holds it with --passphrase-file'],
    ['with another passphrase', () => [locked, file('wrong', 'y')], 'cannot be opened with that passphrase'],
    ['with a passphrase that others can read', () => [locked, file('shown', 'correct horse', 0o644)], 'chmod 600'],
    [
      'of another kind under its passphrase',
      () => [
        file('p256.pem', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'x')),
        file('p256.passphrase', 'x'),
      ],
      'another kind than Ed25519',
    ],
  ])('refuses a key %s, and shows nothing of it', async (_, files, words) => {
    const failure = await loadSigningKey(...files()).catch((error: unknown) => error);
    expect(String(failure)).toContain(words);
    expect(String(failure)).not.toContain('correct horse');
  });
});

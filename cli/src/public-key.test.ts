import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keyidOf } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { readPublicKey } from './public-key.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-public-key-'));
const file = (name: string, text: string): string => {
  const target = path.join(folder, name);
  writeFileSync(target, text);
  return target;
};
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const spki = publicKey.export({ type: 'spki', format: 'der' });
const base64 = spki.toString('base64');
const keyid = keyidOf(new Uint8Array(spki));

describe('readPublicKey', () => {
  it.each<[string, () => string]>([
    ['base64', () => base64],
    ['a file of base64', () => file('base64', `${base64}\n`)],
    ['PEM', () => file('pem', String(publicKey.export({ type: 'spki', format: 'pem' })))],
    ['what keygen prints', () => file('text', `keyid      ${keyid}\npublicKey  ${base64}\n`)],
    [
      'what keygen --json prints',
      () => file('json', JSON.stringify({ type: 'assent/key/v1', keyid, publicKey: base64 })),
    ],
  ])('takes %s', async (_, value) => {
    expect((await readPublicKey(value(), '--key')).keyid).toBe(keyid);
  });

  it.each<[string, () => string, string]>([
    [
      'a private key',
      () => file('private', String(privateKey.export({ type: 'pkcs8', format: 'pem' }))),
      'stays where it was made',
    ],
    ['another text', () => file('other', 'hello'), 'holds no public key'],
    ['JSON without a key', () => file('empty', '{}'), 'holds no public key'],
    [
      'PEM that is none',
      () => file('bad-pem', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'),
      'no public key in PEM',
    ],
    ['base64 that was cut', () => base64.slice(0, -4), 'holds no public key'],
    ['a file that is not there', () => path.join(folder, 'away'), 'there is no such file'],
    ['a file that never ends', () => '/dev/zero', 'too large'],
  ])('refuses %s, and does not repeat it', async (_, value, words) => {
    const refused = readPublicKey(value(), '--key');
    await expect(refused).rejects.toThrow(words);
    const secret = String(privateKey.export({ type: 'pkcs8', format: 'pem' })).split('\n')[1]!;
    await expect(refused).rejects.not.toThrow(secret);
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { knownPublicKey } from './known-keys.ts';
import { sha256 } from './sha256.ts';
import { keyidOf, parsePublicKey } from './spki.ts';

function newSpki(): Uint8Array {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
}

describe('knownPublicKey', () => {
  it('says the same as parsePublicKey, the first time and again', () => {
    const spki = newSpki();
    const keyid = keyidOf(spki);
    const first = knownPublicKey(keyid, spki, sha256);
    expect(first).toEqual(parsePublicKey(spki));
    expect(knownPublicKey(keyid, Uint8Array.from(spki), sha256)).toEqual(first);
  });

  it('gives the bytes’ own key where somebody writes the keyid of another one beside them', () => {
    const [known, other] = [newSpki(), newSpki()];
    const keyid = keyidOf(known);
    knownPublicKey(keyid, known, sha256);
    const claimed = knownPublicKey(keyid, other, sha256);
    expect(claimed).toEqual(parsePublicKey(other));
    expect(knownPublicKey(keyid, known, sha256)).toEqual(parsePublicKey(known));
  });

  it('does not keep what the caller’s buffer becomes', () => {
    const spki = newSpki();
    const buffer = Uint8Array.from(spki);
    const keyid = keyidOf(spki);
    knownPublicKey(keyid, buffer, sha256);
    buffer.fill(0);
    expect(knownPublicKey(keyid, buffer, sha256)).toMatchObject({ ok: false });
    expect(knownPublicKey(keyid, spki, sha256)).toEqual(parsePublicKey(spki));
  });

  it('still knows every key that was asked for, after more of them than it keeps', () => {
    const spkis = Array.from(
      { length: 1100 },
      () => new Uint8Array(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })),
    );
    for (const spki of [...spkis, ...spkis.slice(0, 10)]) {
      expect(knownPublicKey(keyidOf(spki), spki, sha256)).toEqual(parsePublicKey(spki));
    }
  });
});

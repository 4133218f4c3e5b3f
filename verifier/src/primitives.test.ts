import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createMlDsaKey, mlDsaPrimitives, withoutMlDsa } from '@assent/test-support/ml-dsa';
import { unwrap } from '@assent/test-support/results';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type PublicKey, webCryptoPrimitives, withMlDsa44 } from './primitives.ts';
import { mlDsa44Spki, parsePublicKey } from './spki.ts';

const message = new TextEncoder().encode('approve');
const { verifySignature } = webCryptoPrimitives;

function keyPair(): { key: PublicKey; signature: Uint8Array; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = unwrap(parsePublicKey(publicKey.export({ type: 'spki', format: 'der' })));
  return { key, privateKey, signature: new Uint8Array(sign(null, message, privateKey)) };
}

describe('webCryptoPrimitives', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('imports a key once, however often and in whatever copy it comes, even at the same time', async () => {
    const { key, signature } = keyPair();
    const imports = vi.spyOn(crypto.subtle, 'importKey');
    const copies = Array.from({ length: 5 }, () => unwrap(parsePublicKey(key.spki)));
    const all = await Promise.all(copies.map((copy) => verifySignature(copy, signature, message)));
    expect(all).toEqual([true, true, true, true, true]);
    expect(await verifySignature(key, signature, message)).toBe(true);
    expect(imports).toHaveBeenCalledTimes(1);
  });

  it('forgets the key that was not used for longest, after 256 others', async () => {
    const [first, second] = [keyPair(), keyPair()];
    await verifySignature(first.key, first.signature, message);
    await verifySignature(second.key, second.signature, message);
    for (let i = 0; i < 255; i++) {
      const { key, signature } = keyPair();
      await verifySignature(key, signature, message);
      if (i === 0) await verifySignature(first.key, first.signature, message);
    }
    const imports = vi.spyOn(crypto.subtle, 'importKey');
    expect(await verifySignature(first.key, first.signature, message)).toBe(true);
    expect(imports).toHaveBeenCalledTimes(0);
    expect(await verifySignature(second.key, second.signature, message)).toBe(true);
    expect(imports).toHaveBeenCalledTimes(1);
  });

  it('does not let a key speak for another one whose keyid it claims', async () => {
    const [honest, other] = [keyPair(), keyPair()];
    const forged: PublicKey = { ...other.key, keyid: honest.key.keyid };
    expect(await verifySignature(forged, other.signature, message)).toBe(true);
    expect(await verifySignature(honest.key, other.signature, message)).toBe(false);
    expect(await verifySignature(honest.key, honest.signature, message)).toBe(true);
    expect(await verifySignature(forged, honest.signature, message)).toBe(false);
  });

  it('takes views into larger buffers', async () => {
    const { key, signature } = keyPair();
    const buffer = new Uint8Array([1, 2, ...signature, ...message, 3]);
    expect(await verifySignature(key, buffer.subarray(2, 66), buffer.subarray(66, 66 + message.length))).toBe(true);
  });

  it('takes shared memory', async () => {
    const { key, signature } = keyPair();
    const shared = new Uint8Array(new SharedArrayBuffer(message.length));
    shared.set(message);
    expect(await verifySignature(key, signature, shared)).toBe(true);
  });

  it('lets a fault of its own be seen', async () => {
    const { key, signature } = keyPair();
    vi.spyOn(crypto.subtle, 'verify').mockRejectedValueOnce(new TypeError('a bug'));
    await expect(verifySignature(key, signature, message)).rejects.toThrow('a bug');
  });
});

describe('withMlDsa44', () => {
  const { raw, sign: signMessage } = createMlDsaKey(1);
  const key = unwrap(parsePublicKey(mlDsa44Spki(raw)));
  const signature = signMessage(message);

  it('verifies with the implementation that it was given', async () => {
    expect(await mlDsaPrimitives.verifySignature(key, signature, message)).toBe(true);
    expect(await mlDsaPrimitives.verifySignature(key, signature, message.subarray(1))).toBe(false);
  });

  it('asks the runtime first, and the implementation about nothing else', async () => {
    const given = vi.fn(() => true);
    const runtime = (answer: boolean | 'unsupported') =>
      withMlDsa44({ ...withoutMlDsa, verifySignature: async () => answer }, given).verifySignature;
    expect(await runtime(false)(key, signature, message)).toBe(false);
    expect(await runtime('unsupported')(keyPair().key, signature, message)).toBe('unsupported');
    expect(given).not.toHaveBeenCalled();
    expect(await runtime('unsupported')(key, signature, message)).toBe(true);
    expect(given).toHaveBeenCalledExactlyOnceWith(raw, signature, message);
  });
});

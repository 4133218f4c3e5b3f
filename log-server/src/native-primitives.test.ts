import { generateKeyPairSync, sign } from 'node:crypto';
import { type PublicKey, parsePublicKey } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { nativePrimitives, promptPrimitives } from './native-primitives.ts';

const message = Buffer.from('what is signed');
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signature = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });

function parsed(): PublicKey {
  const key = parsePublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })));
  if (!key.ok) throw new Error(key.detail);
  return key.value;
}

describe.each([
  ['native', nativePrimitives],
  ['prompt', promptPrimitives],
] as const)('the %s primitives', (_, { verifySignature }) => {
  it('tell a signature from one of other bytes', async () => {
    expect(await verifySignature(parsed(), signature, message)).toBe(true);
    expect(await verifySignature(parsed(), signature, Buffer.from('what was not'))).toBe(false);
  });

  it('verify nothing with a point that OpenSSL does not decode', async () => {
    const key = parsed();
    const offCurve = key.spki.slice();
    offCurve[offCurve.length - 1]! ^= 1;
    expect(await verifySignature({ ...key, keyid: 'sha256:off the curve', spki: offCurve }, signature, message)).toBe(
      false,
    );
  });
});

it('the prompt ones answer without a promise', () => {
  expect(promptPrimitives.verifySignature(parsed(), signature, message)).toBe(true);
});

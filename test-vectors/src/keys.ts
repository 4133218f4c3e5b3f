/**
 * Keys out of fixed seeds, and signatures that are the same each time: Ed25519 and RSASSA-PKCS1-v1_5 are, and ECDSA takes its
 * nonces from RFC 6979. They are published, so they protect nothing.
 */
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TestKey } from '@assent/test-support/approvals';
import {
  createAuthenticator,
  type NativeAlgorithm,
  nativeKeys,
  type TestAuthenticator,
} from '@assent/test-support/authenticator';
import { unwrap } from '@assent/test-support/results';
import { base64urlEncode, parsePublicKey } from '@assent/verifier';
import { p256 } from '@noble/curves/nist.js';

/** @param label what the bytes are for. */
export function seeded(label: string, length = 32): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`assent test vectors: ${label} ${index}`).digest(),
  );
  return new Uint8Array(Buffer.concat(blocks)).slice(0, length);
}

type SeededKey = { readonly publicKey: KeyObject; readonly sign: (message: Uint8Array) => Uint8Array };

export function ed25519PrivateKey(label: string): KeyObject {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seeded(label)]);
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

function ed25519(label: string): SeededKey {
  const privateKey = ed25519PrivateKey(label);
  return { publicKey: createPublicKey(privateKey), sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
}

function es256(label: string): SeededKey {
  const secret = seeded(label);
  const point = p256.getPublicKey(secret, false);
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: base64urlEncode(point.slice(1, 33)),
    y: base64urlEncode(point.slice(33)),
  };
  return {
    publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
    // High S too, as authenticators make it.
    sign: (message) => p256.sign(message, secret, { lowS: false, format: 'der' }),
  };
}

function rsaPrivateKey(name: string): KeyObject {
  return createPrivateKey(readFileSync(new URL(`../keys/${name}.pem`, import.meta.url)));
}

function rs256(name: string): SeededKey {
  const privateKey = rsaPrivateKey(name);
  return {
    publicKey: createPublicKey(privateKey),
    sign: (message) => new Uint8Array(sign('sha256', message, privateKey)),
  };
}

const MAKERS: Readonly<Record<NativeAlgorithm, (label: string) => SeededKey>> = {
  ES256: es256,
  EdDSA: ed25519,
  RS256: rs256,
};

/** A key that signs without a passkey's ceremony. */
export function signingKey(label: string, algorithm: 'ed25519' | 'es256' = 'ed25519'): TestKey {
  return testKey(algorithm === 'ed25519' ? ed25519(label) : es256(label));
}

/** @param name of a file in `keys/`. */
export function rsaKey(name: string): TestKey {
  return testKey(rs256(name));
}

/** PKCS #1 v1.5 around a DigestInfo that need not be one, which no signer would make. @param name of a file in `keys/`. */
export function rsaSignatureOf(name: string, digestInfo: Uint8Array): Uint8Array {
  const key = { key: rsaPrivateKey(name), padding: constants.RSA_PKCS1_PADDING };
  return new Uint8Array(privateEncrypt(key, digestInfo));
}

function testKey(key: SeededKey): TestKey {
  const spki = new Uint8Array(key.publicKey.export({ type: 'spki', format: 'der' }));
  return { publicKey: unwrap(parsePublicKey(spki)), sign: key.sign };
}

/** @param label of RS256: the name of a file in `keys/`. */
export function passkey(
  label: string,
  algorithm: NativeAlgorithm = 'ES256',
  rpId = 'approvals.example.com',
): TestAuthenticator {
  const { publicKey, sign: signMessage } = MAKERS[algorithm](label);
  const keys = nativeKeys(algorithm, publicKey, signMessage);
  return createAuthenticator({ algorithm, rpId, keys, credentialId: seeded(`${label} id`) });
}

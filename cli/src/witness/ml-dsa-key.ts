/**
 * Private keys of ML-DSA-44 (FIPS 204) as PKCS#8 PEM that holds the seed (RFC 9881 §6), as `openssl genpkey -algorithm ML-DSA-44
 * -provparam ml-dsa.output_formats=seed-only` writes them too (OpenSSL 3.5).
 */
import { randomBytes } from 'node:crypto';
import { base64Decode, base64Encode, concatBytes, equalBytes } from '@assent/verifier';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';

/** PrivateKeyInfo up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Buffer.from('3034020100300b060960864801650304031104228020', 'hex');
const SEED_LENGTH = 32;
const PEM = /-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)\n-----END PRIVATE KEY-----\n$/;
const PEM_LINE = /.{1,64}/g;

export type MlDsaKey = {
  /** 1312 bytes. */
  readonly raw: Uint8Array;
  /** 2420 bytes; takes some milliseconds. */
  sign(message: Uint8Array): Uint8Array;
};

export function newMlDsaKey(): { readonly raw: Uint8Array; readonly pem: string } {
  const seed = new Uint8Array(randomBytes(SEED_LENGTH));
  const base64 = base64Encode(concatBytes(PKCS8_PREFIX, seed));
  const lines = base64.match(PEM_LINE) ?? [];
  const pem = `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
  return { raw: new Uint8Array(ml_dsa44.keygen(seed).publicKey), pem };
}

/** Undefined for anything but a PEM block that holds a seed. */
export function parseMlDsaKey(pem: string): MlDsaKey | undefined {
  const der = base64Decode(PEM.exec(pem)?.[1]?.replaceAll('\n', '') ?? '');
  if (!der.ok || der.value.length !== PKCS8_PREFIX.length + SEED_LENGTH) return undefined;
  if (!equalBytes(der.value.subarray(0, PKCS8_PREFIX.length), PKCS8_PREFIX)) return undefined;
  const { publicKey, secretKey } = ml_dsa44.keygen(der.value.slice(PKCS8_PREFIX.length));
  return { raw: new Uint8Array(publicKey), sign: (message) => new Uint8Array(ml_dsa44.sign(message, secretKey)) };
}

/** A public key that somebody hands in, to be listed: never a private one, which has no business on another machine. */
import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { base64Decode, type PublicKey, parseJson, parsePublicKey } from '@assent/verifier';
import { CommandFailure } from './failure.ts';
import { readInput } from './files/read-input.ts';
import { isObject } from './http/problem.ts';

const MAX_BYTES = 64 * 1024;
/** Begins as the DER of every public key does, and is too long for a file's name to be mistaken for it. */
const LOOKS_LIKE_SPKI = /^M[A-Za-z0-9+/]{50,}={0,2}$/;

/**
 * @param value of `flag`: base64 of a SubjectPublicKeyInfo, or a file with it: as "assent keygen" prints it, as text or JSON,
 *   or as PEM (`openssl pkey -pubout`).
 */
export async function readPublicKey(value: string, flag: string): Promise<PublicKey> {
  if (LOOKS_LIKE_SPKI.test(value) && !existsSync(value)) return parseSpki(value, flag);
  const bytes = await readInput(value, MAX_BYTES);
  if (bytes.length > MAX_BYTES) throw new CommandFailure('file_malformed', `${value} is too large for a public key`);
  const text = Buffer.from(bytes).toString('utf8').trim();
  if (text.includes('PRIVATE KEY')) {
    const message = `${value} is a private key, which stays where it was made: pass the public one, as "assent keygen" prints it`;
    throw new CommandFailure('file_malformed', message);
  }
  return parseSpki(text.includes('BEGIN PUBLIC KEY') ? fromPem(text, value) : fromKeygen(text), value);
}

/** The same of each, in order. */
export async function readPublicKeys(values: readonly string[], flag: string): Promise<readonly PublicKey[]> {
  const keys: PublicKey[] = [];
  for (const value of values) keys.push(await readPublicKey(value, flag));
  return keys;
}

function fromPem(pem: string, where: string): string {
  try {
    return createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64');
  } catch (cause) {
    throw new CommandFailure('file_malformed', `${where} is no public key in PEM form`, { cause });
  }
}

/** The base64 that stands in it, or all of it. */
function fromKeygen(text: string): string {
  const json = text.startsWith('{') ? parseJson(text) : undefined;
  if (json?.ok && isObject(json.value) && typeof json.value.publicKey === 'string') return json.value.publicKey;
  return /^publicKey +(\S+)$/m.exec(text)?.[1] ?? text;
}

function parseSpki(text: string, where: string): PublicKey {
  const bytes = base64Decode(text);
  const key = bytes.ok ? parsePublicKey(bytes.value) : bytes;
  if (key.ok) return key.value;
  throw new CommandFailure('file_malformed', `${where} holds no public key: ${key.detail} (${key.code})`);
}

/**
 * Base64 (RFC 4648 §4, padded) and base64url (§5, unpadded).
 *
 * Decoding is strict: each byte string has exactly one spelling (§3.3 to §3.5), so no white space, no missing or
 * superfluous padding, no character of the other alphabet, and unused trailing bits are zero. A lenient decoder would
 * let one signature be written in several ways, and texts that differ would then mean the same.
 *
 * The engine's own decoders are many times as fast as a loop, and lenient, each in ways of its own. So what they make of a text is
 * encoded again, and has to give that text.
 */
import { nodeBuffer } from './node-buffer.ts';
import { fail, ok, type Result } from './result.ts';

/** Padded, standard alphabet. */
export function base64Encode(bytes: Uint8Array): string {
  return encode(bytes, 'base64');
}

/** Padded, standard alphabet. Fails with `bad_base64`. */
export function base64Decode(text: string): Result<Uint8Array> {
  return decode(text, 'base64');
}

/** Unpadded, URL-safe alphabet. */
export function base64urlEncode(bytes: Uint8Array): string {
  return encode(bytes, 'base64url');
}

/** Unpadded, URL-safe alphabet. Fails with `bad_base64`. */
export function base64urlDecode(text: string): Result<Uint8Array> {
  return decode(text, 'base64url');
}

type Form = 'base64' | 'base64url';

function encode(bytes: Uint8Array, form: Form): string {
  if (nodeBuffer !== undefined) return nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(form);
  let binary = '';
  // In pieces that fit on the stack.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  const text = btoa(binary);
  return form === 'base64' ? text : text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function decode(text: string, form: Form): Result<Uint8Array> {
  // As short as it is, each view of bytes would take as long as to write them as text.
  const read = nodeBuffer?.from(text, 'base64');
  const bytes = read ? new Uint8Array(read.buffer, read.byteOffset, read.length) : decodeLeniently(text);
  return bytes !== undefined && (read ? read.toString(form) : encode(bytes, form)) === text
    ? ok(bytes)
    : fail('bad_base64', `not strict ${form}`);
}

/** Either alphabet. */
function decodeLeniently(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  } catch {
    return undefined; // Something that is in neither alphabet.
  }
}

/**
 * Base64 (RFC 4648 §4, padded) and base64url (§5, unpadded).
 *
 * Decoding is strict: each byte string has exactly one spelling (§3.3 to §3.5), so no white space, no missing or
 * superfluous padding, no character of the other alphabet, and unused trailing bits are zero. A lenient decoder would
 * let one signature be written in several ways, and texts that differ would then mean the same.
 */
import { fail, ok, type Result } from './result.ts';

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const STANDARD = makeAlphabet(`${COMMON}+/`);
const URL_SAFE = makeAlphabet(`${COMMON}-_`);
const PADDING = 0x3d; // '='
const INVALID = 0x80; // above every 6-bit value, so that one OR over a whole text tells whether any character was wrong

type Alphabet = { readonly pairs: readonly string[]; readonly values: Uint8Array };

/** Padded, standard alphabet. */
export function base64Encode(bytes: Uint8Array): string {
  return encode(bytes, STANDARD, true);
}

/** Padded, standard alphabet. Fails with `bad_base64`. */
export function base64Decode(text: string): Result<Uint8Array> {
  if (text.length % 4 !== 0) return fail('bad_base64', 'padded base64 has a length that is a multiple of 4');
  let end = text.length;
  if (end > 0 && text.charCodeAt(end - 1) === PADDING) end -= text.charCodeAt(end - 2) === PADDING ? 2 : 1;
  return decode(text, end, STANDARD);
}

/** Unpadded, URL-safe alphabet. */
export function base64urlEncode(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE, false);
}

/** Unpadded, URL-safe alphabet. Fails with `bad_base64`. */
export function base64urlDecode(text: string): Result<Uint8Array> {
  return decode(text, text.length, URL_SAFE);
}

/** 12 bits become two characters at a time: half the look-ups of the usual table of 64. */
function makeAlphabet(characters: string): Alphabet {
  const pairs = Array.from({ length: 4096 }, (_, bits) => characters[bits >>> 6]! + characters[bits & 63]!);
  const values = new Uint8Array(128).fill(0x80);
  for (let i = 0; i < 64; i++) values[characters.charCodeAt(i)] = i;
  return { pairs, values };
}

function encode(bytes: Uint8Array, { pairs }: Alphabet, padded: boolean): string {
  const rest = bytes.length % 3;
  const whole = bytes.length - rest;
  let text = '';
  for (let i = 0; i < whole; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text += pairs[bits >>> 12]! + pairs[bits & 4095]!;
  }
  if (rest === 1) text += pairs[bytes[whole]! << 4]! + (padded ? '==' : '');
  if (rest === 2) {
    const bits = (bytes[whole]! << 10) | (bytes[whole + 1]! << 2);
    text += pairs[bits >>> 6]! + pairs[(bits & 63) << 6]![0]! + (padded ? '=' : '');
  }
  return text;
}

/** Decodes the first `end` characters, which hold no padding. */
function decode(text: string, end: number, { values }: Alphabet): Result<Uint8Array> {
  const rest = end % 4;
  if (rest === 1) return fail('bad_base64', 'base64 has an impossible length');
  const whole = end - rest;
  const bytes = new Uint8Array((whole / 4) * 3 + (rest === 0 ? 0 : rest - 1));
  let seen = 0;
  const sextet = (at: number): number => {
    const code = text.charCodeAt(at);
    const value = code < 128 ? values[code]! : INVALID;
    seen |= value;
    return value;
  };
  let out = 0;
  for (let i = 0; i < whole; i += 4) {
    const bits = (sextet(i) << 18) | (sextet(i + 1) << 12) | (sextet(i + 2) << 6) | sextet(i + 3);
    bytes[out++] = bits >>> 16;
    bytes[out++] = bits >>> 8;
    bytes[out++] = bits;
  }
  let unused = 0;
  if (rest > 0) {
    const bits = (sextet(whole) << 12) | (sextet(whole + 1) << 6) | (rest === 3 ? sextet(whole + 2) : 0);
    bytes[out++] = bits >>> 10;
    if (rest === 3) bytes[out++] = bits >>> 2;
    unused = rest === 3 ? bits & 3 : bits & 0x3ff;
  }
  if (seen >= INVALID) return fail('bad_base64', 'base64 has a character outside its alphabet');
  if (unused !== 0) return fail('bad_base64', 'base64 has trailing bits that are not zero');
  return ok(bytes);
}

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
const decoder = new TextDecoder();

/**
 * `values` is −1 for a character outside the alphabet: it stays negative through the shifts and ORs of a whole text.
 */
type Alphabet = { readonly codes: Uint8Array; readonly values: Int8Array };

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

function makeAlphabet(characters: string): Alphabet {
  const codes = Uint8Array.from(characters, (character) => character.charCodeAt(0));
  const values = new Int8Array(128).fill(-1);
  codes.forEach((code, value) => {
    values[code] = value;
  });
  return { codes, values };
}

// Written for speed: a server decodes several of these in every record. Strings grown piece by piece cost twice as much.
function encode(bytes: Uint8Array, { codes }: Alphabet, padded: boolean): string {
  const rest = bytes.length % 3;
  const whole = bytes.length - rest;
  const tail = rest === 0 ? 0 : padded ? 4 : rest + 1;
  const text = new Uint8Array((whole / 3) * 4 + tail).fill(PADDING);
  let out = 0;
  for (let i = 0; i < whole; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text[out++] = codes[bits >>> 18]!;
    text[out++] = codes[(bits >>> 12) & 63]!;
    text[out++] = codes[(bits >>> 6) & 63]!;
    text[out++] = codes[bits & 63]!;
  }
  if (rest > 0) {
    const bits = (bytes[whole]! << 16) | ((rest === 2 ? bytes[whole + 1]! : 0) << 8);
    text[out++] = codes[bits >>> 18]!;
    text[out++] = codes[(bits >>> 12) & 63]!;
    if (rest === 2) text[out++] = codes[(bits >>> 6) & 63]!;
  }
  return decoder.decode(text);
}

/** Decodes the first `end` characters, which hold no padding. */
function decode(text: string, end: number, { values }: Alphabet): Result<Uint8Array> {
  const rest = end % 4;
  if (rest === 1) return fail('bad_base64', 'base64 has an impossible length');
  const whole = end - rest;
  const bytes = new Uint8Array((whole / 4) * 3 + (rest === 0 ? 0 : rest - 1));
  let codes = 0; // the OR of all character codes: above 127 if one is not ASCII
  let seen = 0; // the OR of all values: negative if one is outside the alphabet
  let out = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    const bits = (values[a & 127]! << 18) | (values[b & 127]! << 12) | (values[c & 127]! << 6) | values[d & 127]!;
    codes |= a | b | c | d;
    seen |= bits;
    bytes[out++] = bits >>> 16;
    bytes[out++] = bits >>> 8;
    bytes[out++] = bits;
  }
  let unused = 0;
  if (rest > 0) {
    const a = text.charCodeAt(whole);
    const b = text.charCodeAt(whole + 1);
    const c = rest === 3 ? text.charCodeAt(whole + 2) : 0;
    const third = rest === 3 ? values[c & 127]! : 0;
    const bits = (values[a & 127]! << 18) | (values[b & 127]! << 12) | (third << 6);
    codes |= a | b | c;
    seen |= bits;
    bytes[out++] = bits >>> 16;
    if (rest === 3) bytes[out++] = bits >>> 8;
    unused = rest === 3 ? bits & 0xff : bits & 0xffff;
  }
  if (codes > 127 || seen < 0) return fail('bad_base64', 'base64 has a character outside its alphabet');
  if (unused !== 0) return fail('bad_base64', 'base64 has trailing bits that are not zero');
  return ok(bytes);
}

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
  const values = new Int8Array(256).fill(-1);
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

/** A text is copied here first, as characters one by one cost more than bytes; what is longer than this is decoded in parts. */
const SCRATCH = new Uint8Array(16_384);
const encoder = new TextEncoder();

/** Decodes the first `end` characters, which hold no padding. */
function decode(text: string, end: number, { values }: Alphabet): Result<Uint8Array> {
  const rest = end % 4;
  if (rest === 1) return fail('bad_base64', 'base64 has an impossible length');
  const whole = end - rest;
  const bytes = new Uint8Array((whole / 4) * 3 + (rest === 0 ? 0 : rest - 1));
  let seen = 0; // the OR of all values: negative if one is outside the alphabet
  let out = 0;
  let unused = 0;
  for (let from = 0; from < end; from += SCRATCH.length) {
    const to = Math.min(end, from + SCRATCH.length);
    const part = from === 0 && to === text.length ? text : text.slice(from, to);
    const { read, written } = encoder.encodeInto(part, SCRATCH);
    // What is not ASCII takes more than one byte.
    if (read !== to - from || written !== read) seen = -1;
    const wholeHere = Math.min(to, whole) - from;
    for (let i = 0; i < wholeHere; i += 4) {
      const bits =
        (values[SCRATCH[i]!]! << 18) |
        (values[SCRATCH[i + 1]!]! << 12) |
        (values[SCRATCH[i + 2]!]! << 6) |
        values[SCRATCH[i + 3]!]!;
      seen |= bits;
      bytes[out++] = bits >>> 16;
      bytes[out++] = bits >>> 8;
      bytes[out++] = bits;
    }
    if (rest === 0 || to !== end) continue;
    const at = whole - from;
    const third = rest === 3 ? values[SCRATCH[at + 2]!]! : 0;
    const bits = (values[SCRATCH[at]!]! << 18) | (values[SCRATCH[at + 1]!]! << 12) | (third << 6);
    seen |= bits;
    bytes[out++] = bits >>> 16;
    if (rest === 3) bytes[out++] = bits >>> 8;
    unused = rest === 3 ? bits & 0xff : bits & 0xffff;
  }
  if (seen < 0) return fail('bad_base64', 'base64 has a character outside its alphabet');
  if (unused !== 0) return fail('bad_base64', 'base64 has trailing bits that are not zero');
  return ok(bytes);
}

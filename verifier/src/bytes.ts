/** Byte strings: joining, comparing, UTF-8 and lower-case hex. */
import { nodeBuffer } from './node-buffer.ts';
import { fail, ok, type Result } from './result.ts';

const LONE_SURROGATE = /[\ud800-\udfff]/u; // with the u flag a surrogate that is half of a pair does not match
/** Writes U+FFFD for a lone surrogate: {@link utf8Encode} refuses one. */
export const utf8Encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const PIECE = 16_384;
let piece = new ArrayBuffer(0);
let used = 0;

/**
 * For what is filled, looked at and let go, such as signed bytes: a part of larger memory, which holds what was there before. Memory of
 * their own takes such bytes longer than a hash.
 */
export function shortLived(length: number): Uint8Array {
  if (used + length > piece.byteLength) {
    piece = new ArrayBuffer(Math.max(PIECE, length));
    used = 0;
  }
  used += length;
  return new Uint8Array(piece, used - length, length);
}

/** Not constant-time: for public values such as hashes and keys, never to compare a secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Lexicographic order of unsigned bytes, a prefix first: negative, zero or positive, as `Array.prototype.sort` wants
 * it.
 */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Newer than the language level that this library is compiled for, and ten times as fast as the expression. */
const isWellFormed = (String.prototype as { isWellFormed?: (this: string) => boolean }).isWellFormed;

export function hasLoneSurrogate(text: string): boolean {
  return isWellFormed === undefined ? LONE_SURROGATE.test(text) : !isWellFormed.call(text);
}

/**
 * Throws TypeError on a lone surrogate: TextEncoder would silently write U+FFFD, and two texts would share their bytes.
 */
export function utf8Encode(text: string): Uint8Array {
  if (hasLoneSurrogate(text)) throw new TypeError('text: a lone surrogate has no UTF-8 form');
  return utf8Encoder.encode(text);
}

/**
 * Fails with `not_utf8`. A byte order mark stays in the text, so that decoding loses nothing and encoding gives the
 * bytes back.
 */
export function utf8Decode(bytes: Uint8Array): Result<string> {
  try {
    return ok(decoder.decode(bytes));
  } catch {
    return fail('not_utf8', 'the bytes are not well-formed UTF-8');
  }
}

export function hexEncode(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) return nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  let text = '';
  for (const byte of bytes) text += HEX_PAIRS[byte];
  return text;
}

/** Lower case only, because a digest must have one spelling. Fails with `bad_hex`. */
export function hexDecode(text: string): Result<Uint8Array> {
  if (text.length % 2 !== 0) return fail('bad_hex', 'hex has an odd number of digits');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = hexDigit(text.charCodeAt(2 * i));
    const low = hexDigit(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) return fail('bad_hex', 'hex takes the characters 0-9 and a-f only');
    bytes[i] = high * 16 + low;
  }
  return ok(bytes);
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x61 + 10;
  return -1;
}

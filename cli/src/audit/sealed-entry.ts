/**
 * The one form of a sealed entry, read without parsing JSON: a log of commitments is hundreds of millions of these.
 *
 *     {"kind":"approval","logged_at":1775235662123,"sealed":"sha256:<64 hex digits>","type":"assent/entry/v1"}
 *
 * It takes exactly the bytes that the verifier's `formatSealedEntry` writes. Everything else is for `parseEntry` to judge, which
 * takes the same bytes for the same entry (a test compares the two).
 */
import { utf8Encode } from '@assent/verifier';

const HEAD = utf8Encode('{"kind":"approval","logged_at":');
const MIDDLE = utf8Encode(',"sealed":"sha256:');
const TAIL = utf8Encode('","type":"assent/entry/v1"}');
const HEX = 64;
/** 9999-12-31T23:59:59.999Z, as in the verifier. */
const LAST_TIME = 253_402_300_799_999;
const MOST_DIGITS = 15;
const ZERO = 0x30;
const NINE = 0x39;

/** Values of hex digits by character code; 255 for what is none. */
const HEX_VALUES = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  return code >= 0x61 && code <= 0x66 ? code - 0x61 + 10 : 255;
});

/**
 * When the sealed entry at `start` to `end` was logged, in milliseconds, and the first 8 bytes of its commitment in `prefix`;
 * -1 if it is not exactly of this form.
 */
export function readSealed(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array, at: number): number {
  const digits = end - start - HEAD.length - MIDDLE.length - HEX - TAIL.length;
  if (digits < 1 || digits > MOST_DIGITS || !matches(bytes, start, HEAD)) return -1;
  const number = start + HEAD.length;
  let time = 0;
  for (let i = number; i < number + digits; i++) {
    const code = bytes[i]!;
    if (code < ZERO || code > NINE) return -1;
    time = time * 10 + (code - ZERO);
  }
  if ((digits > 1 && bytes[number] === ZERO) || time > LAST_TIME) return -1;
  const hex = number + digits + MIDDLE.length;
  if (!matches(bytes, number + digits, MIDDLE) || !matches(bytes, hex + HEX, TAIL)) return -1;
  let seen = 0;
  for (let i = 0; i < HEX; i++) seen |= HEX_VALUES[bytes[hex + i]!]!;
  if (seen > 15) return -1;
  for (let i = 0; i < 8; i++) {
    prefix[at + i] = HEX_VALUES[bytes[hex + 2 * i]!]! * 16 + HEX_VALUES[bytes[hex + 2 * i + 1]!]!;
  }
  return time;
}

function matches(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** How single values of JSON documents are explained: bytes in base64, keys, digests, times, documents inside documents. */
import { base64Decode, base64urlDecode, type Json, parsePublicKey, utf8Encode } from '@assent/verifier';
import { countOf } from '../terminal/count-of.ts';
import { bytesText, timeText } from './inspection.ts';
import type { Reader } from './json-walk.ts';

/** Either alphabet, with or without padding: what is foreign may be written in each. */
export function decodeBase64(value: Json | undefined): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined;
  const standard = base64Decode(value);
  if (standard.ok) return standard.value;
  const url = base64urlDecode(value.replace(/={1,2}$/, ''));
  return url.ok ? url.value : undefined;
}

/** Anything that is of another type than its reader takes is shown as it is: that it is wrong the format's parser says. */
function asItIs(value: Json): { value: string } {
  return { value: typeof value === 'string' ? value : JSON.stringify(value) };
}

export const bytes: Reader = (value) => {
  const decoded = decodeBase64(value);
  return decoded === undefined ? asItIs(value) : { value: bytesText(decoded) };
};

/** A salt opens what it closes, so it is not for the screen. */
export const hidden: Reader = (value) => {
  const decoded = decodeBase64(value);
  return { value: decoded === undefined ? 'not shown' : `${countOf(decoded.length, 'byte')}, not shown` };
};

export const publicKey: Reader = (value) => {
  const spki = decodeBase64(value);
  if (spki === undefined) return asItIs(value);
  const key = parsePublicKey(spki);
  return { value: key.ok ? `${key.value.algorithm}, keyid ${key.value.keyid}` : `${bytesText(spki)} (${key.detail})` };
};

/** Text that is a document. */
export const text: Reader = (value, look) => {
  if (typeof value !== 'string' || /[\ud800-\udfff]/u.test(value)) return asItIs(value);
  return { value: countOf(utf8Encode(value).length, 'byte'), inside: look.inside(utf8Encode(value)) };
};

/** Base64 of a document. */
export const encoded: Reader = (value, look) => {
  const decoded = decodeBase64(value);
  if (decoded === undefined) return asItIs(value);
  return { value: countOf(decoded.length, 'byte'), inside: look.inside(decoded) };
};

/** A document that stands in another as JSON. */
export const document: Reader = (value, look) => ({
  value: 'a document',
  inside: look.inside(utf8Encode(JSON.stringify(value))),
});

export const milliseconds: Reader = (value) => {
  const time = typeof value === 'number' ? timeText(value) : undefined;
  return { value: time === undefined ? JSON.stringify(value) : `${value}, which is ${time}` };
};

export const seconds: Reader = (value) => {
  const time = typeof value === 'number' ? timeText(value * 1000) : undefined;
  return { value: time === undefined ? asItIs(value).value : `${value}, which is ${time}` };
};

import { parseJson } from '@assent/verifier';
import { Problem } from '../problems.ts';

export const MAX_BATCH_ENTRIES = 1_000;

const NAME = Buffer.from('"entries"');
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const MOST_LOOKED_AT = 64 * 1024;
/** Strings that are longer are searched for their end by native code, which costs more than it saves on short ones. */
const SHORT_STRING = 64;

/**
 * Cuts the body of a batch, `{ "entries": [ … ] }`, into the bytes of its submissions, without parsing them: each is
 * parsed once, strictly, on the thread that examines it. The cuts are at commas outside of strings and brackets, so pieces
 * that are JSON were elements of a list; a piece that is none is refused there, alone. The whole is refused here if what
 * is around the pieces is not exactly that list.
 *
 * Throws a Problem `invalid_json` or `invalid_request`. The pieces are views of `body`.
 */
export function splitBatch(body: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  let at = afterSpace(bytes, 0);
  if (at === bytes.length) throw notJson('it is empty', at);
  if (bytes[at] !== OPEN) throw otherShape(body);
  at = afterSpace(bytes, at + 1);
  if (!bytes.subarray(at, at + NAME.length).equals(NAME)) throw otherShape(body);
  at = expect(bytes, afterSpace(bytes, at + NAME.length), COLON);
  at = afterSpace(bytes, at);
  if (bytes[at] !== OPEN_LIST) throw otherShape(body);
  const pieces: Uint8Array[] = [];
  do {
    const start = afterSpace(bytes, at + 1);
    const end = afterValue(bytes, start);
    if (end === start && pieces.length === 0 && bytes[start] === CLOSE_LIST) {
      throw new Problem('invalid_request', '"entries" is empty: a batch has 1 submission or more.');
    }
    if (end === start) throw notJson('a submission is missing', start);
    if (pieces.push(body.subarray(start, end)) > MAX_BATCH_ENTRIES) {
      throw new Problem('invalid_request', `A batch has ${MAX_BATCH_ENTRIES} submissions at most. Send several.`);
    }
    at = afterSpace(bytes, end);
  } while (bytes[at] === COMMA);
  at = afterSpace(bytes, expect(bytes, at, CLOSE_LIST));
  if (bytes[at] === COMMA) throw otherShape(body);
  at = afterSpace(bytes, expect(bytes, at, CLOSE));
  if (at !== bytes.length) throw notJson('there is more after the end', at);
  return pieces;
}

/** Where a value that begins at `at` ends; `at` itself if none does. */
function afterValue(bytes: Buffer, at: number): number {
  if (bytes[at] === QUOTE) return afterString(bytes, at);
  if (bytes[at] !== OPEN && bytes[at] !== OPEN_LIST) {
    let end = at;
    while (end < bytes.length && !isSpace(bytes[end]) && !isPunctuation(bytes[end])) end++;
    return end;
  }
  let depth = 0;
  for (let i = at; i < bytes.length; ) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i = afterString(bytes, i);
      continue;
    }
    i++;
    if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 0) return i;
  }
  throw notJson('a bracket is not closed', at);
}

function afterString(bytes: Buffer, at: number): number {
  for (let i = at + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i++;
    else if (i === at + SHORT_STRING) {
      const quote = bytes.indexOf(QUOTE, i);
      if (quote === -1) break;
      // With an escape in between, that quote may not be the end: go on byte by byte.
      const escapeAt = bytes.subarray(i, quote).indexOf(BACKSLASH);
      if (escapeAt === -1) return quote + 1;
      i += escapeAt - 1;
    }
  }
  throw notJson('a string is not closed', at);
}

function afterSpace(bytes: Buffer, at: number): number {
  let i = at;
  while (isSpace(bytes[i])) i++;
  return i;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isPunctuation(byte: number | undefined): boolean {
  return byte === COMMA || byte === COLON || byte === CLOSE || byte === CLOSE_LIST || byte === QUOTE;
}

function expect(bytes: Buffer, at: number, byte: number): number {
  if (bytes[at] === byte) return at + 1;
  throw at < bytes.length ? notJson(`expected ${String.fromCharCode(byte)}`, at) : notJson('it ends too early', at);
}

function notJson(what: string, at: number): Problem {
  return new Problem('invalid_json', `The body is not a batch in strict JSON: ${what}, at byte ${at}.`);
}

/** What is no JSON at all is called that, if it is short enough to look. */
function otherShape(body: Uint8Array): Problem {
  const json = body.length <= MOST_LOOKED_AT ? parseJson(body) : undefined;
  if (json?.ok === false) return new Problem('invalid_json', `${json.code}: ${json.detail}`);
  return new Problem('invalid_request', 'The body of a batch is { "entries": [ … ] } and has no other member.');
}

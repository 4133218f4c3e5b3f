/**
 * A strict parser for JSON (RFC 8259) that comes from people and need not be canonical: an intent in a file, a request.
 *
 * `JSON.parse` keeps the last of two equal keys, rounds numbers and lets lone surrogates through: another parser could
 * read another action out of the same text. Here such a text is refused, never repaired (I-JSON, RFC 7493 §2, and a bit
 * more).
 */
import { hasLoneSurrogate, utf8Decode } from './bytes.ts';
import type { FailureCode } from './failure-codes.ts';
import { exactNumber } from './json-number.ts';
import { parseTight } from './json-tight.ts';
import { fail, ok, type Result } from './result.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** `maxBytes` of UTF-8; `maxDepth` counts nested arrays and objects, the root being the first, at most 1000. */
export type JsonLimits = { readonly maxBytes?: number; readonly maxDepth?: number };

export const DEFAULT_LIMITS = { maxBytes: 16 * 1024 * 1024, maxDepth: 32 } as const;

/** The parser and the serializer recurse: this bound is far below what overflows any engine's stack. */
export const MAX_DEPTH = 1000;

/**
 * Fails with `too_large`, `not_utf8`, `json_syntax`, `json_too_deep`, `json_duplicate_key` (however the key is
 * escaped), `json_lone_surrogate` (raw or escaped) and `json_number` (`-0`, or a number that a double cannot hold
 * exactly enough to print the same decimal value: `9007199254740993`, `1e999`; `1.0` and `1e2` are fine). Objects are
 * plain ones; `__proto__` is a key like any other. Throws RangeError if `limits.maxDepth` is not 1 to 1000.
 */
export function parseJson(json: string | Uint8Array, limits: JsonLimits = {}): Result<Json> {
  const parsed = parseJsonForm(json, limits);
  return parsed.ok ? ok(parsed.value.value) : parsed;
}

/** Also whether the text is the canonical form (RFC 8785) of what it says: known while it is read, and not written again for it. */
export type ParsedJson = { readonly value: Json; readonly isCanonical: boolean };

/** As {@link parseJson}. */
export function parseJsonForm(json: string | Uint8Array, limits: JsonLimits = {}): Result<ParsedJson> {
  const { maxBytes = DEFAULT_LIMITS.maxBytes, maxDepth = DEFAULT_LIMITS.maxDepth } = limits;
  if (!Number.isInteger(maxDepth) || maxDepth < 1 || maxDepth > MAX_DEPTH) {
    throw new RangeError(`limits.maxDepth: not an integer from 1 to ${MAX_DEPTH}`);
  }
  if (json.length > maxBytes) return fail('too_large', 'the JSON is too large');
  let text: string;
  if (typeof json === 'string') {
    if (hasLoneSurrogate(json)) return fail('json_lone_surrogate', 'the text holds a lone surrogate');
    if (3 * json.length > maxBytes && new TextEncoder().encode(json).length > maxBytes) {
      return fail('too_large', 'the JSON is too large');
    }
    text = json;
  } else {
    const decoded = utf8Decode(json);
    if (!decoded.ok) return decoded;
    text = decoded.value;
  }
  const parsed = parseTight(text, maxDepth);
  if (parsed !== undefined) return ok(parsed);
  try {
    const parser = new Parser(text, maxDepth);
    const value = parser.document();
    return ok({ value, isCanonical: parser.isCanonical });
  } catch (error) {
    if (error instanceof Refusal) return fail(error.code, `${error.message} at character ${error.at}`);
    throw error;
  }
}

/** Leaves the recursion in one step; never leaves this file. */
class Refusal extends Error {
  readonly code: FailureCode;
  readonly at: number;

  constructor(code: FailureCode, message: string, at: number) {
    super(message);
    this.code = code;
    this.at = at;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Any text, and for a bad one what is wrong with it and where. */
class Parser {
  /** Whether what was read so far is canonical: no space, keys in order, each string and number written in the one way. */
  isCanonical = true;
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): Json {
    this.#skipSpace();
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#refuse('json_syntax', 'something follows the JSON value');
    return value;
  }

  #value(depth: number): Json {
    switch (this.#text.charCodeAt(this.#at)) {
      case OPEN_OBJECT:
        return this.#object(this.#deeper(depth));
      case OPEN_ARRAY:
        return this.#array(this.#deeper(depth));
      case QUOTE:
        return this.#string();
      case 0x74: // t
        return this.#literal('true', true);
      case 0x66: // f
        return this.#literal('false', false);
      case 0x6e: // n
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #deeper(depth: number): number {
    if (depth >= this.#maxDepth) throw this.#refuse('json_too_deep', `nested deeper than ${this.#maxDepth}`);
    return depth + 1;
  }

  #object(depth: number): Json {
    const members: Record<string, Json> = {};
    this.#at++;
    this.#skipSpace();
    if (this.#take(CLOSE_OBJECT)) return members;
    let previous: string | undefined;
    do {
      this.#skipSpace();
      if (this.#text.charCodeAt(this.#at) !== QUOTE)
        throw this.#refuse('json_syntax', 'a key in double quotes is missing');
      const keyAt = this.#at;
      const key = this.#string();
      // RFC 8785 §3.2.3: by UTF-16 code units, as strings compare. A key behind all others is no second one.
      if (previous !== undefined && key <= previous) {
        this.isCanonical = false;
        if (Object.hasOwn(members, key))
          throw new Refusal('json_duplicate_key', 'the same key twice in one object', keyAt);
      } else previous = key;
      this.#skipSpace();
      if (!this.#take(COLON)) throw this.#refuse('json_syntax', 'a colon is missing');
      this.#skipSpace();
      const value = this.#value(depth);
      // An assignment to `__proto__` would change the prototype instead of adding a member.
      if (key === '__proto__') {
        Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
      } else {
        members[key] = value;
      }
      this.#skipSpace();
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_OBJECT)) throw this.#refuse('json_syntax', 'a comma or the end of the object is missing');
    return members;
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#take(CLOSE_ARRAY)) return items;
    do {
      this.#skipSpace();
      items.push(this.#value(depth));
      this.#skipSpace();
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_ARRAY)) throw this.#refuse('json_syntax', 'a comma or the end of the array is missing');
    return items;
  }

  #string(): string {
    const start = this.#at;
    this.#at++;
    let value = this.#plainCharacters();
    let isEscaped = false;
    while (this.#text.charCodeAt(this.#at) === 0x5c) {
      this.#at++;
      isEscaped = true;
      value += this.#escape();
      value += this.#plainCharacters();
    }
    if (!this.#take(QUOTE))
      throw this.#refuse('json_syntax', 'a string is not closed, or holds a bare control character');
    if (!isEscaped) return value; // no escape, and the text itself has no lone surrogate
    if (hasLoneSurrogate(value)) throw new Refusal('json_lone_surrogate', 'a string holds a lone surrogate', start);
    // §3.2.2.2: JSON.stringify escapes exactly as RFC 8785 asks, but for lone surrogates.
    if (JSON.stringify(value) !== this.#text.slice(start, this.#at)) this.isCanonical = false;
    return value;
  }

  #plainCharacters(): string {
    const run = /[\u0020-\u0021\u0023-\u005b\u005d-\uffff]*/y; // RFC 8259 §7, "unescaped"
    run.lastIndex = this.#at;
    run.test(this.#text);
    const characters = this.#text.slice(this.#at, run.lastIndex);
    this.#at = run.lastIndex;
    return characters;
  }

  /** What follows a backslash. */
  #escape(): string {
    const letter = this.#text[this.#at];
    const character = letter === undefined ? undefined : SIMPLE_ESCAPES.get(letter);
    if (character !== undefined) {
      this.#at++;
      return character;
    }
    const digits = this.#text.slice(this.#at + 1, this.#at + 5);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits))
      throw this.#refuse('json_syntax', 'there is no such escape');
    this.#at += 5;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): number {
    const token = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) throw this.#refuse('json_syntax', 'a JSON value is missing');
    const value = exactNumber(match[0]);
    if (value === undefined) throw this.#refuse('json_number', 'a number that would not keep its value');
    // §3.2.2.3: as ECMAScript writes it.
    if (String(value) !== match[0]) this.isCanonical = false;
    this.#at = token.lastIndex;
    return value;
  }

  #literal<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#refuse('json_syntax', 'a JSON value is missing');
    this.#at += word.length;
    return value;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.isCanonical = false;
      this.#at++;
    }
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #refuse(code: FailureCode, message: string): Refusal {
    return new Refusal(code, message, this.#at);
  }
}

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

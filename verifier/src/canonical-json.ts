/**
 * Canonical JSON: RFC 8785 (JSON Canonicalization Scheme).
 *
 * Everything that we hash or sign as JSON is in this form, and a reader takes nothing else: only texts that serialize to
 * themselves. That refuses whatever two parsers could read differently, such as a duplicate key.
 *
 *     { "b": 1.50, "a": "\u20ac" }   has the canonical form   {"a":"€","b":1.5}
 */
import { hasLoneSurrogate, utf8Encode } from './bytes.ts';
import { DEFAULT_LIMITS, type Json, type JsonLimits, type JsonObject, MAX_DEPTH, parseJsonForm } from './json.ts';
import { fail, ok, type Result } from './result.ts';

export type { Json, JsonObject } from './json.ts';

/**
 * Throws TypeError on what has no canonical form: undefined, NaN, Infinity, a lone surrogate, an object that is neither
 * plain nor an array (its `toJSON` or prototype would decide what is signed), and nesting deeper than 1000, so also a
 * cycle.
 */
export function canonicalJson(value: Json): string {
  return serialize(value, MAX_DEPTH);
}

/** UTF-8 of `canonicalJson`: what is hashed and signed. Throws as it does. */
export function canonicalBytes(value: Json): Uint8Array {
  return utf8Encode(canonicalJson(value));
}

/**
 * Accepts only bytes that are the canonical form of what they say. Fails with a code of `parseJson`, and with
 * `json_not_canonical` on what that parser takes. Throws RangeError on impossible limits, as it does.
 *
 * The strict parser runs and not `JSON.parse`: for a microsecond more a kilobyte it names what is wrong, and its depth
 * limit holds while it parses (16 MB of `[` make V8's `JSON.parse` take 650 MB before anyone can count).
 */
export function parseCanonicalJson(bytes: Uint8Array, limits: JsonLimits = {}): Result<Json> {
  if (bytes.length > (limits.maxBytes ?? DEFAULT_LIMITS.maxBytes)) return fail('too_large', 'the JSON is too large');
  const parsed = parseJsonForm(bytes, limits);
  if (!parsed.ok) return parsed;
  return parsed.value.isCanonical
    ? ok(parsed.value.value)
    : fail('json_not_canonical', 'the JSON is not in its canonical form (RFC 8785)');
}

function serialize(value: Json, levels: number): string {
  switch (typeof value) {
    case 'string':
      return serializeString(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('value: JSON has no NaN and no Infinity');
      return String(value); // RFC 8785 §3.2.2.3 is ECMAScript's Number::toString; -0 becomes 0
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      break;
    default:
      throw new TypeError(`value: JSON has no ${typeof value}`);
  }
  if (value === null) return 'null';
  if (levels === 0) throw new TypeError('value: nested too deep');
  return isArray(value) ? serializeArray(value, levels - 1) : serializeObject(value, levels - 1);
}

function serializeArray(items: readonly Json[], levels: number): string {
  let text = '[';
  // By index: `map` and `forEach` skip the holes of a sparse array, which must throw as undefined does.
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + serialize(items[i]!, levels);
  return `${text}]`;
}

function serializeObject(value: JsonObject, levels: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError('value: only plain objects have a JSON form');
  // §3.2.3: keys sort by UTF-16 code units, which is what sort() does; code points would order U+FB33 and U+1F600
  // otherwise.
  let text = '{';
  let separator = '';
  for (const key of Object.keys(value).sort()) {
    text += `${separator}${serializeString(key)}:${serialize(value[key]!, levels)}`;
    separator = ',';
  }
  return `${text}}`;
}

/** Names and short values mostly are of this kind, and to look costs less than a call of JSON.stringify. */
const WITHOUT_ESCAPES = /^[ !#-[\]-~]*$/;
const SHORT = 64;

/** §3.2.2.2: JSON.stringify escapes exactly as RFC 8785 asks, except that it writes a lone surrogate as an escape. */
function serializeString(text: string): string {
  if (text.length <= SHORT && WITHOUT_ESCAPES.test(text)) return `"${text}"`;
  if (hasLoneSurrogate(text)) throw new TypeError('value: a string holds a lone surrogate');
  return JSON.stringify(text);
}

function isArray(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

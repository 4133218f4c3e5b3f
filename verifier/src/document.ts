/**
 * Readers for the members of our own JSON documents (formats.md, "Everywhere"): every member is known, present unless
 * it is optional, and of exactly the form that its format says. Nothing is skipped and nothing repaired, because two
 * readers that repair differently would disagree about what was approved.
 *
 * A {@link Field} reads one value and never throws. The detail of its failure is the rest of a sentence whose subject
 * the caller knows (` is not an object`), so that paths cost nothing while documents are good:
 *
 *     const point = object({ x: text, label: optional(text) });
 *     named('point', point({ x: 1 }));       // wrong_type: "point.x is not a string"
 *     named('point', point({}));             // missing_member: "point.x is missing"
 *     named('point', point({ x: '', y: 2 }));   // unknown_member: 'point has a member that its format does not define: "y"'
 */
import { base64Decode } from './base64.ts';
import { hasLoneSurrogate } from './bytes.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import type { FailureCode } from './failure-codes.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import { isTimeText } from './time.ts';

export type Field<T> = (value: Json) => Result<T>;
export type OptionalField<T> = { readonly optional: Field<T> };
type Shape = { readonly [name: string]: Field<unknown> | OptionalField<unknown> };

type RequiredNames<S> = { [K in keyof S]: S[K] extends OptionalField<unknown> ? never : K }[keyof S];
type OptionalNames<S> = { [K in keyof S]: S[K] extends OptionalField<unknown> ? K : never }[keyof S];
export type MembersOf<S> = {
  readonly [K in RequiredNames<S>]: S[K] extends Field<infer T> ? T : never;
} & { readonly [K in OptionalNames<S>]?: S[K] extends OptionalField<infer T> ? T : never };

/** How deep a document may nest, its own root counted as 1. */
export const MAX_DOCUMENT_DEPTH = 32;

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Puts the subject before a failure's detail; a success passes unchanged. */
export function named<T>(subject: string, result: Result<T>): Result<T> {
  return result.ok ? result : fail(result.code, subject + result.detail);
}

export function optional<T>(field: Field<T>): OptionalField<T> {
  return { optional: field };
}

/**
 * An object with exactly these members. They are judged in the order of `shape`, so a `type` that stands first is
 * judged before anything that another version of the format may have changed.
 */
export function object<const S extends Shape>(shape: S): Field<MembersOf<S>> {
  const fields = Object.entries(shape).map(([name, entry]) =>
    typeof entry === 'function'
      ? { name, read: entry, required: true }
      : { name, read: entry.optional, required: false },
  );
  const known = new Set(fields.map(({ name }) => name));
  return (value) => {
    if (!isJsonObject(value)) return fail('wrong_type', ' is not an object');
    const members: Record<string, unknown> = {};
    let found = 0;
    for (const { name, read, required } of fields) {
      const member = Object.hasOwn(value, name) ? value[name] : undefined;
      if (member === undefined) {
        if (required) return fail('missing_member', `.${name} is missing`);
        continue;
      }
      const result = read(member);
      if (!result.ok) return fail(result.code, `.${name}${result.detail}`);
      members[name] = result.value;
      found++;
    }
    const names = Object.keys(value);
    if (names.length === found) return ok(members as MembersOf<S>);
    for (const name of names) {
      if (!known.has(name)) {
        return fail(
          'unknown_member',
          ` has a member that its format does not define: ${JSON.stringify(name.slice(0, 40))}`,
        );
      }
    }
    return ok(members as MembersOf<S>);
  };
}

export function arrayOf<T>(field: Field<T>): Field<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return fail('wrong_type', ' is not an array');
    const items: T[] = [];
    for (const [index, item] of value.entries()) {
      const result = field(item);
      if (!result.ok) return fail(result.code, `[${index}]${result.detail}`);
      items.push(result.value);
    }
    return ok(items);
  };
}

/** An object whose names are data: each is judged by `key`, each value by `item`. */
export function mapOf<T>(key: Field<string>, item: Field<T>): Field<ReadonlyMap<string, T>> {
  return (value) => {
    if (!isJsonObject(value)) return fail('wrong_type', ' is not an object');
    const items = new Map<string, T>();
    for (const [name, member] of Object.entries(value)) {
      const shown = `[${JSON.stringify(name.slice(0, 100))}]`;
      const known = key(name);
      if (!known.ok) return fail(known.code, `: the name ${shown}${known.detail}`);
      const result = item(member);
      if (!result.ok) return fail(result.code, `${shown}${result.detail}`);
      items.set(name, result.value);
    }
    return ok(items);
  };
}

/** As `field`, but an empty array is refused: leaving the member out is the one way to say "none". */
export function nonEmpty<T>(field: Field<readonly T[]>): Field<readonly T[]> {
  return (value) => {
    const result = field(value);
    if (result.ok && result.value.length === 0)
      return fail('bad_value', ' is empty; without items the member is left out');
    return result;
  };
}

/** 1 to `max` texts, none of them twice. */
export function setOf<T extends string>(field: Field<T>, max: number): Field<readonly T[]> {
  const items = nonEmpty(arrayOf(field));
  return (value) => {
    // Counted first: what is refused for its number should not cost the reading of thousands.
    if (Array.isArray(value) && value.length > max) return fail('too_large', ` has more than ${max} items`);
    const result = items(value);
    if (result.ok && new Set(result.value).size !== result.value.length)
      return fail('bad_value', ' names the same twice');
    return result;
  };
}

/** The `type` of a document. Another one is no error of the document: it is one that this version cannot judge. */
export function documentType<const T extends string>(type: T): Field<T> {
  return (value) => {
    if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
    return value === type ? ok(type) : fail('unsupported', ` is not ${type}, the only one known here`);
  };
}

export function oneOf<const T extends string>(...values: readonly T[]): Field<T> {
  return (value) => {
    if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
    const found = values.find((candidate) => candidate === value);
    return found === undefined ? fail('bad_value', ` is none of ${values.join(', ')}`) : ok(found);
  };
}

/** Text of a document that a strict parser read: one that refused lone surrogates. */
export const string: Field<string> = (value) =>
  typeof value === 'string' ? ok(value) : fail('wrong_type', ' is not a string');

/** Text wherever it comes from. A lone surrogate has no UTF-8, so text that holds one cannot be hashed. */
export const text: Field<string> = (value) => {
  if (typeof value !== 'string') return string(value);
  return hasLoneSurrogate(value) ? fail('json_lone_surrogate', ' holds a lone surrogate') : ok(value);
};

/** Text of one form; `form` ends the sentence " is not …". */
export function matching(pattern: RegExp, code: FailureCode, form: string): Field<string> {
  const failure: Failure = fail(code, ` is not ${form}`);
  return (value) => {
    if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
    return pattern.test(value) ? ok(value) : failure;
  };
}

/** Names of logs, connectors, people, roles, rules, boundaries, policies. */
export const identifier = matching(
  /^[A-Za-z0-9._:/@+-]{1,128}$/,
  'bad_identifier',
  'an identifier (1 to 128 of A-Z a-z 0-9 . _ : / @ + -)',
);

/** `service` and `id` are joined by a slash in URLs, so neither may hold one. */
export const slashlessIdentifier = matching(
  /^[A-Za-z0-9._:@+-]{1,128}$/,
  'bad_identifier',
  'an identifier without a slash (1 to 128 of A-Z a-z 0-9 . _ : @ + -)',
);

const DOTTED_WORDS = 'dotted lower-case words';
const wordsAndDots = matching(/^[a-z0-9_.]+$/, 'bad_value', DOTTED_WORDS);

/**
 * `payment.refund`: the class of an action. Read in two steps, because a repetition within a repetition makes the engines of regular
 * expressions overflow on a text of millions of words.
 */
export const actionName: Field<string> = (value) => {
  const words = wordsAndDots(value);
  return words.ok && /^\.|\.\.|\.$/.test(words.value) ? fail('bad_value', ` is not ${DOTTED_WORDS}`) : words;
};

export const digest = matching(/^sha256:[0-9a-f]{64}$/, 'bad_value', '"sha256:" and 64 lower-case hexadecimal digits');

/** RFC 3339, UTC, milliseconds: `2026-04-03T17:00:00.000Z`. Equal width, so times order as their texts do. */
export const time: Field<string> = (value) => {
  if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
  return isTimeText(value)
    ? ok(value)
    : fail('bad_time', ' is not a UTC time with milliseconds, such as 2026-04-03T17:00:00.000Z');
};

/** A whole number from 1 up. */
export const positiveInteger: Field<number> = (value) => {
  if (typeof value !== 'number') return fail('wrong_type', ' is not a number');
  return Number.isSafeInteger(value) && value >= 1 ? ok(value) : fail('bad_value', ' is not a whole number from 1 up');
};

/** Standard base64, padded, strict. */
export const base64Bytes: Field<Uint8Array> = (value) => {
  if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
  const bytes = base64Decode(value);
  return bytes.ok ? bytes : fail(bytes.code, ' is not strict base64');
};

export const boolean: Field<boolean> = (value) =>
  typeof value === 'boolean' ? ok(value) : fail('wrong_type', ' is not true or false');

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Field<number> {
  return (value) => {
    if (typeof value !== 'number') return fail('wrong_type', ' is not a number');
    return Number.isInteger(value) && value >= min && value <= max
      ? ok(value)
      : fail('bad_value', ` is not a whole number from ${min} to ${max}`);
  };
}

export const jsonObject: Field<JsonObject> = (value) =>
  isJsonObject(value) ? ok(value) : fail('wrong_type', ' is not an object');

/**
 * Whether a value that some other code parsed is one that our strict parsers would have let through: no deeper than
 * `maxDepth` (the value itself counts as 1), text with UTF-8, numbers that JSON has. Everything that is hashed passes
 * here first, so that hashing cannot throw.
 */
export function checkJson(value: Json, maxDepth: number = MAX_DOCUMENT_DEPTH): Result<void> {
  if (typeof value === 'string')
    return hasLoneSurrogate(value) ? fail('json_lone_surrogate', ' holds a lone surrogate') : ok(undefined);
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? ok(undefined)
      : fail('json_number', ' holds a number that JSON has not');
  }
  if (value === null || typeof value === 'boolean') return ok(undefined);
  if (typeof value !== 'object') return fail('wrong_type', ' holds something that JSON has not');
  if (maxDepth < 1) return fail('json_too_deep', ' nests too deep');
  if (Array.isArray(value)) {
    for (const item of value) {
      const result = checkJson(item, maxDepth - 1);
      if (!result.ok) return result;
    }
    return ok(undefined);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return fail('wrong_type', ' holds something that JSON has not');
  for (const [name, member] of Object.entries(value)) {
    if (hasLoneSurrogate(name)) return fail('json_lone_surrogate', ' holds a lone surrogate');
    const result = checkJson(member, maxDepth - 1);
    if (!result.ok) return result;
  }
  return ok(undefined);
}

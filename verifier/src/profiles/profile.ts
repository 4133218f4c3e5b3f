/**
 * What a profile is: how evidence of another system is read (formats.md §10). The payload type picks one. It says which bytes
 * were signed, what kind of signature counts, what the payload says, and what such a record can't prove however well it verifies.
 *
 * Payloads of other systems are signed as they were written, so their JSON need not be canonical and may have members that
 * nobody here knows. It is parsed strictly all the same: what two parsers could read in two ways is refused.
 */
import type { Json } from '../canonical-json.ts';
import {
  arrayOf,
  type Field,
  isJsonObject,
  type MembersOf,
  named,
  type OptionalField,
  object,
  text,
} from '../document.ts';
import { isTime } from '../entry.ts';
import { parseJson } from '../json.ts';
import { fail, ok, type Result } from '../result.ts';
import { formatTime, isTimeText } from '../time.ts';

/** What a payload says, in the words of its own system; nothing in here is a decision under one of our policies. */
export type ForeignRecord = {
  /** none: as far as the format goes, nobody decided anything. */
  readonly decision: 'approved' | 'rejected' | 'none';
  /** What its system calls it. */
  readonly id?: string;
  /** Who decided, as far as the payload says. */
  readonly who?: string;
  /** What it is about. */
  readonly action?: string;
  /** By which means its system says that it knew the person. */
  readonly method?: string;
  /** RFC 3339 with milliseconds: when it was decided, and until when it is meant to hold. */
  readonly when?: string;
  readonly until?: string;
  /** Each completes "it cannot prove …". */
  readonly cannotProve: readonly string[];
};

export type Profile = {
  /** The system's name for people. */
  readonly format: string;
  /** The only kind of signature that counts; any: whatever our own envelopes may hold. */
  readonly signer: 'passkey' | 'ed25519' | 'any';
  /** What a key signs, and whose hash a passkey's challenge ends with. */
  readonly signedBytes: (payloadType: string, payload: Uint8Array) => Uint8Array;
  readonly read: (payload: Uint8Array) => Result<ForeignRecord>;
};

type Shape = { readonly [name: string]: Field<unknown> | OptionalField<unknown> };

/** The JSON object that a payload is, with these members among others. Fails with the codes of the parser and of members. */
export function readPayload<const S extends Shape>(payload: Uint8Array, shape: S): Result<MembersOf<S>> {
  const json = parseJson(payload);
  if (!json.ok) return named('payload: ', json);
  const known = isJsonObject(json.value) ? pick(json.value, Object.keys(shape)) : json.value;
  return named('payload', object(shape)(known));
}

function pick(value: { readonly [name: string]: Json }, names: readonly string[]): Json {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]!]));
}

export const nonEmptyText: Field<string> = (value) => (value === '' ? fail('bad_value', ' is empty') : text(value));

export const texts = arrayOf(text);

export const count: Field<number> = (value) => {
  if (typeof value !== 'number') return fail('wrong_type', ' is not a number');
  return Number.isSafeInteger(value) && value >= 0 ? ok(value) : fail('bad_value', ' is not a whole number from 0');
};

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/;

/** Whole seconds since the epoch, or RFC 3339 in UTC with up to nanoseconds, which are cut off: to our own form of a time. */
export const moment: Field<string> = (value) => {
  if (typeof value === 'number') {
    return Number.isInteger(value) && isTime(value * 1000)
      ? ok(formatTime(value * 1000))
      : fail('bad_time', ' is not whole seconds since the epoch');
  }
  if (typeof value !== 'string') return fail('wrong_type', ' is neither a number nor text');
  const [, seconds, fraction = ''] = RFC_3339.exec(value) ?? [];
  const time = `${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  return isTimeText(time) ? ok(time) : fail('bad_time', ' is not an RFC 3339 time in UTC');
};

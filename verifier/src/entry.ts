/**
 * Entries: what the log stores and hashes into its tree (formats.md §4), as canonical JSON of at most 65,535 bytes, the limit of
 * a C2SP entry bundle.
 *
 *     {"content":{…envelope…},"kind":"approval","logged_at":1775235662123,"type":"assent/entry/v1"}
 *
 * - `content` is in the open, or `sealed` stands in its place: a commitment to it. Only approvals may be sealed.
 * - `reveal` makes the intent public as well, beside `content` only.
 * - `logged_at` is the log's clock in milliseconds, never less than the previous entry's.
 */
import { utf8Encode } from './bytes.ts';
import { canonicalJson, type Json, type JsonObject, parseCanonicalJson } from './canonical-json.ts';
import {
  digest,
  documentType,
  type Field,
  jsonObject,
  MAX_DOCUMENT_DEPTH,
  named,
  object,
  oneOf,
  optional,
} from './document.ts';
import { MAX_ENTRY_SIZE } from './entry-bundle.ts';
import { fail, ok, type Result } from './result.ts';

export const ENTRY_TYPE = 'assent/entry/v1';

export const ENTRY_KINDS = ['approval', 'consumption', 'trust-root'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** `content` is only known to be an object: {@link checkContent} judges it, here as at the log's admission. */
export type OpenEntry = {
  readonly kind: EntryKind;
  /** Milliseconds since the epoch. */
  readonly loggedAt: number;
  readonly content: JsonObject;
  readonly reveal?: { readonly intent: JsonObject };
};

export type SealedEntry = {
  readonly kind: 'approval';
  readonly loggedAt: number;
  /** `sha256:<hex>` of 32-byte salt ‖ JCS(content). */
  readonly sealed: string;
};

export type Entry = OpenEntry | SealedEntry;

/** 9999-12-31T23:59:59.999Z: the last time that has a text form. */
const LAST_TIME = 253_402_300_799_999;

/** Whole milliseconds since the epoch that have a text form. */
export function isTime(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms <= LAST_TIME;
}

const milliseconds: Field<number> = (value) => {
  if (typeof value !== 'number') return fail('wrong_type', ' is not a number');
  return isTime(value) ? ok(value) : fail('bad_time', ' is not a whole number of milliseconds since the epoch');
};

const entryMembers = object({
  type: documentType(ENTRY_TYPE),
  logged_at: milliseconds,
  kind: oneOf(...ENTRY_KINDS),
  content: optional(jsonObject),
  sealed: optional(digest),
  reveal: optional(object({ intent: jsonObject })),
});

/** An intent is a document of its own, and two levels deep in an entry. */
const ENTRY_DEPTH = MAX_DOCUMENT_DEPTH + 2;

/** Fails with `too_large`, the codes of {@link parseCanonicalJson} and of members; `unsupported` for another type. */
export function parseEntry(bytes: Uint8Array): Result<Entry> {
  const value = parseCanonicalJson(bytes, { maxBytes: MAX_ENTRY_SIZE, maxDepth: ENTRY_DEPTH });
  if (!value.ok) return named('entry: ', value);
  const entry = named('entry', entryMembers(value.value));
  if (!entry.ok) return entry;
  const { kind, logged_at: loggedAt, content, sealed, reveal } = entry.value;
  if (content !== undefined) {
    if (sealed !== undefined) return fail('unknown_member', 'entry has both content and sealed');
    return ok({ kind, loggedAt, content, ...(reveal && { reveal }) });
  }
  if (sealed === undefined) return fail('missing_member', 'entry has neither content nor sealed');
  if (reveal !== undefined) return fail('unknown_member', 'entry reveals an intent and seals its content');
  if (kind !== 'approval') return fail('bad_value', `entry.kind is ${kind}, and only approvals may be sealed`);
  return ok({ kind, loggedAt, sealed });
}

/**
 * The entry's bytes. Throws RangeError if they are more than 65,535, or `loggedAt` is no time; TypeError on content that has no
 * canonical form.
 */
export function formatEntry({
  kind,
  loggedAt,
  content,
  reveal,
}: Omit<OpenEntry, 'content' | 'reveal'> & {
  readonly content: Json;
  readonly reveal?: { readonly intent: Json };
}): Uint8Array {
  const intent = reveal && canonicalJson(reveal.intent);
  const bytes = utf8Encode(formatEntryAround(canonicalJson(content), kind, loggedAt, intent));
  if (bytes.length > MAX_ENTRY_SIZE) throw new RangeError(`entry: more than ${MAX_ENTRY_SIZE} bytes`);
  return bytes;
}

/**
 * The same text around parts that are canonical already, so that the log serializes each once (`checkContent` hands them
 * out). The caller looks after the size. Throws RangeError if `loggedAt` is no time.
 */
export function formatEntryAround(
  canonicalContent: string,
  kind: EntryKind,
  loggedAt: number,
  canonicalIntent?: string,
): string {
  if (!isTime(loggedAt)) throw new RangeError('loggedAt: not a whole number of milliseconds since the epoch');
  const reveal = canonicalIntent === undefined ? '' : `"reveal":{"intent":${canonicalIntent}},`;
  return `{"content":${canonicalContent},"kind":"${kind}","logged_at":${loggedAt},${reveal}"type":"${ENTRY_TYPE}"}`;
}

/** The entry in whose place of content a commitment stands (`sealContent`). Throws TypeError if `sealed` is no digest, RangeError if `loggedAt` is no time. */
export function formatSealedEntry({ loggedAt, sealed }: Omit<SealedEntry, 'kind'>): Uint8Array {
  if (!digest(sealed).ok) throw new TypeError('sealed: not "sha256:" and 64 lower-case hexadecimal digits');
  return utf8Encode(formatEntryAroundSealed(sealed, loggedAt));
}

/** The same as text, for the log, which checked the commitment already. Throws RangeError if `loggedAt` is no time. */
export function formatEntryAroundSealed(sealed: string, loggedAt: number): string {
  if (!isTime(loggedAt)) throw new RangeError('loggedAt: not a whole number of milliseconds since the epoch');
  return `{"kind":"approval","logged_at":${loggedAt},"sealed":"${sealed}","type":"${ENTRY_TYPE}"}`;
}

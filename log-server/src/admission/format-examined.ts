import { type EntryKind, formatEntryAround, formatEntryAroundSealed } from '@assent/verifier';
import type { Examined } from './examined.ts';

/** The longest form that a time takes before the year 2286, in ms. */
const LONGEST_TIME = 9_999_999_999_999;
/** What stands in front of the content: `{"content":`. */
const BEFORE = Buffer.from(formatEntryAround('', 'approval', 0).split(',')[0]!);

/** The entry's bytes, once its time is known (ms since the epoch). */
export function formatExamined(examined: Examined, loggedAt: number): Uint8Array {
  if ('sealed' in examined) return Buffer.from(formatEntryAroundSealed(examined.sealed, loggedAt));
  const { content, kind } = examined;
  const after = afterContent(kind, loggedAt, 'intent' in examined ? examined.intent : undefined);
  const bytes = Buffer.allocUnsafe(BEFORE.length + content.length + after.length);
  bytes.set(BEFORE);
  bytes.set(content, BEFORE.length);
  bytes.set(after, BEFORE.length + content.length);
  return bytes;
}

/** The most bytes that the entry around this content can have. */
export function entrySize(content: Uint8Array, kind: EntryKind, intent?: string): number {
  return BEFORE.length + content.length + afterContent(kind, LONGEST_TIME, intent).length;
}

/** All records of a batch have one time, and most of them one kind. */
let last: { readonly kind: EntryKind; readonly loggedAt: number; readonly bytes: Uint8Array } | undefined;

function afterContent(kind: EntryKind, loggedAt: number, intent: string | undefined): Uint8Array {
  if (intent === undefined && last?.kind === kind && last.loggedAt === loggedAt) return last.bytes;
  // Canonical JSON is well-formed, so Buffer's encoder, which would replace what is not, changes nothing.
  const bytes = Buffer.from(formatEntryAround('', kind, loggedAt, intent)).subarray(BEFORE.length);
  if (intent === undefined) last = { kind, loggedAt, bytes };
  return bytes;
}

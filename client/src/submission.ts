import { canonicalJson, type Entry, type Json, type JsonObject, parseSalt, sealContent } from '@assent/verifier';

/** What is to be logged. How much of it becomes public is always said, never left to a default on the other side. */
export type Submission = OpenSubmission | RevealedSubmission | SealedSubmission;

/** Statement and signatures become public for ever; the action's arguments don't. */
export type OpenSubmission = {
  readonly visibility: 'open';
  /** The signed envelope. */
  readonly content: JsonObject;
};

/** The intent, with its arguments, becomes public too. */
export type RevealedSubmission = {
  readonly visibility: 'revealed';
  readonly content: JsonObject;
  readonly intent: JsonObject;
};

/**
 * A commitment alone becomes public. Store content and salt before you send them (`createSalt`): without both nobody can
 * ever show what the entry holds, not even the log.
 */
export type SealedSubmission = {
  readonly visibility: 'sealed';
  readonly content: JsonObject;
  /** Base64 of 32 random bytes, used for this entry alone. */
  readonly salt: string;
};

/** The body of `POST /api/v1/entries`. Throws TypeError on a salt that is none. */
export function formatSubmission(submission: Submission): string {
  if (submission.visibility === 'sealed' && !parseSalt(submission.salt).ok) {
    throw new TypeError('salt: not 32 bytes in base64');
  }
  return JSON.stringify({ kind: 'approval', ...submission });
}

/** Whether an entry holds what was sent, all of it and nothing else. */
export function holdsSubmission(entry: Entry, submission: Submission): boolean {
  if (entry.kind !== 'approval') return false;
  if (submission.visibility === 'sealed') {
    const salt = parseSalt(submission.salt);
    return salt.ok && 'sealed' in entry && entry.sealed === sealContent(submission.content, salt.value);
  }
  if (!('content' in entry) || !same(entry.content, submission.content)) return false;
  if (submission.visibility === 'open') return entry.reveal === undefined;
  return entry.reveal !== undefined && same(entry.reveal.intent, submission.intent);
}

function same(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

export function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What a receipt discloses of its entry (formats.md §6): content and salt open a sealed one, the intent and the text that was
 * shown may stand beside any content. What stands there and is compared with nothing would only mislead whoever reads it,
 * so it is refused.
 */

import type { JsonObject } from './canonical-json.ts';
import type { Entry } from './entry.ts';
import type { Disclosures } from './receipt.ts';
import { type Check, failed, skipped } from './report.ts';
import { fail, ok, type Result } from './result.ts';
import { checkCommitment } from './sealed.ts';
import type { Sha256 } from './sha256.ts';

/** Whether the disclosures are such as this entry can have. Their values are judged elsewhere. */
export function checkDisclosures(entry: Entry, disclosures: Disclosures = {}): Result<void> {
  const { content, salt, intent, display } = disclosures;
  if ('content' in entry) {
    return content === undefined && salt === undefined
      ? ok(undefined)
      : fail('bad_value', 'receipt.disclosures holds content or salt, and the entry is not sealed');
  }
  if (content !== undefined && salt !== undefined) return ok(undefined);
  if (content !== undefined || salt !== undefined) {
    const [there, missing] = content === undefined ? ['salt', 'content'] : ['content', 'salt'];
    const detail = `receipt.disclosures holds ${there} without ${missing}, and only both open a sealed entry`;
    return fail('missing_member', detail);
  }
  if (intent === undefined && display === undefined) return ok(undefined);
  const detail =
    'receipt.disclosures holds an intent or a text, and neither content nor salt, without which they belong to nothing';
  return fail('missing_member', detail);
}

/** What is left of `content`'s judgement before there is a content: why there is none. */
export type Unopened = { readonly unopened: Check };

/** The entry's content: its own, or the disclosed one if that is what was sealed. */
export function openContent(
  entry: Entry,
  { content, salt }: Disclosures = {},
  hash: Sha256,
): { readonly content: JsonObject } | Unopened {
  if ('content' in entry) return { content: entry.content };
  if (content === undefined && salt === undefined) {
    const detail =
      'Sealed and not disclosed: the entry holds a commitment alone. Whoever had it logged can disclose content and salt.';
    return { unopened: skipped('content', 'sealed', detail) };
  }
  if (content === undefined || salt === undefined) {
    return { unopened: skipped('content', 'premise_failed', 'Content and salt are needed, both of them.') };
  }
  const { result, computed } = checkCommitment(entry.sealed, { content, salt }, hash);
  if (result.ok) return { content };
  return {
    unopened: failed('content', result, { expected: entry.sealed, ...(computed !== undefined && { computed }) }),
  };
}

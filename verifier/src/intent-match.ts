/** Whether an intent is the one that a statement is about (formats.md §1): by digest, and by the members that stand in both. */
import type { Statement } from './approval.ts';
import { hexEncode, utf8Encode } from './bytes.ts';
import { canonicalJson, type Json } from './canonical-json.ts';
import { checkJson, named } from './document.ts';
import { type Intent, readIntent } from './intent.ts';
import { fail, ok, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';

export type MatchedIntent = {
  readonly result: Result<{ readonly intent: Intent; readonly canonical: string }>;
  /** The digest of what was given, where it has one. */
  readonly computed?: string;
};

/**
 * Fails with `intent_mismatch` or the codes of {@link readIntent}. The digest is compared before the members are read: for
 * something else than what was signed, that it is something else is what people need to hear.
 */
export function matchIntent(unverified: Json, statement: Statement, hash: Sha256): MatchedIntent {
  const sound = named('intent', checkJson(unverified));
  if (!sound.ok) return { result: sound };
  const canonical = canonicalJson(unverified);
  const computed = `sha256:${hexEncode(hash(utf8Encode(canonical)))}`;
  if (computed !== statement.intent.digest) {
    return { computed, result: fail('intent_mismatch', 'the intent is not the one whose digest was signed') };
  }
  const intent = readIntent(unverified);
  if (!intent.ok) return { computed, result: intent };
  for (const member of ['action', 'connector', 'schema'] as const) {
    if (intent.value[member] !== statement.intent[member]) {
      return { computed, result: fail('intent_mismatch', `${member} in the statement is not the intent's`) };
    }
  }
  return { computed, result: ok({ intent: intent.value, canonical }) };
}

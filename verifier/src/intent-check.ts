/** Whether the caller's action is the one that was decided on: the check `intent` (formats.md §1 and §11). */
import type { Statement } from './approval.ts';
import type { Json } from './canonical-json.ts';
import { MAX_DOCUMENT_DEPTH, named } from './document.ts';
import type { Intent } from './intent.ts';
import { matchIntent } from './intent-match.ts';
import { parseJson } from './json.ts';
import { type Check, failed, passed, skipped } from './report.ts';
import type { Result } from './result.ts';
import type { Sha256 } from './sha256.ts';

export type JudgedIntent = {
  readonly check: Check;
  /** The caller's own; only when the check passed. */
  readonly intent?: Intent;
};

/** @param unverified the caller's own intent, parsed or as text. Never throws for bad evidence. */
export function checkIntent(
  statement: Statement,
  unverified: Json | Uint8Array | undefined,
  hash: Sha256,
): JudgedIntent {
  if (unverified === undefined) {
    const detail = 'The action that you are about to run is needed, as an intent.';
    return { check: skipped('intent', 'no_caller_intent', detail) };
  }
  const value = intentValue(unverified);
  if (!value.ok) return { check: failed('intent', value) };
  const { result, computed } = matchIntent(value.value, statement, hash);
  const values = { expected: statement.intent.digest, ...(computed !== undefined && { computed }) };
  if (result.ok) {
    const check = passed('intent', 'Your action is, to the letter, the one that was decided on.', values);
    return { check, intent: result.value.intent };
  }
  return {
    check:
      result.code === 'unsupported'
        ? skipped('intent', 'unsupported', `${result.detail}.`)
        : failed('intent', result, values),
  };
}

/** A gate gets the action from the agent that asks for it, so its text is evidence like any other and may be bad. */
function intentValue(unverified: Json | Uint8Array): Result<Json> {
  if (typeof unverified !== 'string' && !(unverified instanceof Uint8Array)) return { ok: true, value: unverified };
  return named('intent: ', parseJson(unverified, { maxDepth: MAX_DOCUMENT_DEPTH }));
}

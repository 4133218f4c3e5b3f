/** Whether the caller's action is the one that was decided on: the check `intent` (formats.md §1 and §11). */
import type { Statement } from './approval.ts';
import type { Json } from './canonical-json.ts';
import { MAX_DOCUMENT_DEPTH, named } from './document.ts';
import { matchIntent } from './intent-match.ts';
import { parseJson } from './json.ts';
import { type Check, failed, passed, skipped } from './report.ts';
import { fail, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';

/**
 * @param unverified the caller's own intent, parsed or as text.
 * @param schema digest of the connector's argument schema as it is now; null: it has none; undefined: not said, and not judged.
 *
 * Never throws for bad evidence.
 */
export function checkIntent(
  statement: Statement,
  unverified: Json | Uint8Array | undefined,
  schema: string | null | undefined,
  hash: Sha256,
): Check {
  const signed = statement.intent.schema ?? null;
  // The same arguments mean something else to a connector whose schema has changed.
  if (schema !== undefined && schema !== signed) {
    const failure = fail('schema_mismatch', "the connector's schema is not the one for which it was decided");
    return failed('intent', failure, { expected: signed ?? 'none', computed: schema ?? 'none' });
  }
  if (unverified === undefined) {
    return skipped('intent', 'no_caller_intent', 'The action that you are about to run is needed, as an intent.');
  }
  const value = intentValue(unverified);
  if (!value.ok) return failed('intent', value);
  const { result, computed } = matchIntent(value.value, statement, hash);
  const values = { expected: statement.intent.digest, ...(computed !== undefined && { computed }) };
  if (result.ok) return passed('intent', 'Your action is, to the letter, the one that was decided on.', values);
  return result.code === 'unsupported'
    ? skipped('intent', 'unsupported', `${result.detail}.`)
    : failed('intent', result, values);
}

/** A gate gets the action from the agent that asks for it, so its text is evidence like any other and may be bad. */
function intentValue(unverified: Json | Uint8Array): Result<Json> {
  if (typeof unverified !== 'string' && !(unverified instanceof Uint8Array)) return { ok: true, value: unverified };
  return named('intent: ', parseJson(unverified, { maxDepth: MAX_DOCUMENT_DEPTH }));
}

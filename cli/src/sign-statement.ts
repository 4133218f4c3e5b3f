import {
  APPROVAL_PAYLOAD_TYPE,
  canonicalBytes,
  formatEnvelope,
  type Intent,
  intentDigest,
  type Json,
  type JsonObject,
  parseStatement,
  preAuthEncoding,
} from '@assent/verifier';
import { CommandFailure } from './failure.ts';
import { isObject } from './http/problem.ts';
import type { SigningKey } from './signing-key.ts';

/**
 * The envelope (formats.md §3) of a statement, signed by one key over its canonical bytes.
 *
 * Nothing is guessed, as a signature would stand under the guess. What follows from the intent is no guess: a statement
 * without `intent` gets its digest, action, connector and schema.
 */
export async function signStatement(statement: Json, intent: Intent | undefined, key: SigningKey): Promise<JsonObject> {
  const payload = canonicalBytes(isObject(statement) ? withIntent(statement, intent) : statement);
  const parsed = parseStatement(payload);
  if (!parsed.ok)
    throw new CommandFailure('file_malformed', `the statement cannot be signed: ${parsed.detail} (${parsed.code})`);
  const sig = await key.sign(preAuthEncoding(APPROVAL_PAYLOAD_TYPE, payload));
  const signatures = [{ publicKey: key.publicKey, sig }];
  return formatEnvelope({ payloadType: APPROVAL_PAYLOAD_TYPE, payload, signatures });
}

function withIntent(statement: JsonObject, intent: Intent | undefined): JsonObject {
  if (Object.hasOwn(statement, 'intent')) return statement;
  if (intent === undefined) {
    const message = 'the statement has no "intent": add it, or pass --intent FILE, from which it is filled in';
    throw new CommandFailure('file_malformed', message);
  }
  const { action, connector, schema } = intent;
  return {
    ...statement,
    intent: { digest: intentDigest(intent), action, connector, ...(schema !== undefined && { schema }) },
  };
}

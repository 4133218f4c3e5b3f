/**
 * Intent: the exact action that will run (formats.md §1).
 *
 *     { "type": "assent/intent/v1", "action": "payment.refund", "connector": "stripe/acct_1A2b",
 *       "args": { "amount": "42.00", "charge": "ch_9", "currency": "usd" }, "salt": "AAECAwQFBgcICQoLDA0ODw" }
 *
 * `intent digest = SHA-256(JCS(intent))`, here
 * `sha256:2ba59369b7a3a6e1b93ae012f16285f1c0d3a31d1bb5d039eb8bd01847b775ec`.
 * `args` is exactly what will be dispatched, with decimals as strings. The salt is required: without it, whoever sees the
 * digest in a public log finds (recipient, amount) by trying them all.
 */
import { base64urlDecode, base64urlEncode } from './base64.ts';
import { concatBytes, hexEncode, utf8Encode } from './bytes.ts';
import { canonicalBytes, type Json, type JsonObject } from './canonical-json.ts';
import {
  actionName,
  checkJson,
  digest,
  documentType,
  type Field,
  identifier,
  jsonObject,
  MAX_DOCUMENT_DEPTH,
  named,
  object,
  optional,
} from './document.ts';
import { parseJson } from './json.ts';
import { fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';

export const INTENT_TYPE = 'assent/intent/v1';
const MIN_SALT_BYTES = 16;

export type Intent = {
  readonly type: typeof INTENT_TYPE;
  /** Class of the action: dotted lower-case words. */
  readonly action: string;
  /** The target system: an identifier. */
  readonly connector: string;
  readonly args: JsonObject;
  /** Digest of the connector's argument schema. */
  readonly schema?: string;
  /** base64url of 16 random bytes or more. */
  readonly salt: string;
};

const salt: Field<string> = (value) => {
  if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
  const bytes = base64urlDecode(value);
  if (!bytes.ok) return fail(bytes.code, ' is not unpadded base64url');
  return bytes.value.length < MIN_SALT_BYTES
    ? fail('bad_value', ` is shorter than ${MIN_SALT_BYTES} bytes`)
    : ok(value);
};

const intentMembers = object({
  type: documentType(INTENT_TYPE),
  action: actionName,
  connector: identifier,
  args: jsonObject,
  schema: optional(digest),
  salt,
});

/** Reads an intent that was parsed already. A string is not one, even if it holds the JSON of an intent. */
export function readIntent(value: Json): Result<Intent> {
  const sound = checkJson(value);
  return named('intent', sound.ok ? intentMembers(value) : sound);
}

/**
 * Reads an intent from its JSON text, which need not be canonical, or from a parsed value. Fails with the codes of
 * {@link parseJson} and of members; `unsupported` if it is of another type.
 */
export function parseIntent(intent: Json | Uint8Array): Result<Intent> {
  if (typeof intent !== 'string' && !(intent instanceof Uint8Array)) return readIntent(intent);
  const value = parseJson(intent, { maxDepth: MAX_DOCUMENT_DEPTH });
  return value.ok ? readIntent(value.value) : named('intent: ', value);
}

/** `sha256:<hex>` of the canonical form. Throws TypeError if `intent` has none, which an intent that was parsed always has. */
export function intentDigest(intent: Intent | JsonObject, hash: Sha256 = sha256): string {
  return `sha256:${hexEncode(hash(canonicalBytes(intent)))}`;
}

/**
 * `sha256:<hex>` of salt bytes ‖ UTF-8 text: commits a statement to the text that was shown. The intent's salt keeps a text
 * with few unknowns from being guessed. Throws TypeError on a salt that is no base64url and on text without UTF-8.
 */
export function displayDigest(intent: Pick<Intent, 'salt'>, text: string, hash: Sha256 = sha256): string {
  const saltBytes = base64urlDecode(intent.salt);
  if (!saltBytes.ok) throw new TypeError('intent.salt is not unpadded base64url');
  return `sha256:${hexEncode(hash(concatBytes(saltBytes.value, utf8Encode(text))))}`;
}

/**
 * Makes an intent with a fresh random salt, unless one is given (base64url). Throws TypeError naming what is wrong with the
 * fields: the caller made them.
 */
export function createIntent(fields: Omit<Intent, 'type' | 'salt'> & { readonly salt?: string }): Intent {
  const freshSalt = () => base64urlEncode(crypto.getRandomValues(new Uint8Array(MIN_SALT_BYTES)));
  const intent = readIntent({ type: INTENT_TYPE, ...fields, salt: fields.salt ?? freshSalt() });
  if (!intent.ok) throw new TypeError(`${intent.detail} (${intent.code})`);
  return intent.value;
}

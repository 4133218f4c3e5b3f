import {
  type ContentEvidence,
  canonicalJson,
  checkContent,
  hexEncode,
  isForeignPayloadType,
  type Json,
  type JsonObject,
  MAX_ENTRY_SIZE,
  type Primitives,
  parseJson,
  type Statement,
  sealCanonical,
  utf8Encode,
} from '@assent/verifier';
import { Problem } from '../problems.ts';
import { type AppendRights, mayAppend, mayAppendForeign } from './append-rights.ts';
import { blindDigest } from './blind.ts';
import { type Encode, encodeHere } from './contents.ts';
import { examineTrustRoot } from './examine-trust-root.ts';
import type { BlindSubmission, Examined, OpenSubmission, SealedFacts } from './examined.ts';
import { foreignIdentity } from './foreign-identity.ts';
import { entrySize } from './format-examined.ts';
import { acceptedPayloadTypes, acceptsForeign, type PayloadRule } from './payload-types.ts';
import { parseSubmission } from './submission.ts';

/** Room for an entry of 65,535 bytes whose JSON is spread out by white space and escapes. */
export const MAX_BODY_BYTES = 256 * 1024;
/** A document's own 32 levels, inside the submission's. */
export const MAX_DEPTH = 34;
/** Of every sealed entry, with the longest time. */
const SEALED_ENTRY_BYTES = 150;

/** What the log demands of everything. Plain data, so that it can be handed to a thread. */
export type AdmissionRules = { readonly origin: string; readonly payloads: PayloadRule };

/** The body of `POST /api/v1/entries`, from its bytes. Throws a Problem. */
export async function examineBody(
  body: Uint8Array,
  rules: AdmissionRules,
  rights: AppendRights,
  primitives: Primitives,
  encode: Encode = encodeHere,
): Promise<Examined> {
  const json = parseJson(body, { maxBytes: MAX_BODY_BYTES, maxDepth: MAX_DEPTH });
  if (!json.ok) throw new Problem('invalid_json', `${json.code}: ${json.detail}`);
  return examine(json.value, rules, rights, primitives, encode);
}

/**
 * Checks everything about a submission before anything is stored, with the code that later verifies the receipt: what
 * is admitted here can't read as invalid there. Throws a Problem.
 */
export async function examine(
  submission: unknown,
  { origin, payloads }: AdmissionRules,
  rights: AppendRights,
  primitives: Primitives,
  encode: Encode = encodeHere,
): Promise<Examined> {
  const parsed = parseSubmission(submission, rights.defaultVisibility);
  if ('sealed' in parsed) return admitBlind(parsed.sealed, rights, primitives);
  if (parsed.kind === 'trust-root') return examineTrustRoot(parsed.content, rights, primitives, encode);
  const { kind, content, intent, salt } = parsed;
  admitPayloadType(content, payloads, rights);
  const evidence = await checkContent({ kind, content, ...(intent !== undefined && { intent }), origin }, primitives);
  const { statement, statementDigest, canonicalIntent } = evidence;
  // Rights come before the verdict: a key for one service must not be told about another's statements.
  const service = (statement ?? evidence.unverifiedStatement)?.service;
  if (service !== undefined && !mayAppend(rights, service)) {
    throw new Problem('forbidden', `This API key may not append statements of the service "${service}".`);
  }
  if (statement === undefined && evidence.content.status === 'skip' && evidence.content.code === 'unsupported') {
    throw new Problem('payload_type_refused', `${evidence.content.detail} ${accepted(payloads)}`);
  }
  refuseUnsound(evidence);
  if (statementDigest === undefined) throw new Problem('content_refused', 'The content could not be checked.');
  const canonicalContent = canonicalJson(content);
  const digest = withoutPrefix(statementDigest);
  const named = { statement: digest, kind, ...nameOf(evidence, digest, primitives) };
  if (salt !== undefined) {
    const sealed = sealCanonical(canonicalContent, salt, primitives.sha256);
    const kept = { content: hexEncode(primitives.sha256(utf8Encode(canonicalContent))), statement: digest };
    const checked = statement === undefined ? kept : { ...kept, ...factsOf(statement) };
    return { sealed, checked, blind: blindDigest(sealed, primitives), bytes: SEALED_ENTRY_BYTES, ...named };
  }
  const kept = encode(canonicalContent);
  const bytes = entrySize(kept, kind, canonicalIntent);
  if (bytes > MAX_ENTRY_SIZE) {
    const message = `The entry would have ${bytes} bytes, and ${MAX_ENTRY_SIZE} is the most. Shorten the arguments, or don't reveal them.`;
    throw new Problem('entry_too_large', message);
  }
  // Named members first, here and above: see checkContent.
  return { content: kept, intent: canonicalIntent, bytes, ...named };
}

/** Throws a Problem with the checks that did not pass. */
export function refuseUnsound({ content, signatures }: ContentEvidence): void {
  const checks = [content, signatures].filter((check) => check.status !== 'pass');
  const first = checks.find((check) => check.status === 'fail') ?? checks[0];
  if (first !== undefined) throw new Problem('content_refused', first.detail, { checks });
}

/** Nothing can be checked, so the operator decides who may do that. */
function admitBlind(sealed: string, rights: AppendRights, primitives: Primitives): BlindSubmission {
  if (rights.blind !== true) {
    const message =
      'This API key may not append blind commitments. Send "content" and "salt", which the log checks and does not keep.';
    throw new Problem('forbidden', message);
  }
  const digest = blindDigest(sealed, primitives);
  return {
    kind: 'approval',
    statement: digest,
    identity: digest,
    sealed,
    checked: undefined,
    bytes: SEALED_ENTRY_BYTES,
  };
}

/** Before anything is verified: what the log does not take costs it nothing. */
function admitPayloadType(content: Json, payloads: PayloadRule, rights: AppendRights): void {
  const payloadType = isJsonObject(content) ? content.payloadType : undefined;
  if (typeof payloadType !== 'string' || !isForeignPayloadType(payloadType)) return;
  if (!acceptsForeign(payloads, payloadType)) {
    const type = JSON.stringify(payloadType.slice(0, 200));
    throw new Problem(
      'payload_type_refused',
      `This log does not take payloads of the type ${type}. ${accepted(payloads)}`,
    );
  }
  if (!mayAppendForeign(rights)) {
    throw new Problem('forbidden', 'This API key may not append evidence of other systems.');
  }
}

function accepted(payloads: PayloadRule): string {
  return `It accepts ${acceptedPayloadTypes(payloads).join(', ')}.`;
}

/** What else may be in the log once, beside the digest. */
function nameOf(
  { statement }: ContentEvidence,
  digest: string,
  primitives: Primitives,
): Pick<OpenSubmission, 'identity' | 'service' | 'id'> {
  if (statement === undefined) return { identity: foreignIdentity(digest, primitives) };
  const { service, id } = statement;
  return { identity: hexEncode(primitives.sha256(Buffer.from(`${service}\0${id}`))), service, id };
}

function factsOf({
  service,
  id,
  decision,
  intent,
  use,
  expires_at: expiresAt,
  boundaries = [],
}: Statement): Omit<SealedFacts, 'content' | 'statement'> {
  return {
    service,
    id,
    decision,
    intent: withoutPrefix(intent.digest),
    use,
    expiresAt: Date.parse(expiresAt),
    boundaries,
  };
}

function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutPrefix(digest: string): string {
  return digest.slice('sha256:'.length);
}

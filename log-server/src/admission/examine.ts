import {
  APPROVAL_PAYLOAD_TYPE,
  type ContentEvidence,
  checkContent,
  formatEntryAround,
  hexEncode,
  MAX_ENTRY_SIZE,
  type Primitives,
  parseJson,
  type Statement,
  sealCanonical,
  utf8Encode,
} from '@assent/verifier';
import { Problem } from '../problems.ts';
import { type AppendRights, mayAppend } from './append-rights.ts';
import { blindDigest } from './blind.ts';
import { examineTrustRoot } from './examine-trust-root.ts';
import type { BlindSubmission, Examined, SealedFacts } from './examined.ts';
import { parseSubmission } from './submission.ts';

/** Room for an entry of 65,535 bytes whose JSON is spread out by white space and escapes. */
export const MAX_BODY_BYTES = 256 * 1024;
/** A document's own 32 levels, inside the submission's. */
export const MAX_DEPTH = 34;
/** Of every sealed entry, with the longest time. */
const SEALED_ENTRY_BYTES = 150;
/** The longest form that a time takes before the year 2286, in ms. */
export const LONGEST_TIME = 9_999_999_999_999;

/** The body of `POST /api/v1/entries`, from its bytes. Throws a Problem. */
export async function examineBody(
  body: Uint8Array,
  origin: string,
  rights: AppendRights,
  primitives: Primitives,
): Promise<Examined> {
  const json = parseJson(body, { maxBytes: MAX_BODY_BYTES, maxDepth: MAX_DEPTH });
  if (!json.ok) throw new Problem('invalid_json', `${json.code}: ${json.detail}`);
  return examine(json.value, origin, rights, primitives);
}

/**
 * Checks everything about a submission before anything is stored, with the code that later verifies the receipt: what
 * is admitted here can't read as invalid there. Throws a Problem.
 */
export async function examine(
  submission: unknown,
  origin: string,
  rights: AppendRights,
  primitives: Primitives,
): Promise<Examined> {
  const parsed = parseSubmission(submission, rights.defaultVisibility);
  if ('sealed' in parsed) return admitBlind(parsed.sealed, rights, primitives);
  if (parsed.kind === 'trust-root') return examineTrustRoot(parsed.content, rights, primitives);
  const { kind, content, intent, salt } = parsed;
  const evidence = await checkContent({ kind, content, ...(intent !== undefined && { intent }), origin }, primitives);
  const { statement, statementDigest, canonicalContent, canonicalIntent } = evidence;
  // Rights come before the verdict: a key for one service must not be told about another's statements.
  const service = (statement ?? evidence.unverifiedStatement)?.service;
  if (service !== undefined && !mayAppend(rights, service)) {
    throw new Problem('forbidden', `This API key may not append statements of the service "${service}".`);
  }
  if (evidence.content.status === 'skip' && evidence.content.code === 'unsupported') {
    throw new Problem('payload_type_refused', `This log accepts approvals of ${APPROVAL_PAYLOAD_TYPE} alone.`);
  }
  refuseUnsound(evidence);
  if (statement === undefined || statementDigest === undefined || canonicalContent === undefined) {
    throw new Problem('content_refused', 'The content could not be checked.');
  }
  const named = {
    statement: withoutPrefix(statementDigest),
    identity: hexEncode(primitives.sha256(utf8Encode(`${statement.service}\0${statement.id}`))),
    service: statement.service,
    id: statement.id,
    kind,
  };
  if (salt !== undefined) {
    const sealed = sealCanonical(canonicalContent, salt, primitives.sha256);
    const checked = factsOf(statement, named.statement, canonicalContent, primitives);
    return { ...named, sealed, checked, blind: blindDigest(sealed, primitives), bytes: SEALED_ENTRY_BYTES };
  }
  const bytes = Buffer.byteLength(formatEntryAround(canonicalContent, kind, LONGEST_TIME, canonicalIntent));
  if (bytes > MAX_ENTRY_SIZE) {
    const message = `The entry would have ${bytes} bytes, and ${MAX_ENTRY_SIZE} is the most. Shorten the arguments, or don't reveal them.`;
    throw new Problem('entry_too_large', message);
  }
  return { ...named, content: canonicalContent, intent: canonicalIntent, bytes };
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

function factsOf(
  { service, id, decision, intent, use, expires_at: expiresAt, boundaries = [] }: Statement,
  statement: string,
  canonicalContent: string,
  { sha256 }: Primitives,
): SealedFacts {
  const content = hexEncode(sha256(utf8Encode(canonicalContent)));
  const intentDigest = withoutPrefix(intent.digest);
  return {
    content,
    statement,
    service,
    id,
    decision,
    intent: intentDigest,
    use,
    expiresAt: Date.parse(expiresAt),
    boundaries,
  };
}

function withoutPrefix(digest: string): string {
  return digest.slice('sha256:'.length);
}

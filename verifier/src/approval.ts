/**
 * Approval statement: the decision that is signed (formats.md §2), as canonical JSON (RFC 8785).
 *
 *     {"decision":"approved","expires_at":"2026-04-03T17:15:00.000Z","id":"req_8f2","intent":{"action":"payment.refund",
 *      "connector":"stripe/acct_1A2b","digest":"sha256:2ba59369b7a3a6e1b93ae012f16285f1c0d3a31d1bb5d039eb8bd01847b775ec"},
 *      "issued_at":"2026-04-03T17:00:00.000Z","log":"log.example.com/approvals","requester":"agent:support-bot",
 *      "service":"approvals.example.com","type":"assent/approval/v1","use":"single"}
 *
 * (without the line breaks). The statement digest, SHA-256 of these bytes, here
 * `sha256:27a78ca622fbb25de1a113815863c8684b6e73d5d78251b60354ea3ad08835e7`, is the approval's identity.
 * Signatures are not part of it: an ECDSA signature can be varied by anyone (subtle rule 1), so its bytes identify nothing.
 */
import { hexEncode } from './bytes.ts';
import { canonicalBytes, type Json, parseCanonicalJson } from './canonical-json.ts';
import {
  actionName,
  arrayOf,
  digest,
  documentType,
  type Field,
  identifier,
  MAX_DOCUMENT_DEPTH,
  named,
  nonEmpty,
  object,
  oneOf,
  optional,
  slashlessIdentifier,
  time,
} from './document.ts';
import { fail, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';

export const APPROVAL_TYPE = 'assent/approval/v1';
export const APPROVAL_PAYLOAD_TYPE = 'application/vnd.assent.approval.v1+json';

export const DECISIONS = ['approved', 'rejected', 'expired'] as const;
export type Decision = (typeof DECISIONS)[number];

/** How a service says that it authenticated somebody. */
export const ATTESTED_METHODS = ['totp', 'face_id', 'passkey', 'hardware_key', 'sso'] as const;
export type AttestedMethod = (typeof ATTESTED_METHODS)[number];

/** How somebody approved. What a service attests is never written as if the human had signed. */
export type ApprovalMethod = 'passkey' | 'key' | `attested:${AttestedMethod}`;

/** A human whom the signing service says that it authenticated; never to be read as that human's own signature. */
export type Attestation = {
  readonly approver: string;
  readonly role: string;
  readonly method: AttestedMethod;
  readonly at: string;
};

/** Members as in the document. Digests are `sha256:<hex>`, times RFC 3339 with milliseconds. */
export type Statement = {
  readonly type: typeof APPROVAL_TYPE;
  /** Origin of the one log in which this approval counts. */
  readonly log: string;
  /** (service, id) is unique in the log. */
  readonly service: string;
  readonly id: string;
  /** Root id of the organization's trust root. */
  readonly organization?: string;
  readonly decision: Decision;
  readonly intent: {
    readonly digest: string;
    readonly action: string;
    readonly connector: string;
    readonly schema?: string;
  };
  readonly policy?: { readonly digest: string; readonly rule: string };
  /** {@link displayDigest} of the text that was shown. */
  readonly display?: string;
  readonly requester: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly use: 'single' | 'multiple';
  /** Keyids that may consume it, sorted. */
  readonly boundaries?: readonly string[];
  readonly attested?: readonly Attestation[];
};

const sortedDigests: Field<readonly string[]> = (value) => {
  const digests = nonEmpty(arrayOf(digest))(value);
  if (!digests.ok) return digests;
  const sorted = digests.value.every((item, index, all) => index === 0 || all[index - 1]! < item);
  return sorted ? digests : fail('bad_value', ' is not sorted, or names one key twice');
};

const statementMembers = object({
  type: documentType(APPROVAL_TYPE),
  log: identifier,
  service: slashlessIdentifier,
  id: slashlessIdentifier,
  organization: optional(digest),
  decision: oneOf(...DECISIONS),
  intent: object({ digest, action: actionName, connector: identifier, schema: optional(digest) }),
  policy: optional(object({ digest, rule: identifier })),
  display: optional(digest),
  requester: identifier,
  issued_at: time,
  expires_at: time,
  use: oneOf('single', 'multiple'),
  boundaries: optional(sortedDigests),
  attested: optional(
    nonEmpty(arrayOf(object({ approver: identifier, role: identifier, method: oneOf(...ATTESTED_METHODS), at: time }))),
  ),
});

function readStatement(value: Json): Result<Statement> {
  const statement = named('statement', statementMembers(value));
  if (!statement.ok) return statement;
  // Times are of equal width, so their texts order as they do.
  if (statement.value.expires_at <= statement.value.issued_at) {
    return fail('bad_value', 'statement.expires_at is not later than issued_at');
  }
  return statement;
}

/** Reads a DSSE payload. Fails with the codes of {@link parseCanonicalJson} and of members; `unsupported` for another type. */
export function parseStatement(payload: Uint8Array): Result<Statement> {
  const value = parseCanonicalJson(payload, { maxDepth: MAX_DOCUMENT_DEPTH });
  return value.ok ? readStatement(value.value) : named('statement: ', value);
}

/** The bytes to sign. Throws TypeError naming what is wrong with the fields: the caller made them. */
export function formatStatement(fields: Omit<Statement, 'type'>): Uint8Array {
  const statement = readStatement({ ...fields, type: APPROVAL_TYPE });
  if (!statement.ok) throw new TypeError(`${statement.detail} (${statement.code})`);
  return canonicalBytes(statement.value);
}

/** `sha256:<hex>` of the payload's bytes: what identifies the approval. */
export function statementDigest(payload: Uint8Array, hash: Sha256 = sha256): string {
  return `sha256:${hexEncode(hash(payload))}`;
}

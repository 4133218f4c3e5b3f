import {
  APPROVAL_PAYLOAD_TYPE,
  checkContent,
  formatEntryAround,
  hexEncode,
  MAX_ENTRY_SIZE,
  type Primitives,
  parseJson,
  utf8Encode,
} from '@assent/verifier';
import { Problem } from '../problems.ts';
import type { AppendRights } from './append-rights.ts';
import { parseSubmission, type Submission } from './submission.ts';

/** A submission that is fit to be stored. Plain data, so that a worker can hand it over. */
export type Examined = {
  /** Digests that may be in the log at most once each, in hex: between threads strings cost less than bytes. */
  readonly statement: string;
  readonly identity: string;
  readonly service: string;
  readonly id: string;
  readonly kind: Submission['kind'];
  /** JCS, for the entry. */
  readonly content: string;
  readonly intent: string | undefined;
  /** The most bytes that the entry can have. */
  readonly bytes: number;
};

/** Room for an entry of 65,535 bytes whose JSON is spread out by white space and escapes. */
export const MAX_BODY_BYTES = 256 * 1024;
/** A document's own 32 levels, inside the submission's. */
const MAX_DEPTH = 34;
/** The longest form that a time takes before the year 2286, in ms. */
const LONGEST_TIME = 9_999_999_999_999;

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
  const { kind, content, intent } = parseSubmission(submission);
  const evidence = await checkContent({ kind, content, ...(intent !== undefined && { intent }), origin }, primitives);
  const { statement, statementDigest, canonicalContent, canonicalIntent } = evidence;
  // Rights come before the verdict: a key for one service must not be told about another's statements.
  const service = (statement ?? evidence.unverifiedStatement)?.service;
  if (service !== undefined && !rights.services.includes('*') && !rights.services.includes(service)) {
    throw new Problem('forbidden', `This API key may not append statements of the service "${service}".`);
  }
  if (evidence.content.status === 'skip' && evidence.content.code === 'unsupported') {
    throw new Problem('payload_type_refused', `This log accepts ${APPROVAL_PAYLOAD_TYPE} alone.`);
  }
  const checks = [evidence.content, evidence.signatures].filter((check) => check.status !== 'pass');
  if (checks.length > 0 || statement === undefined || statementDigest === undefined || canonicalContent === undefined) {
    const first = checks.find((check) => check.status === 'fail') ?? checks[0];
    throw new Problem('content_refused', first?.detail ?? 'The content could not be checked.', { checks });
  }
  const bytes = Buffer.byteLength(formatEntryAround(canonicalContent, kind, LONGEST_TIME, canonicalIntent));
  if (bytes > MAX_ENTRY_SIZE) {
    const message = `The entry would have ${bytes} bytes, and ${MAX_ENTRY_SIZE} is the most. Shorten the arguments, or don't reveal them.`;
    throw new Problem('entry_too_large', message);
  }
  return {
    statement: statementDigest.slice('sha256:'.length),
    identity: hexEncode(primitives.sha256(utf8Encode(`${statement.service}\0${statement.id}`))),
    service: statement.service,
    id: statement.id,
    kind,
    content: canonicalContent,
    intent: canonicalIntent,
    bytes,
  };
}

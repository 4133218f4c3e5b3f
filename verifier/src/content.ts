/**
 * The one judge of an entry's content (formats.md §2 to §4, checks `content` and `signatures` of §11). The log's admission and
 * the verification of a receipt both call it: two judges would differ one day, and the log would then hold a record
 * that it once accepted and that nobody can verify (subtle rule 12).
 */
import { APPROVAL_PAYLOAD_TYPE, parseStatement, type Statement, statementDigest } from './approval.ts';
import { hexEncode } from './bytes.ts';
import { canonicalBytes, canonicalJson, type Json } from './canonical-json.ts';
import { checkJson, isJsonObject, named, text } from './document.ts';
import { readEnvelope, readSignatures, type UnreadEnvelope, type VerifiedSignature, verifyEnvelope } from './dsse.ts';
import type { EntryKind } from './entry.ts';
import { displayDigest, type Intent } from './intent.ts';
import { matchIntent } from './intent-match.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { type Check, failed, passed, skipped } from './report.ts';
import { fail } from './result.ts';
import type { Sha256 } from './sha256.ts';

export type UnverifiedContent = {
  readonly kind: EntryKind;
  readonly content: Json;
  /** The intent that the entry reveals. */
  readonly intent?: Json;
  /** The log's, which the statement has to name. Without one `content` cannot pass. */
  readonly origin?: string;
  /** What a receipt brings along. Each has to match what was signed. */
  readonly disclosed?: Disclosed;
};

export type Disclosed = { readonly intent?: Json; readonly display?: string; readonly policy?: Json };

export type ContentEvidence = {
  readonly content: Check;
  readonly signatures: Check;
  /** Of the payload, as soon as that could be read. */
  readonly statementDigest?: string;
  /** Only when `content` passed. */
  readonly statement?: Statement;
  /** A statement that could be read, though `content` did not pass. */
  readonly unverifiedStatement?: Statement;
  /** Revealed or disclosed; only when `content` passed. */
  readonly intent?: Intent;
  /** Only when `signatures` passed. */
  readonly signers?: readonly VerifiedSignature[];
  /** JCS of content and of the revealed intent, for `formatEntryAround`; only when both checks passed. */
  readonly canonicalContent?: string;
  readonly canonicalIntent?: string;
};

/** Payload types of our own, each with the kind of entry that carries it; anything else is foreign, and an approval. */
const KIND_OF_PAYLOAD: ReadonlyMap<string, EntryKind> = new Map([
  [APPROVAL_PAYLOAD_TYPE, 'approval'],
  ['application/vnd.assent.consumption.v1+json', 'consumption'],
  ['application/vnd.assent.trust-root.v1+json', 'trust-root'],
]);

/** Never rejects for bad evidence. Both checks pass, or an append is refused. */
export async function checkContent(
  unverified: UnverifiedContent,
  primitives: Primitives = webCryptoPrimitives,
): Promise<ContentEvidence> {
  const unread = checkPayloadType(unverified.kind, unverified.content);
  if (unread !== undefined) return { content: unread, signatures: withoutPayload(unread) };
  const envelope = readEnvelope(unverified.content);
  if (!envelope.ok) {
    const content = failed('content', envelope);
    return { content, signatures: withoutPayload(content) };
  }
  const judged = judgeStatement(envelope.value, unverified, primitives.sha256);
  const statement = judged.statement ?? judged.unverifiedStatement;
  const signed = await judgeSignatures(envelope.value, statement, primitives);
  const { canonicalIntent, ...facts } = judged;
  if (judged.content.status !== 'pass' || signed.signatures.status !== 'pass') return { ...facts, ...signed };
  const canonicalContent = canonicalJson(unverified.content);
  return { ...facts, ...signed, canonicalContent, ...(canonicalIntent !== undefined && { canonicalIntent }) };
}

/** Before anything else, as envelopes of other types are read by other rules. */
function checkPayloadType(kind: EntryKind, content: Json): Check | undefined {
  const payloadType = isJsonObject(content) ? content.payloadType : undefined;
  if (typeof payloadType !== 'string') return undefined;
  const expected = KIND_OF_PAYLOAD.get(payloadType) ?? 'approval';
  if (expected !== kind) {
    return failed('content', fail('kind_mismatch', 'the kind of the entry is not that of its payload type'), {
      expected,
      computed: kind,
    });
  }
  if (payloadType === APPROVAL_PAYLOAD_TYPE) return undefined;
  return skipped(
    'content',
    'unsupported',
    'This version reads approval statements only, and the payload is of another type.',
  );
}

function withoutPayload(content: Check): Check {
  return content.status === 'fail'
    ? skipped('signatures', 'premise_failed', 'The envelope has to be readable first.')
    : skipped('signatures', 'unsupported', 'This version does not know which bytes are signed for this payload type.');
}

type JudgedStatement = Pick<
  ContentEvidence,
  'content' | 'statementDigest' | 'statement' | 'unverifiedStatement' | 'intent' | 'canonicalIntent'
>;

function judgeStatement(envelope: UnreadEnvelope, unverified: UnverifiedContent, hash: Sha256): JudgedStatement {
  const digest = { statementDigest: statementDigest(envelope.payload, hash) };
  const parsed = parseStatement(envelope.payload);
  if (!parsed.ok) {
    const content =
      parsed.code === 'unsupported'
        ? skipped('content', 'unsupported', `${parsed.detail}.`)
        : failed('content', parsed);
    return { ...digest, content };
  }
  const statement = parsed.value;
  const matter = matchParts(statement, unverified, hash);
  const content = checkLog(statement, unverified.origin) ?? matter.problem;
  if (content !== undefined) return { ...digest, content, unverifiedStatement: statement };
  const { problem: _, ...parts } = matter;
  return {
    ...digest,
    ...parts,
    statement,
    content: passed('content', 'The statement is whole, names this log, and fits everything that is shown with it.'),
  };
}

/** An approval counts in the one log that it names, so that nobody can log it twice and consume it twice. */
function checkLog(statement: Statement, origin: string | undefined): Check | undefined {
  if (origin === undefined) {
    return skipped(
      'content',
      'premise_failed',
      'The log that the statement names has to be compared with a readable tree head.',
    );
  }
  if (statement.log === origin) return undefined;
  const failure = fail('log_mismatch', 'the statement was made for another log');
  return failed('content', failure, { expected: origin, computed: statement.log });
}

type Parts = Pick<ContentEvidence, 'intent' | 'canonicalIntent'> & { readonly problem?: Check };

/** Everything shown beside the statement has to be what the statement's digests say. */
function matchParts(
  statement: Statement,
  { intent: revealed, disclosed = {} }: UnverifiedContent,
  hash: Sha256,
): Parts {
  let intent: Intent | undefined;
  let canonicalIntent: string | undefined;
  for (const candidate of [revealed, disclosed.intent]) {
    if (candidate === undefined) continue;
    const { result, computed } = matchIntent(candidate, statement, hash);
    if (!result.ok) return { problem: intentProblem(result, statement, computed) };
    intent = result.value.intent;
    if (candidate === revealed) canonicalIntent = result.value.canonical;
  }
  const problem =
    checkDisplay(statement, disclosed.display, intent, hash) ?? checkPolicy(statement, disclosed.policy, hash);
  if (problem !== undefined) return { problem };
  return { ...(intent && { intent }), ...(canonicalIntent !== undefined && { canonicalIntent }) };
}

function intentProblem(failure: ReturnType<typeof fail>, statement: Statement, computed: string | undefined): Check {
  if (failure.code === 'unsupported') return skipped('content', 'unsupported', `${failure.detail}.`);
  return failed('content', failure, { expected: statement.intent.digest, ...(computed !== undefined && { computed }) });
}

function checkDisplay(
  statement: Statement,
  display: string | undefined,
  intent: Intent | undefined,
  hash: Sha256,
): Check | undefined {
  if (display === undefined) return undefined;
  const sound = named('display', text(display));
  if (!sound.ok) return failed('content', sound);
  if (statement.display === undefined) {
    return failed(
      'content',
      fail('display_mismatch', 'a displayed text is disclosed, and the statement commits to none'),
    );
  }
  if (intent === undefined) {
    return failed(
      'content',
      fail('missing_member', 'a displayed text is disclosed without the intent, whose salt its digest holds'),
    );
  }
  const computed = displayDigest(intent, display, hash);
  if (computed === statement.display) return undefined;
  const failure = fail('display_mismatch', 'the displayed text is not the one whose digest was signed');
  return failed('content', failure, { expected: statement.display, computed });
}

function checkPolicy(statement: Statement, policy: Json | undefined, hash: Sha256): Check | undefined {
  if (policy === undefined) return undefined;
  if (statement.policy === undefined) {
    return failed('content', fail('policy_mismatch', "a policy's text comes along, and the statement names none"));
  }
  const sound = named('policy', checkJson(policy));
  if (!sound.ok) return failed('content', sound);
  const computed = `sha256:${hexEncode(hash(canonicalBytes(policy)))}`;
  if (computed === statement.policy.digest) return undefined;
  const failure = fail('policy_mismatch', 'the policy is not the one whose digest was signed');
  return failed('content', failure, { expected: statement.policy.digest, computed });
}

async function judgeSignatures(
  envelope: UnreadEnvelope,
  statement: Statement | undefined,
  primitives: Primitives,
): Promise<Pick<ContentEvidence, 'signatures' | 'signers'>> {
  const signatures = readSignatures(envelope.signatures, primitives.sha256);
  if (!signatures.ok) return { signatures: failed('signatures', signatures) };
  const verified = await verifyEnvelope({ ...envelope, signatures: signatures.value }, primitives);
  if (!verified.ok) {
    if (verified.code !== 'unsupported') return { signatures: failed('signatures', verified) };
    return { signatures: skipped('signatures', 'unsupported', `${verified.detail}.`) };
  }
  const signers = verified.value;
  // A service says that nobody decided in time; a human who was there to tap did decide.
  if (statement?.decision === 'expired' && signers.some(({ kind }) => kind === 'passkey')) {
    return {
      signatures: failed(
        'signatures',
        fail('wrong_signer', 'that nobody decided is for the service to sign, not for a passkey'),
      ),
    };
  }
  const count = signers.length === 1 ? 'The signature verifies' : `All ${signers.length} signatures verify`;
  return { signatures: passed('signatures', `${count}; whose keys they are is for the trust root to say.`), signers };
}

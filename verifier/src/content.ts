/**
 * The one judge of an entry's content (formats.md §2 to §4, checks `content` and `signatures` of §11). The log's admission and
 * the verification of a receipt both call it: two judges would differ one day, and the log would then hold a record
 * that it once accepted and that nobody can verify (subtle rule 12).
 */
import { APPROVAL_PAYLOAD_TYPE, type Statement } from './approval.ts';
import { judgeStatement } from './approval-content.ts';
import type { Json } from './canonical-json.ts';
import { CONSUMPTION_PAYLOAD_TYPE, type Consumption } from './consumption.ts';
import { judgeConsumption } from './consumption-content.ts';
import type { UnverifiedParts } from './content-parts.ts';
import { isJsonObject } from './document.ts';
import {
  preAuthEncoding,
  readEnvelope,
  readSignatures,
  type UnreadEnvelope,
  type VerifiedSignature,
  verifySignatures,
} from './dsse.ts';
import type { EntryKind } from './entry.ts';
import { foreignForm, judgeForeign, profileOf } from './foreign-content.ts';
import type { Intent } from './intent.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import type { ForeignRecord, Profile } from './profiles/profile.ts';
import { type Check, failed, passed, skipped } from './report.ts';
import { fail, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';
import { onceThere, type Soon } from './soon.ts';
import { TRUST_ROOT_PAYLOAD_TYPE, type TrustRoot } from './trust-root.ts';
import { judgeTrustRoot } from './trust-root-content.ts';

export type UnverifiedContent = UnverifiedParts & {
  readonly kind: EntryKind;
  readonly content: Json;
  /** The log's, which the statement has to name. Without one `content` cannot pass. */
  readonly origin?: string;
};

export type ContentEvidence = {
  readonly content: Check;
  readonly signatures: Check;
  /** Of the payload, as soon as that could be read; for a foreign one it covers its type (`foreignDigest`). */
  readonly statementDigest?: string;
  /** Only when `content` passed. */
  readonly statement?: Statement;
  /** A statement that could be read, though `content` did not pass. */
  readonly unverifiedStatement?: Statement;
  /** Only when `content` passed. */
  readonly consumption?: Consumption;
  /** Likewise, of a trust root. */
  readonly trustRoot?: TrustRoot;
  /** What a payload of another system says; only when `content` passed. */
  readonly foreign?: ForeignRecord & { readonly format: string; readonly payloadType: string };
  /** Revealed or disclosed; only when `content` passed. */
  readonly intent?: Intent;
  /** Only when `signatures` passed. */
  readonly signers?: readonly VerifiedSignature[];
  /** JCS of the revealed intent, for `formatEntryAround`; only when `content` passed. */
  readonly canonicalIntent?: string;
};

/** What a payload says, and whether the check `content` lets it pass. */
export type JudgedPayload = {
  readonly facts: Omit<ContentEvidence, 'signatures' | 'signers'>;
  /** What this kind of payload asks of those who signed it, beyond their signatures. */
  readonly judgeSigners?: (signers: readonly VerifiedSignature[]) => Result<void>;
};

/** Payload types of our own, each with the kind of entry that carries it; anything else is foreign, and an approval. */
const KIND_OF_PAYLOAD: ReadonlyMap<string, EntryKind> = new Map([
  [APPROVAL_PAYLOAD_TYPE, 'approval'],
  [CONSUMPTION_PAYLOAD_TYPE, 'consumption'],
  [TRUST_ROOT_PAYLOAD_TYPE, 'trust-root'],
]);

/** Never rejects for bad evidence. Both checks pass, or an append is refused. */
export async function checkContent(
  unverified: UnverifiedContent,
  primitives: Primitives = webCryptoPrimitives,
): Promise<ContentEvidence> {
  return checkContentSoon(unverified, primitives);
}

/** The same, at once where the primitive answers at once. */
export function checkContentSoon(unverified: UnverifiedContent, primitives: Primitives): Soon<ContentEvidence> {
  const unread = checkPayloadType(unverified.kind, unverified.content);
  if (unread !== undefined) return { content: unread, signatures: withoutPayload(unread) };
  const profile = foreignProfile(unverified.content);
  const envelope = readEnvelope(unverified.content, profile && foreignForm);
  if (!envelope.ok) {
    const content = failed('content', envelope);
    return { content, signatures: withoutPayload(content) };
  }
  const { facts, judgeSigners } = profile
    ? judgeForeign(profile, envelope.value, unverified, primitives.sha256)
    : judgePayload(envelope.value, unverified, primitives.sha256);
  // A member by its name comes first: V8 makes a hidden class anew for each object that begins with another one's members and
  // goes on, which takes 2.6 µs instead of 0.1, and keeps the object until the next full collection.
  return onceThere(judgeSignatures(envelope.value, judgeSigners, profile, primitives), ({ signatures, signers }) =>
    signers === undefined ? { signatures, ...facts } : { signatures, signers, ...facts },
  );
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
  if (JUDGES.has(payloadType) || profileOf(payloadType) !== undefined) return undefined;
  return skipped('content', 'unsupported', 'The payload is of a type that this version does not read.');
}

/** Undefined for our own types, and for what has none. */
function foreignProfile(content: Json): Profile | undefined {
  const payloadType = isJsonObject(content) ? content.payloadType : undefined;
  return typeof payloadType === 'string' ? profileOf(payloadType) : undefined;
}

type PayloadJudge = (envelope: UnreadEnvelope, unverified: UnverifiedContent, hash: Sha256) => JudgedPayload;

const JUDGES: ReadonlyMap<string, PayloadJudge> = new Map([
  [APPROVAL_PAYLOAD_TYPE, judgeStatement],
  [CONSUMPTION_PAYLOAD_TYPE, judgeConsumption],
  [TRUST_ROOT_PAYLOAD_TYPE, judgeTrustRoot],
]);

/** By its type; one that is no text reads as no approval statement does. */
function judgePayload(envelope: UnreadEnvelope, unverified: UnverifiedContent, hash: Sha256): JudgedPayload {
  return (JUDGES.get(envelope.payloadType) ?? judgeStatement)(envelope, unverified, hash);
}

function withoutPayload(content: Check): Check {
  return content.status === 'fail'
    ? skipped('signatures', 'premise_failed', 'The envelope has to be readable first.')
    : skipped('signatures', 'unsupported', 'This version does not know which bytes are signed for this payload type.');
}

function judgeSignatures(
  envelope: UnreadEnvelope,
  judgeSigners: JudgedPayload['judgeSigners'],
  profile: Profile | undefined,
  primitives: Primitives,
): Soon<SignatureEvidence> {
  const signatures = readSignatures(envelope.signatures, primitives.sha256, profile && foreignForm);
  if (!signatures.ok) return { signatures: failed('signatures', signatures) };
  const signedBytes = (profile?.signedBytes ?? preAuthEncoding)(envelope.payloadType, envelope.payload);
  return onceThere(verifySignatures(signatures.value, signedBytes, primitives), (verified) =>
    judgeVerified(verified, judgeSigners, profile),
  );
}

type SignatureEvidence = Pick<ContentEvidence, 'signatures' | 'signers'>;

function judgeVerified(
  verified: Result<readonly VerifiedSignature[]>,
  judgeSigners: JudgedPayload['judgeSigners'],
  profile: Profile | undefined,
): SignatureEvidence {
  if (!verified.ok) {
    if (verified.code !== 'unsupported') return { signatures: failed('signatures', verified) };
    return { signatures: skipped('signatures', 'unsupported', `${verified.detail}.`) };
  }
  const signers = verified.value;
  const judged = judgeSigners?.(signers);
  if (judged?.ok === false) return { signatures: failed('signatures', judged) };
  const count = signers.length === 1 ? 'The signature verifies' : `All ${signers.length} signatures verify`;
  const whose = profile ? 'nothing here says whose keys they are' : 'whose keys they are is for the trust root to say';
  return { signatures: passed('signatures', `${count}; ${whose}.`), signers };
}

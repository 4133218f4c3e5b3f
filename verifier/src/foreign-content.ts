/**
 * An entry's content that comes from another system (formats.md §10, checks `content` and `signatures` of §11): everything whose
 * payload type is not one of ours. It is authentic at best.
 *
 * Its envelope is held to our own rules, so keys come along and every signature has to verify, but for one: either base64
 * alphabet will do, as both occur in the wild (DSSE, envelope.md).
 */
import { base64Decode, base64urlDecode } from './base64.ts';
import { hexEncode } from './bytes.ts';
import type { Json } from './canonical-json.ts';
import type { JudgedPayload, UnverifiedContent } from './content.ts';
import { hasParts } from './content-parts.ts';
import type { Field } from './document.ts';
import {
  type Envelope,
  envelopeForm,
  parseEnvelope,
  preAuthEncoding,
  type UnreadEnvelope,
  type VerifiedSignature,
} from './dsse.ts';
import { AGENTMINT_PAYLOAD_TYPE, agentmint } from './profiles/agentmint.ts';
import { COSIGNET_PAYLOAD_TYPE, cosignet } from './profiles/cosignet.ts';
import { IN_TOTO_PAYLOAD_TYPE, inToto, otherDsse } from './profiles/dsse.ts';
import type { Profile } from './profiles/profile.ts';
import { SIGNED_APPROVAL_PAYLOAD_TYPE, signedApproval } from './profiles/signed-approval.ts';
import { failed, failedOrUnsupported, passed } from './report.ts';
import { fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';

const PROFILES: ReadonlyMap<string, Profile> = new Map([
  [COSIGNET_PAYLOAD_TYPE, cosignet],
  [SIGNED_APPROVAL_PAYLOAD_TYPE, signedApproval],
  [AGENTMINT_PAYLOAD_TYPE, agentmint],
  [IN_TOTO_PAYLOAD_TYPE, inToto],
]);

/** Those that have a profile of their own. */
export const FOREIGN_PAYLOAD_TYPES: readonly string[] = [...PROFILES.keys()];

/** Ours, in this version or a later one: what we can't read of them must not pass for somebody else's. */
const OUR_TYPES = /^application\/vnd\.assent\./i;

/** Whether a payload type is of another system, and its envelope judged by a profile. */
export function isForeignPayloadType(payloadType: string): boolean {
  return !OUR_TYPES.test(payloadType);
}

/** Undefined for our own types. */
export function profileOf(payloadType: string): Profile | undefined {
  return isForeignPayloadType(payloadType) ? (PROFILES.get(payloadType) ?? otherDsse) : undefined;
}

/** The name, for people, of the system whose records bear this type; undefined where none is known. */
export function foreignSystem(payloadType: string): string | undefined {
  return PROFILES.get(payloadType)?.format;
}

/**
 * What identifies a foreign payload in a log: `sha256:<hex of SHA-256(PAE(payloadType, payload))>`. It covers the type, as one payload
 * may be signed under two. No payload of ours begins as an encoding does, so nobody can take an approval's place with it.
 */
export function foreignDigest(payloadType: string, payload: Uint8Array, hash: Sha256 = sha256): string {
  return `sha256:${hexEncode(hash(preAuthEncoding(payloadType, payload)))}`;
}

/** Standard base64 as ours, or base64url, padded or not; strict otherwise. */
export const eitherBase64: Field<Uint8Array> = (value) => {
  if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
  const standard = base64Decode(value);
  if (standard.ok) return standard;
  const unpadded = value.length % 4 === 0 ? value.replace(/={1,2}$/, '') : value;
  const bytes = base64urlDecode(unpadded);
  return bytes.ok ? bytes : fail(bytes.code, ' is strict base64 in neither alphabet');
};

export const foreignForm = envelopeForm(eitherBase64);

/** The envelope of a foreign payload, no signature verified. Fails as `parseEnvelope` does. */
export function parseForeignEnvelope(value: Json, hash: Sha256 = sha256): Result<Envelope> {
  return parseEnvelope(value, hash, foreignForm);
}

/** Never throws for bad evidence. */
export function judgeForeign(
  profile: Profile,
  { payloadType, payload }: UnreadEnvelope,
  unverified: UnverifiedContent,
  hash: Sha256,
): JudgedPayload {
  const digest = { statementDigest: foreignDigest(payloadType, payload, hash) };
  const judge = (signers: readonly VerifiedSignature[]) => judgeSigners(profile, signers);
  const record = payloadType === '' ? fail('bad_value', 'envelope.payloadType is empty') : profile.read(payload);
  if (!record.ok) return { facts: { content: failedOrUnsupported('content', record), ...digest }, judgeSigners: judge };
  // Intents, texts and policies belong to statements of ours; beside anything else they would be compared with nothing.
  if (hasParts(unverified)) {
    const failure = fail('unknown_member', 'an intent, a text or a policy stands beside a payload of another system');
    return { facts: { content: failed('content', failure), ...digest }, judgeSigners: judge };
  }
  const content = passed('content', `The payload is whole, in the form of ${profile.format}.`);
  const foreign = { ...record.value, format: profile.format, payloadType };
  return { facts: { content, foreign, ...digest }, judgeSigners: judge };
}

function judgeSigners({ format, signer }: Profile, signers: readonly VerifiedSignature[]): Result<void> {
  const isRight = ({ kind, publicKey }: VerifiedSignature) =>
    signer === 'any' || (signer === 'passkey' ? kind === 'passkey' : kind === 'key' && publicKey.algorithm === signer);
  if (signers.every(isRight)) return ok(undefined);
  return fail('wrong_signer', `${format} signs with ${signer === 'passkey' ? 'passkeys' : 'Ed25519 keys'} alone`);
}

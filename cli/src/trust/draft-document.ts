/**
 * A draft as a file, which goes from one root key's holder to the next. It holds all that each of them needs to see what they sign: the
 * versions before it, and the members in the open.
 *
 *     { "type": "assent/trust-draft/v1",
 *       "versions": [ {"envelope": {…}, "members": {…}, "salt": b64} ],     // those before it, as receipts carry them; none for version 1
 *       "payload": b64,                                                     // what is signed
 *       "members": {…}, "salt": b64,                                        // what it commits to
 *       "signatures": [ {"keyid", "publicKey", "sig"} ] }                   // as in an envelope, none at first
 */
import {
  base64Encode,
  checkCommitment,
  type EnvelopeSignature,
  formatTrustMembers,
  type Json,
  parseEnvelope,
  parseTrustMembers,
  parseTrustRoot,
  TRUST_ROOT_PAYLOAD_TYPE,
  trustRootDigest,
  verifyEnvelope,
} from '@assent/verifier';
import { arrayOf, base64Bytes, documentType, jsonObject, object } from '@assent/verifier/document';
import { CommandFailure } from '../failure.ts';
import { draftEnvelope, refuseHopeless, rootKeyOf, type TrustDraft } from './draft.ts';
import { acceptable } from './refusal.ts';
import { verifyVersions } from './versions.ts';

export const TRUST_DRAFT_TYPE = 'assent/trust-draft/v1';

const draftMembers = object({
  type: documentType(TRUST_DRAFT_TYPE),
  versions: arrayOf(jsonObject),
  payload: base64Bytes,
  members: jsonObject,
  salt: base64Bytes,
  signatures: arrayOf(jsonObject),
});

export function formatDraft(draft: TrustDraft): string {
  const { before, payload, members, salt, signatures } = draft;
  const document = {
    type: TRUST_DRAFT_TYPE,
    versions: before?.items ?? [],
    payload: base64Encode(payload),
    members: formatTrustMembers(members),
    salt: base64Encode(salt),
    signatures: signatures.length === 0 ? [] : draftEnvelope(draft).signatures,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Throws a CommandFailure: `file_malformed` for what is no draft, `evidence_refused` for one that does not hold. */
export async function parseDraft(json: Json, file: string): Promise<TrustDraft> {
  const malformed = (why: string) =>
    new CommandFailure('file_malformed', `${file} is no draft of a trust root: ${why}`);
  const read = draftMembers(json);
  if (!read.ok) throw malformed(`draft${read.detail} (${read.code})`);
  const { versions, payload, members: document, salt, signatures } = read.value;
  const before = versions.length === 0 ? undefined : await verifyVersions(versions, file);
  const trustRoot = acceptable(parseTrustRoot(payload));
  acceptable(checkCommitment(trustRoot.members, { content: document, salt: base64Encode(salt) }).result);
  const members = acceptable(parseTrustMembers(document));
  if (before === undefined && trustRoot.version !== 1) throw malformed('the versions before it are missing');
  const draft = { before, trustRoot, payload, digest: trustRootDigest(payload), members, salt, signatures: [] };
  refuseHopeless(draft);
  return signatures.length === 0 ? draft : { ...draft, signatures: await verifySignatures(draft, signatures) };
}

async function verifySignatures(draft: TrustDraft, signatures: readonly Json[]): Promise<readonly EnvelopeSignature[]> {
  const payload = base64Encode(draft.payload);
  const envelope = acceptable(parseEnvelope({ payloadType: TRUST_ROOT_PAYLOAD_TYPE, payload, signatures }));
  for (const { kind, publicKey } of acceptable(await verifyEnvelope(envelope))) {
    if (kind === 'key' && rootKeyOf(draft, publicKey.keyid) !== undefined) continue;
    const detail = `${publicKey.keyid} signed it, which is none of the root keys, or a passkey`;
    acceptable({ ok: false, code: 'wrong_signer', detail });
  }
  return envelope.signatures;
}

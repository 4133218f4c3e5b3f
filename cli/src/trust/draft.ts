/**
 * A draft: the next version of a trust root while it is being signed. It is a file that goes from one root key's holder to the next,
 * and holds all that each of them needs to see what they sign: the versions before it, and the members in the open.
 *
 *     { "type": "assent/trust-draft/v1",
 *       "versions": [ {"envelope": {…}, "members": {…}, "salt": b64} ],     // those before it, as receipts carry them; none for version 1
 *       "payload": b64,                                                     // what is signed
 *       "members": {…}, "salt": b64,                                        // what it commits to
 *       "signatures": [ {"keyid", "publicKey", "sig"} ] }                   // as in an envelope, none at first
 *
 * A draft that was read, and one that was made, passes every rule of the verifier but the one that asks for enough signatures.
 */
import {
  base64Decode,
  base64Encode,
  checkCommitment,
  checkHistory,
  checkSuccession,
  createSalt,
  type EnvelopeSignature,
  formatEnvelope,
  formatTrustMembers,
  formatTrustRoot,
  formatTrustVersion,
  type Json,
  type JsonObject,
  MAX_ENTRY_SIZE,
  MAX_SIGNATURES,
  type PublicKey,
  parseEnvelope,
  parseSalt,
  parseTrustMembers,
  parseTrustRoot,
  type Result,
  type RootKeys,
  sealContent,
  TRUST_ROOT_PAYLOAD_TYPE,
  type TrustMembers,
  type TrustRoot,
  trustRootDigest,
  type VerifiedTrustRoot,
  verifyEnvelope,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { fromFlags } from '../from-flags.ts';
import { isObject } from '../http/problem.ts';
import { verifyVersions } from './versions.ts';

export const TRUST_DRAFT_TYPE = 'assent/trust-draft/v1';
const MEMBERS = ['members', 'payload', 'salt', 'signatures', 'type', 'versions'];
/** Leaves room in an entry for an envelope with all the signatures that one may have. */
const MAX_PAYLOAD_BYTES = 40_000;

/** Versions of a trust root, as receipts carry them, and verified. */
export type TrustVersions = { readonly items: readonly JsonObject[]; readonly verified: VerifiedTrustRoot };

export type TrustDraft = {
  /** Undefined for version 1. */
  readonly before: TrustVersions | undefined;
  readonly trustRoot: TrustRoot;
  readonly payload: Uint8Array;
  /** Of the payload. */
  readonly digest: string;
  readonly members: TrustMembers;
  readonly salt: Uint8Array;
  /** Each verified, and by a root key of this version or the one before. */
  readonly signatures: readonly EnvelopeSignature[];
};

/** What a change decides; the rest follows. */
export type TrustContent = {
  readonly name: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly root: RootKeys;
  readonly members: TrustMembers;
};

/** The version after `before`, unsigned. Throws a CommandFailure for one that no verifier would take, whoever signs it. */
export function draftVersion(before: TrustVersions | undefined, { members, ...fields }: TrustContent): TrustDraft {
  const salt = createSalt();
  const newest = before?.verified.chain.versions.at(-1);
  const document = fromFlags(() => formatTrustMembers(members));
  const trustRoot = {
    ...fields,
    version: (newest?.version ?? 0) + 1,
    ...(newest && { previous: newest.digest }),
    members: sealContent(document, salt),
  };
  const payload = fromFlags(() => formatTrustRoot(trustRoot));
  const draft = sound(parseTrustRoot(payload), (value) => ({
    before,
    trustRoot: value,
    payload,
    digest: trustRootDigest(payload),
    members,
    salt,
    signatures: [],
  }));
  refuseHopeless(draft);
  return draft;
}

/** By the verifier's own rules, with every root key as a signer: it must be possible to sign it, and nothing may be taken back. */
function refuseHopeless({ before, trustRoot, payload, members }: TrustDraft): void {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new CommandFailure('usage', `so many root keys do not fit into an entry of a log (${MAX_ENTRY_SIZE} bytes)`);
  }
  if (before === undefined) return;
  const { chain, payloads } = before.verified;
  const newest = chain.versions.at(-1) ?? chain.versions[0];
  const previous = payloads.at(-1) ?? payloads[0];
  const everyone = [...new Set([...trustRoot.root.keys.keys(), ...previous.root.keys.keys()])];
  sound(checkSuccession({ digest: newest.digest, trustRoot: previous }, trustRoot, everyone), () => undefined);
  sound(checkHistory(newest.members, members), () => undefined);
}

/** Root keys whose signatures count: this version's, and those of the one before. */
export function rootsOf({ before, trustRoot }: TrustDraft): readonly RootKeys[] {
  const previous = before?.verified.payloads.at(-1);
  return previous === undefined ? [trustRoot.root] : [trustRoot.root, previous.root];
}

export function rootIdOf({ before, digest }: TrustDraft): string {
  return before?.verified.chain.rootId ?? digest;
}

/** The root key of this keyid, if it is one. */
export function rootKeyOf(draft: TrustDraft, keyid: string): PublicKey | undefined {
  for (const { keys } of rootsOf(draft)) {
    const key = keys.get(keyid);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** As receipts carry it. It has at least one signature; whether it has enough is for `verifyTrustRoot`. */
export function draftItem({ payload, members, salt, signatures }: TrustDraft): JsonObject {
  const envelope = formatEnvelope({ payloadType: TRUST_ROOT_PAYLOAD_TYPE, payload, signatures });
  return formatTrustVersion({ envelope, members, salt });
}

export function formatDraft({ before, payload, members, salt, signatures }: TrustDraft): string {
  const signed =
    signatures.length === 0
      ? []
      : formatEnvelope({ payloadType: TRUST_ROOT_PAYLOAD_TYPE, payload, signatures }).signatures;
  const document = {
    type: TRUST_DRAFT_TYPE,
    versions: before?.items ?? [],
    payload: base64Encode(payload),
    members: formatTrustMembers(members),
    salt: base64Encode(salt),
    signatures: signed,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Throws a CommandFailure: `file_malformed` for what is no draft, `evidence_refused` for one that does not hold. */
export async function parseDraft(json: JsonObject, file: string): Promise<TrustDraft> {
  const malformed = (why: string) =>
    new CommandFailure('file_malformed', `${file} is no draft of a trust root: ${why}`);
  if (Object.keys(json).sort().join() !== MEMBERS.join()) {
    throw malformed(`it has to have exactly the members ${MEMBERS.join(', ')}`);
  }
  const { versions, payload: text, members: document, salt: saltText, signatures } = json;
  if (!Array.isArray(versions) || !Array.isArray(signatures)) throw malformed('versions and signatures are lists');
  if (typeof text !== 'string' || typeof saltText !== 'string' || document === undefined || !isObject(document)) {
    throw malformed('payload and salt are texts, and members is an object');
  }
  const before = versions.length === 0 ? undefined : await verifyVersions(versions, file);
  const payload = sound(base64Decode(text), (value) => value);
  const trustRoot = sound(parseTrustRoot(payload), (value) => value);
  const salt = sound(parseSalt(saltText), (value) => value);
  sound(checkCommitment(trustRoot.members, { content: document, salt: saltText }).result, () => undefined);
  const members = sound(parseTrustMembers(document), (value) => value);
  const unsigned = { before, trustRoot, payload, digest: trustRootDigest(payload), members, salt, signatures: [] };
  if (before === undefined && trustRoot.version !== 1) throw malformed('the versions before it are missing');
  refuseHopeless(unsigned);
  if (signatures.length === 0) return unsigned;
  return { ...unsigned, signatures: await verifySignatures(unsigned, text, signatures) };
}

async function verifySignatures(draft: TrustDraft, payload: string, json: Json): Promise<readonly EnvelopeSignature[]> {
  const envelope = sound(
    parseEnvelope({ payloadType: TRUST_ROOT_PAYLOAD_TYPE, payload, signatures: json }),
    (value) => value,
  );
  const signers = sound(await verifyEnvelope(envelope), (value) => value);
  for (const { kind, publicKey } of signers) {
    if (kind === 'key' && rootKeyOf(draft, publicKey.keyid) !== undefined) continue;
    throw refused('wrong_signer', `${publicKey.keyid} signed it, which is none of the root keys, or a passkey`);
  }
  return envelope.signatures;
}

/** With one signature more. Throws a CommandFailure where there is no room for it. */
export function withSignature(draft: TrustDraft, signature: EnvelopeSignature): TrustDraft {
  if (draft.signatures.length >= MAX_SIGNATURES) {
    throw new CommandFailure('usage', `it has ${MAX_SIGNATURES} signatures, and no version can have more`);
  }
  return { ...draft, signatures: [...draft.signatures, signature] };
}

function sound<T, U>(result: Result<T>, use: (value: T) => U): U {
  if (result.ok) return use(result.value);
  throw refused(result.code, result.detail);
}

function refused(code: string, detail: string): CommandFailure {
  const message = 'no verifier would take such a version of the trust root';
  return new CommandFailure('evidence_refused', message, { checks: [{ id: 'trust', code, detail }] });
}

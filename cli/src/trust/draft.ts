/**
 * A draft: the next version of a trust root while it is being signed. One that was made, and one that was read, passes every rule of
 * the verifier but the one that asks for enough signatures.
 */
import {
  checkHistory,
  checkSuccession,
  createSalt,
  type EnvelopeSignature,
  formatEnvelope,
  formatTrustMembers,
  formatTrustRoot,
  formatTrustVersion,
  type JsonObject,
  MAX_ENTRY_SIZE,
  MAX_SIGNATURES,
  type PublicKey,
  parseTrustRoot,
  type RootKeys,
  sealContent,
  TRUST_ROOT_PAYLOAD_TYPE,
  type TrustMembers,
  type TrustRoot,
  trustRootDigest,
  type VerifiedTrustRoot,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { fromFlags } from '../from-flags.ts';
import { acceptable } from './refusal.ts';

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
  const payload = fromFlags(() =>
    formatTrustRoot({
      ...fields,
      version: (newest?.version ?? 0) + 1,
      ...(newest && { previous: newest.digest }),
      members: sealContent(document, salt),
    }),
  );
  const trustRoot = acceptable(parseTrustRoot(payload));
  const draft = { before, trustRoot, payload, digest: trustRootDigest(payload), members, salt, signatures: [] };
  refuseHopeless(draft);
  return draft;
}

/** By the verifier's own rules, with every root key as a signer: it must be possible to sign it, and nothing may be taken back. */
export function refuseHopeless({ before, trustRoot, payload, members }: TrustDraft): void {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new CommandFailure('usage', `so many root keys do not fit into an entry of a log (${MAX_ENTRY_SIZE} bytes)`);
  }
  if (before === undefined) return;
  const { chain, payloads } = before.verified;
  const newest = chain.versions.at(-1) ?? chain.versions[0];
  const previous = payloads.at(-1) ?? payloads[0];
  const everyone = [...new Set([...trustRoot.root.keys.keys(), ...previous.root.keys.keys()])];
  acceptable(checkSuccession({ digest: newest.digest, trustRoot: previous }, trustRoot, everyone));
  acceptable(checkHistory(newest.members, members));
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

/** With one signature more. Throws a CommandFailure where there is no room for it. */
export function withSignature(draft: TrustDraft, signature: EnvelopeSignature): TrustDraft {
  if (draft.signatures.length >= MAX_SIGNATURES) {
    throw new CommandFailure('usage', `it has ${MAX_SIGNATURES} signatures, and no version can have more`);
  }
  return { ...draft, signatures: [...draft.signatures, signature] };
}

/** Its envelope, with the signatures that it has: at least one. */
export function draftEnvelope({ payload, signatures }: TrustDraft): JsonObject {
  return formatEnvelope({ payloadType: TRUST_ROOT_PAYLOAD_TYPE, payload, signatures });
}

/** As receipts carry it. Whether it has enough signatures is for `verifyTrustRoot`. */
export function draftItem(draft: TrustDraft): JsonObject {
  const { members, salt } = draft;
  return formatTrustVersion({ envelope: draftEnvelope(draft), members, salt });
}

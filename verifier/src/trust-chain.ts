/**
 * The versions of a trust root, verified from the pinned root id up (formats.md §7).
 *
 *     const trusted = await verifyTrustRoot('sha256:…', [{ envelope, members, salt }, …]);
 *     if (trusted.ok) await verifyReceipt(receipt, { logPolicy, trustRoot: trusted.value, at: Date.now() });
 *
 * Where versions come from does not matter: each has to prove its place. So what a receipt carries may add newer ones to those that
 * a verifier has. What does not prove its place fails the whole: whoever hands out a forged version is not to be believed about the rest.
 */

import { base64Encode } from './base64.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import { checkJson, digest, jsonObject, named, object } from './document.ts';
import { readEnvelope, readSignatures, type UnreadEnvelope, verifyEnvelope } from './dsse.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { fail, ok, type Result } from './result.ts';
import { checkCommitment, SALT_SIZE, saltText } from './sealed.ts';
import type { Sha256 } from './sha256.ts';
import { checkHistory } from './trust-history.ts';
import { formatTrustMembers, parseTrustMembers } from './trust-members.ts';
import {
  parseTrustRoot,
  TRUST_ROOT_PAYLOAD_TYPE,
  type TrustChain,
  type TrustMembers,
  type TrustRoot,
  type TrustVersion,
  trustRootDigest,
} from './trust-root.ts';
import { checkOwnSigners, checkSuccession, rootSigners } from './trust-succession.ts';

/** A chain, and the payloads that a next version has to be signed after. Make one with {@link verifyTrustRoot} alone. */
export type VerifiedTrustRoot = {
  readonly chain: TrustChain;
  /** Of each version. */
  readonly payloads: readonly [TrustRoot, ...TrustRoot[]];
};

/** What a verifier pins: the root id, and the versions that it has; or these, verified before. */
export type PinnedTrustRoot = { readonly rootId: string; readonly versions?: readonly Json[] } | VerifiedTrustRoot;

/** One version as receipts carry it: `{ envelope, members, salt }`. Throws as `formatTrustMembers` does, RangeError on a salt that is not 32 bytes. */
export function formatTrustVersion({
  envelope,
  members,
  salt,
}: {
  readonly envelope: JsonObject;
  readonly members: TrustMembers;
  readonly salt: Uint8Array;
}): JsonObject {
  if (salt.length !== SALT_SIZE) throw new RangeError(`salt: not ${SALT_SIZE} bytes`);
  return { envelope, members: formatTrustMembers(members), salt: base64Encode(salt) };
}

/** Throws TypeError for a pin that is none. */
export function checkPinnedTrustRoot(pinned: PinnedTrustRoot): void {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null;
  if (!isObject(pinned)) throw new TypeError('trustRoot: not an object');
  if ('chain' in pinned && !isObject(pinned.chain)) throw new TypeError('trustRoot.chain: not an object');
  const { rootId, versions = [] } = 'chain' in pinned ? pinned.chain : pinned;
  if (!digest(rootId).ok) throw new TypeError('trustRoot.rootId: not "sha256:" and 64 lower-case hexadecimal digits');
  if (!Array.isArray(versions)) throw new TypeError('trustRoot.versions: not a list');
}

/**
 * Verifies versions from 1 up, in whatever order they are given. Never rejects for bad evidence. Fails with the codes of documents,
 * envelopes, keys and signatures, and with `trust_chain_broken`, `trust_forked`, `trust_history_changed`, `threshold_not_met`,
 * `wrong_signer` and `commitment_mismatch`. Throws TypeError for a `rootId` that is no digest.
 *
 * @param unverified each `{ envelope, members, salt }`, at least one.
 */
export async function verifyTrustRoot(
  rootId: string,
  unverified: readonly Json[],
  primitives: Primitives = webCryptoPrimitives,
): Promise<Result<VerifiedTrustRoot>> {
  checkPinnedTrustRoot({ rootId, versions: unverified });
  const joined = await joinVersions({ rootId, versions: unverified }, [], primitives);
  if (!joined.ok) return joined;
  return joined.value === undefined
    ? fail('trust_chain_broken', 'there is no version of the trust root')
    : ok(joined.value);
}

/** The pinned versions and those that somebody else brings. Undefined if there is none at all. */
export async function joinVersions(
  pinned: PinnedTrustRoot,
  carried: readonly Json[],
  primitives: Primitives,
): Promise<Result<VerifiedTrustRoot | undefined>> {
  const known = 'chain' in pinned ? pinned : undefined;
  const rootId = 'chain' in pinned ? pinned.chain.rootId : pinned.rootId;
  const versions = [...(known?.chain.versions ?? [])];
  const payloads = [...(known?.payloads ?? [])];
  const unread = 'chain' in pinned ? carried : [...(pinned.versions ?? []), ...carried];
  const read = readVersions(unread, new Set(versions.map((version) => version.digest)), primitives.sha256);
  if (!read.ok) return read;
  for (const candidate of read.value) {
    const { version } = candidate.trustRoot;
    const before = version === 1 ? undefined : versions[version - 2];
    const placed = await verifyVersion(
      candidate,
      rootId,
      before && { ...before, trustRoot: payloads[version - 2]! },
      primitives,
    );
    if (!placed.ok) return placed;
    if (versions[version - 1] !== undefined) {
      return fail(
        'trust_forked',
        `there are two versions ${version} of the trust root, each signed by enough root keys`,
      );
    }
    versions.push(placed.value);
    payloads.push(candidate.trustRoot);
  }
  const [first, ...others] = versions;
  const [firstPayload, ...otherPayloads] = payloads;
  if (first === undefined || firstPayload === undefined) return ok(undefined);
  return ok({ chain: { rootId, versions: [first, ...others] }, payloads: [firstPayload, ...otherPayloads] });
}

type UnverifiedVersion = {
  readonly digest: string;
  readonly trustRoot: TrustRoot;
  readonly envelope: UnreadEnvelope;
  readonly members: JsonObject;
  readonly salt: string;
};

const versionMembers = object({ envelope: jsonObject, members: jsonObject, salt: saltText });

/** Envelope and members count their depth from their own roots. */
const ITEM_DEPTH = 33;

/** In the order of their numbers, each payload once: which of several envelopes around one payload was verified makes no difference. */
function readVersions(
  unread: readonly Json[],
  known: ReadonlySet<string>,
  hash: Sha256,
): Result<readonly UnverifiedVersion[]> {
  const versions = new Map<string, UnverifiedVersion>();
  for (const [index, value] of unread.entries()) {
    const version = named(`trust[${index}]`, readVersion(value, hash));
    if (!version.ok) return version;
    if (!known.has(version.value.digest) && !versions.has(version.value.digest)) {
      versions.set(version.value.digest, version.value);
    }
  }
  return ok([...versions.values()].sort((a, b) => a.trustRoot.version - b.trustRoot.version));
}

function readVersion(value: Json, hash: Sha256): Result<UnverifiedVersion> {
  const sound = checkJson(value, ITEM_DEPTH);
  if (!sound.ok) return sound;
  const item = versionMembers(value);
  if (!item.ok) return item;
  const envelope = named(': ', readEnvelope(item.value.envelope));
  if (!envelope.ok) return envelope;
  if (envelope.value.payloadType !== TRUST_ROOT_PAYLOAD_TYPE) {
    return fail('kind_mismatch', '.envelope is not one of a trust root');
  }
  const trustRoot = named(': ', parseTrustRoot(envelope.value.payload));
  if (!trustRoot.ok) return trustRoot;
  const { payload } = envelope.value;
  return ok({
    ...item.value,
    envelope: envelope.value,
    trustRoot: trustRoot.value,
    digest: trustRootDigest(payload, hash),
  });
}

/** @param before the verified version with the number before this one's. */
async function verifyVersion(
  { digest: ownDigest, trustRoot, envelope, members: unverifiedMembers, salt }: UnverifiedVersion,
  rootId: string,
  before: (TrustVersion & { readonly trustRoot: TrustRoot }) | undefined,
  primitives: Primitives,
): Promise<Result<TrustVersion>> {
  const { version, name, issued_at, expires_at } = trustRoot;
  const subject = `trust root, version ${version}: `;
  if (version === 1 && ownDigest !== rootId)
    return fail('trust_chain_broken', `${subject}it is not of the pinned root id`);
  if (version > 1 && before === undefined) return fail('trust_chain_broken', `${subject}the one before it is missing`);
  const signers = named(subject, await verifySigners(envelope, primitives));
  if (!signers.ok) return signers;
  const placed =
    before === undefined
      ? checkOwnSigners(trustRoot, signers.value)
      : checkSuccession(before, trustRoot, signers.value);
  if (!placed.ok) return placed;
  const committed = checkCommitment(trustRoot.members, { content: unverifiedMembers, salt }, primitives.sha256);
  if (!committed.result.ok) return named(subject, committed.result);
  const members = named(subject, parseTrustMembers(unverifiedMembers));
  if (!members.ok) return members;
  const history = before === undefined ? ok(undefined) : checkHistory(before.members, members.value);
  if (!history.ok) return history;
  return ok({ version, digest: ownDigest, name, issued_at, expires_at, members: members.value });
}

async function verifySigners(envelope: UnreadEnvelope, primitives: Primitives): Promise<Result<readonly string[]>> {
  const signatures = readSignatures(envelope.signatures, primitives.sha256);
  if (!signatures.ok) return signatures;
  const verified = await verifyEnvelope({ ...envelope, signatures: signatures.value }, primitives);
  return verified.ok ? rootSigners(verified.value) : verified;
}

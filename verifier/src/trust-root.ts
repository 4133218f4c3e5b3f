/**
 * Trust roots: who may approve, through time (formats.md §7).
 *
 * A trust root is a chain of versions. A verifier pins the root id, the SHA-256 of version 1's payload; every later version
 * is signed by the threshold of the root keys before it and of its own. Names and keys of people stay out of the log,
 * which holds a salted commitment to `members`.
 */
import type { AttestedMethod } from './approval.ts';
import { base64Encode } from './base64.ts';
import { hexEncode } from './bytes.ts';
import { canonicalBytes, type Json, parseCanonicalJson } from './canonical-json.ts';
import {
  digest,
  documentType,
  type Field,
  identifier,
  MAX_DOCUMENT_DEPTH,
  named,
  object,
  optional,
  positiveInteger,
  time,
} from './document.ts';
import type { PublicKey } from './primitives.ts';
import { fail, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';
import { keyedBy, signingKeyText } from './trust-members.ts';

export const TRUST_ROOT_TYPE = 'assent/trust-root/v1';
export const TRUST_ROOT_PAYLOAD_TYPE = 'application/vnd.assent.trust-root.v1+json';

/** Two thresholds of so many fit into the 16 signatures of an envelope. */
export const MAX_THRESHOLD = 8;

/** Who may make the next version. */
export type RootKeys = { readonly keys: ReadonlyMap<string, PublicKey>; readonly threshold: number };

/** The payload of one version: what it says, of which nothing was verified. */
export type TrustRoot = {
  readonly type: typeof TRUST_ROOT_TYPE;
  readonly name: string;
  /** From 1 up. */
  readonly version: number;
  /** {@link trustRootDigest} of the version before; absent in version 1. */
  readonly previous?: string;
  readonly issued_at: string;
  readonly expires_at: string;
  /** Keyed by keyid. */
  readonly root: RootKeys;
  /** `sha256:<hex>` of 32 bytes of salt ‖ JCS(members). */
  readonly members: string;
};

/** What every listed key has. Times are RFC 3339 with milliseconds, so they order as texts. */
export type ListedKey = {
  readonly publicKey: PublicKey;
  readonly valid_from: string;
  readonly valid_until?: string;
  readonly revoked?: Revocation;
};

export type Revocation =
  | { readonly reason: 'retired'; readonly at: string }
  | { readonly reason: 'compromised'; readonly at: string; readonly since: string };

export type TrustedApprover = ListedKey & {
  readonly holder: string;
  readonly roles: readonly string[];
  /** passkey: needs a WebAuthn assertion; key: forbids one. */
  readonly kind: 'passkey' | 'key';
  /** Passkeys only. */
  readonly rp_id?: string;
  readonly origins?: readonly string[];
  readonly top_origins?: readonly string[];
};

export type TrustedService = ListedKey & {
  readonly name: string;
  /** Approver to the roles in which this service may attest them. */
  readonly attests: ReadonlyMap<string, readonly string[]>;
  readonly methods: readonly AttestedMethod[];
  readonly payload_types: readonly string[];
};

export type TrustedBoundary = ListedKey & { readonly name: string };

export type ListedPolicy = { readonly valid_from: string; readonly valid_until?: string };

/** Keyed by keyid, policies by policy digest. A keyid stands in one of the maps only. */
export type TrustMembers = {
  readonly approvers: ReadonlyMap<string, TrustedApprover>;
  readonly services: ReadonlyMap<string, TrustedService>;
  readonly boundaries: ReadonlyMap<string, TrustedBoundary>;
  readonly policies: ReadonlyMap<string, ListedPolicy>;
};

/** One version whose signatures, place in the chain and members were verified. */
export type TrustVersion = {
  readonly version: number;
  /** `sha256:<hex>` of its payload. */
  readonly digest: string;
  readonly name: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly members: TrustMembers;
};

/** Version 1 upward, without a gap. */
export type TrustChain = { readonly rootId: string; readonly versions: readonly [TrustVersion, ...TrustVersion[]] };

const threshold: Field<number> = (value) => {
  const number = positiveInteger(value);
  return number.ok && number.value > MAX_THRESHOLD ? fail('bad_value', ` is more than ${MAX_THRESHOLD}`) : number;
};

const trustRootMembers = object({
  type: documentType(TRUST_ROOT_TYPE),
  name: identifier,
  version: positiveInteger,
  previous: optional(digest),
  issued_at: time,
  expires_at: time,
  root: object({ keys: keyedBy(signingKeyText, (key) => key), threshold }),
  members: digest,
});

function readTrustRoot(value: Json): Result<TrustRoot> {
  const read = named('trust root', trustRootMembers(value));
  if (!read.ok) return read;
  const { version, previous, issued_at, expires_at, root } = read.value;
  if (version === 1 && previous !== undefined) return fail('unknown_member', 'trust root.previous: version 1 has none');
  if (version > 1 && previous === undefined) return fail('missing_member', 'trust root.previous is missing');
  // Times are of equal width, so their texts order as they do.
  if (expires_at <= issued_at) return fail('bad_value', 'trust root.expires_at is not later than issued_at');
  if (root.threshold > root.keys.size)
    return fail('bad_value', 'trust root.root.threshold is more than there are keys');
  return read;
}

/** Reads a DSSE payload. Fails with the codes of {@link parseCanonicalJson}, of members and of keys; `unsupported` for another type. */
export function parseTrustRoot(payload: Uint8Array): Result<TrustRoot> {
  const value = parseCanonicalJson(payload, { maxDepth: MAX_DOCUMENT_DEPTH });
  return value.ok ? readTrustRoot(value.value) : named('trust root: ', value);
}

/** The bytes to sign, as `preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, …)`. Throws TypeError naming what is wrong with the fields: the caller made them. */
export function formatTrustRoot({ root, ...fields }: Omit<TrustRoot, 'type'>): Uint8Array {
  const keys = [...root.keys].map(([keyid, key]) => [keyid, base64Encode(key.spki)]);
  const document = { ...fields, type: TRUST_ROOT_TYPE, root: { ...root, keys: Object.fromEntries(keys) } };
  const read = readTrustRoot(document);
  if (!read.ok) throw new TypeError(`${read.detail} (${read.code})`);
  return canonicalBytes(document);
}

/** `sha256:<hex>` of the payload's bytes. Version 1's is the root id. */
export function trustRootDigest(payload: Uint8Array, hash: Sha256 = sha256): string {
  return `sha256:${hexEncode(hash(payload))}`;
}

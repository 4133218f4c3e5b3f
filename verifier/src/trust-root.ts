/**
 * Trust roots: who may approve, through time (formats.md §7).
 *
 * A trust root is a chain of versions. A verifier pins the root id, the SHA-256 of version 1's payload; every later version
 * is signed by the threshold of the root keys before it and of its own. Names and keys of people stay out of the log,
 * which holds a salted commitment to `members`.
 */
import type { AttestedMethod } from './approval.ts';
import type { PublicKey } from './primitives.ts';

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

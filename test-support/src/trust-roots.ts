/** Trust roots as an organization would make them, and as one would that means no good. */
import {
  APPROVAL_PAYLOAD_TYPE,
  createSalt,
  formatEnvelope,
  formatTime,
  formatTrustMembers,
  formatTrustRoot,
  formatTrustVersion,
  type JsonObject,
  type PublicKey,
  parsePublicKey,
  preAuthEncoding,
  sealContent,
  TRUST_ROOT_PAYLOAD_TYPE,
  type TrustedApprover,
  type TrustedBoundary,
  type TrustedService,
  type TrustMembers,
  type TrustRoot,
  trustRootDigest,
} from '@assent/verifier';
import type { TestKey } from './approvals.ts';
import type { TestAuthenticator } from './authenticator.ts';
import { unwrap } from './results.ts';

export type TestTrustVersion = {
  readonly trustRoot: Omit<TrustRoot, 'type'>;
  readonly members: TrustMembers;
  readonly payload: Uint8Array;
  /** `sha256:<hex>` of the payload: version 1's is the root id. */
  readonly digest: string;
  /** The content of an entry of kind `trust-root`. */
  readonly envelope: JsonObject;
  /** As receipts carry it, and verifiers pin it. */
  readonly item: JsonObject;
  readonly rootKeys: readonly TestKey[];
};

export type TrustVersionOptions = {
  /** Default: none, or the previous version's. */
  readonly members?: Partial<TrustMembers>;
  /** Default: the previous version's. */
  readonly rootKeys?: readonly TestKey[];
  /** Default: the number of the root keys that are given here, or the previous version's. */
  readonly threshold?: number;
  readonly previous?: TestTrustVersion;
  /** Default: all root keys, the previous version's and its own. */
  readonly signers?: readonly TestKey[];
  /** Milliseconds. Default: now, or a millisecond after the previous version. */
  readonly issuedAt?: number;
  /** Milliseconds. Default: 90 days later. */
  readonly expiresAt?: number;
  /** Default: random. */
  readonly salt?: Uint8Array;
  /** Members of the payload that replace those that fit. */
  readonly overrides?: Partial<TrustRoot>;
};

const NO_MEMBERS: TrustMembers = {
  approvers: new Map(),
  services: new Map(),
  boundaries: new Map(),
  policies: new Map(),
};

/** One version, signed. */
export function createTrustVersion(options: TrustVersionOptions): TestTrustVersion {
  const { previous, rootKeys = previous?.rootKeys ?? [], overrides } = options;
  const inherited = options.rootKeys === undefined ? previous?.trustRoot.root.threshold : undefined;
  const { threshold = inherited ?? rootKeys.length, salt = createSalt() } = options;
  const members = { ...(previous?.members ?? NO_MEMBERS), ...options.members };
  const earlier = previous && Date.parse(previous.trustRoot.issued_at) + 1;
  const issuedAt = options.issuedAt ?? earlier ?? Date.now();
  const trustRoot = {
    name: 'acme.example',
    version: (previous?.trustRoot.version ?? 0) + 1,
    ...(previous && { previous: previous.digest }),
    issued_at: formatTime(issuedAt),
    expires_at: formatTime(options.expiresAt ?? issuedAt + 90 * 86_400_000),
    root: { keys: keysById(rootKeys), threshold },
    members: sealContent(formatTrustMembers(members), salt),
    ...overrides,
  };
  const payload = formatTrustRoot(trustRoot);
  const signers = options.signers ?? [...(previous?.rootKeys ?? []), ...rootKeys];
  const envelope = signTrustRoot(payload, signers);
  const item = formatTrustVersion({ envelope, members, salt });
  return { trustRoot, members, payload, digest: trustRootDigest(payload), envelope, item, rootKeys };
}

/** An envelope around any payload, each key signing once. */
export function signTrustRoot(payload: Uint8Array, signers: readonly TestKey[]): JsonObject {
  const signed = preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, payload);
  const byId = new Map(signers.map((key) => [key.publicKey.keyid, key]));
  const signatures = [...byId.values()].map(({ publicKey, sign }) => ({ publicKey, sig: sign(signed) }));
  return formatEnvelope({ payloadType: TRUST_ROOT_PAYLOAD_TYPE, payload, signatures });
}

type Item<T> = readonly [keyid: string, item: T];

/** Valid since 2020, in the role `finance`. */
export function passkeyApprover(
  authenticator: TestAuthenticator,
  holder: string,
  more: Partial<TrustedApprover> = {},
): Item<TrustedApprover> {
  const publicKey = unwrap(parsePublicKey(authenticator.spki));
  const { rpId, origin } = authenticator;
  return item({
    publicKey,
    holder,
    roles: ['finance'],
    kind: 'passkey',
    rp_id: rpId,
    origins: [origin],
    ...since2020,
    ...more,
  });
}

/** The same without a passkey. */
export function keyApprover(
  { publicKey }: TestKey,
  holder: string,
  more: Partial<TrustedApprover> = {},
): Item<TrustedApprover> {
  return item({ publicKey, holder, roles: ['finance'], kind: 'key', ...since2020, ...more });
}

/** Valid since 2020, for approvals, and attests nobody. */
export function trustedService({ publicKey }: TestKey, more: Partial<TrustedService> = {}): Item<TrustedService> {
  const attests = new Map<string, readonly string[]>();
  const says = { attests, methods: [], payload_types: [APPROVAL_PAYLOAD_TYPE] };
  return item({ publicKey, name: 'approvals.example.com', ...says, ...since2020, ...more });
}

export function trustedBoundary(
  { publicKey }: TestKey,
  name: string,
  more: Partial<TrustedBoundary> = {},
): Item<TrustedBoundary> {
  return item({ publicKey, name, ...since2020, ...more });
}

const since2020 = { valid_from: '2020-01-01T00:00:00.000Z' };

function item<T extends { readonly publicKey: PublicKey }>(listed: T): Item<T> {
  return [listed.publicKey.keyid, listed];
}

function keysById(keys: readonly TestKey[]): ReadonlyMap<string, PublicKey> {
  return new Map(keys.map(({ publicKey }) => [publicKey.keyid, publicKey]));
}

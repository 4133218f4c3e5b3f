/**
 * The organization, the log and the people of the vectors of receipts: everything out of fixed seeds and at fixed times.
 *
 * Acme pays refunds. Alice (finance) and Bob (security) approve with passkeys, Carol (finance) with a key of her own, and the
 * approval service may say that it authenticated Alice. One boundary, payments-gw-3, pays.
 */
import { type ApprovalOptions, createApproval, type TestApproval } from '@assent/test-support/approvals';
import { type ConsumptionOptions, createConsumption, type TestConsumption } from '@assent/test-support/consumptions';
import { createTestLog, type TestEntry, type TestLog, type TestReceipt } from '@assent/test-support/receipts';
import {
  createTrustVersion,
  keyApprover,
  passkeyApprover,
  type TestTrustVersion,
  type TrustVersionOptions,
  trustedBoundary,
  trustedService,
} from '@assent/test-support/trust-roots';
import { createTestWitness, withCheckpoint } from '@assent/test-support/witnesses';
import {
  base64urlEncode,
  canonicalBytes,
  type Disclosures,
  formatTime,
  hexEncode,
  type Json,
  type JsonObject,
  sha256,
  type TrustMembers,
} from '@assent/verifier';
import { ed25519PrivateKey, passkey, seeded, signingKey } from './keys.ts';

/** When approvals are issued; the log has them five seconds later, and witnesses see them two seconds after that. */
export const ISSUED = 1_775_235_600_000;
export const LOGGED = ISSUED + 5_000;
export const SEEN = LOGGED + 2_000;
export const AT = ISSUED + 60_000;
export const ORIGIN = 'log.example.com/approvals';

export const alice = passkey('alice');
export const bob = passkey('bob', 'EdDSA');
export const dave = passkey('rsa-2048', 'RS256');
export const carol = signingKey('carol');
export const service = signingKey('approval service', 'es256');
export const boundary = signingKey('payments-gw-3');
export const stranger = signingKey('stranger');
export const rootKeys = [signingKey('root 1'), signingKey('root 2', 'es256')];
export const witnesses = [
  createTestWitness({ name: 'witness.example.com/w1', seed: 11 }),
  createTestWitness({ name: 'witness.example.org/w2', seed: 12 }),
];

export const approvalPolicy = {
  type: 'assent/policy/v1',
  name: 'acme-payments',
  rules: [
    {
      id: 'refund',
      action: 'payment.*',
      connector: 'stripe/*',
      when: [{ path: '/args/amount', lte: '100' }],
      effect: 'approve',
      require: { approvals: 1, roles: ['finance'], max_ttl_seconds: 900 },
    },
    {
      id: 'large-refund',
      action: 'payment.*',
      connector: 'stripe/*',
      effect: 'approve',
      reason: 'Refunds over 100 need finance and security',
      require: { approvals: 2, roles: ['finance', 'security'], distinct_roles: true, max_ttl_seconds: 900 },
    },
    { id: 'no-wires', action: 'wire.*', connector: '*', effect: 'deny', reason: 'No wires' },
    { id: 'reads', action: 'read.*', connector: '*', effect: 'allow' },
  ],
};

export function digestOf(document: Json): string {
  return `sha256:${hexEncode(sha256(canonicalBytes(document)))}`;
}

export const always = { valid_from: '2020-01-01T00:00:00.000Z' };

export const members: TrustMembers = {
  approvers: new Map([
    passkeyApprover(alice, 'alice@example.com'),
    passkeyApprover(bob, 'bob@example.com', { roles: ['security'] }),
    passkeyApprover(dave, 'dave@example.com', { roles: ['finance'] }),
    keyApprover(carol, 'carol@example.com'),
  ]),
  services: new Map([
    trustedService(service, { methods: ['totp'], attests: new Map([['alice@example.com', ['finance']]]) }),
  ]),
  boundaries: new Map([trustedBoundary(boundary, 'payments-gw-3')]),
  policies: new Map([[digestOf(approvalPolicy), always]]),
};

/** Acme's trust root as it is, but for `options`. */
export function trustVersion(options: Partial<TrustVersionOptions> = {}): TestTrustVersion {
  const { previous } = options;
  return createTrustVersion({
    ...(previous === undefined && { rootKeys, members, issuedAt: ISSUED - 86_400_000 }),
    salt: seeded(`salt of version ${(previous?.trustRoot.version ?? 0) + 1}`),
    ...options,
  });
}

export const version1 = trustVersion();

/** The same organization with some of its members otherwise. Another root id, as the members are committed to. */
export function trustRootWith(changes: Partial<TrustMembers>): TestTrustVersion {
  return trustVersion({ members: { ...members, ...changes } });
}

/** A refund of 42.00 that Alice approved by her passkey, and that payments-gw-3 may pay once. */
export function approve(options: Partial<ApprovalOptions> = {}, version: TestTrustVersion = version1): TestApproval {
  const { overrides, intent, ...rest } = options;
  return createApproval({
    origin: ORIGIN,
    ...(rest.serviceKey === undefined && { authenticator: alice }),
    nonce: seeded('nonce'),
    now: ISSUED,
    intent: { salt: base64urlEncode(seeded('salt of the intent', 16)), ...intent },
    overrides: {
      id: 'req_1',
      organization: version.digest,
      policy: { digest: digestOf(approvalPolicy), rule: 'refund' },
      boundaries: [boundary.publicKey.keyid],
      ...overrides,
    },
    ...rest,
  });
}

export const ATTEMPT = base64urlEncode(seeded('attempt', 16));

export function consume(
  approval: Pick<TestApproval, 'digest' | 'statement'>,
  { overrides, ...options }: Partial<ConsumptionOptions> = {},
): TestConsumption {
  return createConsumption({
    approval,
    key: boundary,
    overrides: { attempt: ATTEMPT, at: formatTime(LOGGED), ...overrides },
    ...options,
  });
}

export type LoggedOptions = {
  readonly disclosures?: Disclosures;
  /** Entries that come before it; default 3. */
  readonly before?: number;
  /** Members of the receipt beside entry, proof and disclosures. */
  readonly carried?: JsonObject;
  /** Which witnesses cosign, and when in ms; default both, at {@link SEEN}. */
  readonly cosigned?: readonly (readonly [index: number, time: number])[];
  readonly origin?: string;
};

/** The log, in which nothing is yet. */
export function newLog(origin: string = ORIGIN): TestLog {
  return createTestLog({ origin, privateKey: ed25519PrivateKey(`log ${origin}`) });
}

/** The receipt of an entry that the log has, cosigned. */
export function logged(
  entry: Partial<TestEntry> & Pick<TestEntry, 'content'>,
  options: LoggedOptions = {},
): JsonObject {
  return loggedIn(filled(newLog(options.origin), options.before), { loggedAt: LOGGED, ...entry }, options);
}

export function loggedIn(log: TestLog, entry: TestEntry, options: LoggedOptions = {}): JsonObject {
  const { receipt } = log.append(entry, options.disclosures);
  return { ...JSON.parse(cosign(receipt, options.cosigned)), ...options.carried };
}

/** What the log shows of an entry by now, cosigned. */
export function cosignedReceipt({ receipt }: TestReceipt): JsonObject {
  return JSON.parse(cosign(receipt));
}

/** Bytes that need not be an entry, logged all the same. */
export function loggedBytes(entry: Uint8Array, options: LoggedOptions = {}): JsonObject {
  const { receipt } = filled(newLog(options.origin), options.before).appendBytes(entry, options.disclosures);
  return { ...JSON.parse(cosign(receipt, options.cosigned)), ...options.carried };
}

export function filled(log: TestLog, before = 3): TestLog {
  for (let index = 0; index < before; index++) log.appendBytes(new TextEncoder().encode(`an earlier entry, ${index}`));
  return log;
}

function cosign(
  receipt: string,
  cosigned: LoggedOptions['cosigned'] = [
    [0, SEEN],
    [1, SEEN],
  ],
): string {
  return withCheckpoint(receipt, (checkpoint) =>
    cosigned.reduce((note, [index, time]) => witnesses[index]!.append(note, time), checkpoint),
  );
}

/** An approval and its consumption, both in the log, in one receipt. */
export function consumedReceipt(
  approval: TestApproval,
  { consumption = consume(approval), carried, consumedAt = LOGGED + 1_000, ...entry }: ConsumedOptions = {},
): JsonObject {
  const log = filled(newLog());
  const receipt = loggedIn(log, { content: approval.envelope, loggedAt: LOGGED, ...entry });
  const used = loggedIn(log, { kind: 'consumption', content: consumption.envelope, loggedAt: consumedAt });
  return { ...receipt, consumption: used, ...carried };
}

export type ConsumedOptions = Partial<TestEntry> & {
  readonly consumption?: TestConsumption;
  readonly carried?: JsonObject;
  readonly consumedAt?: number;
};

export const LOG_POLICY = `log ${newLog().vkey}\nwitness W1 ${witnesses[0]!.vkey}\nwitness W2 ${witnesses[1]!.vkey}\ngroup W all W1 W2\nquorum W\n`;
export const BARE_POLICY = `log ${newLog().vkey}\nquorum none\n`;

export function pinnedTrustRoot(...versions: readonly TestTrustVersion[]): JsonObject {
  return { root_id: versions[0]!.digest, versions: versions.map(({ item }) => item) };
}

/** Everything that a gate pins, of the approval as {@link approve} makes it. */
export function fullPins(approval: TestApproval, more: JsonObject = {}): JsonObject {
  return {
    log_policy: LOG_POLICY,
    trust_root: pinnedTrustRoot(version1),
    approval_policy: approvalPolicy,
    intent: { text: JSON.stringify(approval.intent) },
    at: AT,
    schema: null,
    boundary: { keyid: boundary.publicKey.keyid, attempt: ATTEMPT },
    ...more,
  };
}

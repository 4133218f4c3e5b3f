/** Approvals as an approval service would make them, for the tests of the verifier, the log and the CLI, and for the benchmark. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  APPROVAL_PAYLOAD_TYPE,
  base64urlDecode,
  concatBytes,
  createIntent,
  displayDigest,
  type EnvelopeSignature,
  formatEnvelope,
  formatStatement,
  formatTime,
  type Intent,
  intentDigest,
  type JsonObject,
  type PublicKey,
  parsePublicKey,
  passkeyRequest,
  preAuthEncoding,
  type Statement,
  sha256,
  statementDigest,
} from '@assent/verifier';
import type { AssertOptions, TestAuthenticator } from './authenticator.ts';
import { unwrap } from './results.ts';

/** A key that signs the PAE itself: a service's, or a person's without a passkey. */
export type TestKey = { readonly publicKey: PublicKey; sign(message: Uint8Array): Uint8Array };

export function createServiceKey(algorithm: 'ed25519' | 'es256' = 'ed25519'): TestKey {
  const { publicKey, privateKey } =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: unwrap(parsePublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })))),
    sign: (message) => new Uint8Array(sign(algorithm === 'ed25519' ? null : 'sha256', message, privateKey)),
  };
}

export type ApprovalOptions = {
  /** Of the log that it is for. */
  readonly origin: string;
  /** Who signs: passkeys, keys, or both; at least one. */
  readonly authenticator?: TestAuthenticator | readonly TestAuthenticator[];
  readonly serviceKey?: TestKey | readonly TestKey[];
  /** Members of the statement that replace the defaults. */
  readonly overrides?: Partial<Statement>;
  readonly intent?: Partial<Intent>;
  /** The text that was shown, to which the statement then commits. */
  readonly display?: string;
  /** What the authenticators do differently. */
  readonly assertion?: Omit<AssertOptions, 'challenge'>;
  /** Of passkeys' challenges. Default: random, one for each. */
  readonly nonce?: Uint8Array;
  /** Milliseconds; `issued_at`. Default: now. */
  readonly now?: number;
  /** Signs these bytes instead of the statement's: for payloads that no builder would make. */
  readonly payload?: Uint8Array;
  readonly payloadType?: string;
};

export type TestApproval = {
  readonly intent: Intent;
  readonly statement: Statement;
  readonly payload: Uint8Array;
  /** `sha256:<hex>` of the payload. */
  readonly digest: string;
  /** The content of an entry. */
  readonly envelope: JsonObject;
};

/** A refund that was approved: unique in id and salt, valid for 15 minutes. */
export function createApproval(options: ApprovalOptions): TestApproval {
  const { origin, overrides = {}, display, now = Date.now(), payloadType = APPROVAL_PAYLOAD_TYPE } = options;
  const intent = createIntent({
    action: 'payment.refund',
    connector: 'stripe/acct_1A2b',
    args: { charge: 'ch_9', amount: '42.00', currency: 'usd' },
    ...options.intent,
  });
  const statement: Statement = {
    type: 'assent/approval/v1',
    log: origin,
    service: 'approvals.example.com',
    id: `req_${randomBytes(12).toString('hex')}`,
    decision: 'approved',
    intent: {
      digest: intentDigest(intent),
      action: intent.action,
      connector: intent.connector,
      ...(intent.schema !== undefined && { schema: intent.schema }),
    },
    ...(display !== undefined && { display: displayDigest(intent, display) }),
    requester: 'agent:support-bot',
    issued_at: formatTime(now),
    expires_at: formatTime(now + 900_000),
    use: 'single',
    ...overrides,
  };
  const payload = options.payload ?? formatStatement(statement);
  const signatures = [
    ...list(options.authenticator).map((authenticator) =>
      passkeySignature(authenticator, payload, payloadType, options),
    ),
    ...list(options.serviceKey).map(({ publicKey, sign: signBytes }) => ({
      publicKey,
      sig: signBytes(preAuthEncoding(payloadType, payload)),
    })),
  ];
  const envelope = formatEnvelope({ payloadType, payload, signatures });
  return { intent, statement, payload, digest: statementDigest(payload), envelope };
}

function passkeySignature(
  authenticator: TestAuthenticator,
  payload: Uint8Array,
  payloadType: string,
  { assertion, nonce: chosen }: Pick<ApprovalOptions, 'assertion' | 'nonce'>,
): EnvelopeSignature {
  const { nonce, challenge } = chosen
    ? { nonce: chosen, challenge: concatBytes(chosen, sha256(preAuthEncoding(payloadType, payload))) }
    : requestedChallenge(authenticator, payload, payloadType);
  const { signature, ...parts } = authenticator.assert({ ...assertion, challenge });
  return { publicKey: unwrap(parsePublicKey(authenticator.spki)), sig: signature, webauthn: { ...parts, nonce } };
}

/** As a page gets it. */
function requestedChallenge({ rpId }: TestAuthenticator, payload: Uint8Array, payloadType: string) {
  const { nonce, publicKey } = passkeyRequest({ payload, payloadType, rpId });
  return { nonce, challenge: unwrap(base64urlDecode(publicKey.challenge)) };
}

function list<T>(items: T | readonly T[] | undefined): readonly T[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? items : [items as T];
}

/** Evidence of other systems as these would make it, in envelopes for the log: for the tests of the verifier and of the log. */
import { createHash, randomBytes } from 'node:crypto';
import { formatEnvelope, type JsonObject, type PublicKey, parsePublicKey, preAuthEncoding } from '@assent/verifier';
import { createServiceKey, type TestKey } from './approvals.ts';
import { createAuthenticator, type TestAuthenticator } from './authenticator.ts';
import { unwrap } from './results.ts';

export type ForeignOptions = {
  /** Members that replace the defaults, or are added; undefined takes one out. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Signed as it is, in the place of the members. */
  readonly payload?: Uint8Array;
  readonly key?: TestKey;
};

export type CosignetOptions = Omit<ForeignOptions, 'key'> & { readonly authenticator?: TestAuthenticator };

/** A passkey over `nonce ‖ SHA-256(payload)`. */
export function cosignetApproval({ members, payload, authenticator = createAuthenticator() }: CosignetOptions = {}) {
  const bytes = payload ?? json({ to: 'acct_8821', amount_usd: 4200, ref: unique(), ...members });
  return passkeyEnvelope('application/vnd.cosignet.approval+json', bytes, bytes, authenticator);
}

/** The challenge is a nonce and the hash of `signed`. */
export function passkeyEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signed: Uint8Array,
  authenticator: TestAuthenticator = createAuthenticator(),
  nonce: Uint8Array = new Uint8Array(randomBytes(32)),
): JsonObject {
  const challenge = new Uint8Array(Buffer.concat([nonce, hash(signed)]));
  const { signature, ...parts } = authenticator.assert({ challenge });
  const publicKey = unwrap(parsePublicKey(authenticator.spki));
  return formatEnvelope({
    payloadType,
    payload,
    signatures: [{ publicKey, sig: signature, webauthn: { ...parts, nonce } }],
  });
}

/** Ed25519 over the payload. */
export function signedApprovalDecision({ members, payload, key = createServiceKey() }: ForeignOptions = {}) {
  const ts = 1_775_235_600;
  const bytes =
    payload ??
    json({
      v: 1,
      rid: `req_${unique()}`,
      did: `dec_${unique()}`,
      approver: 'a1b2c3d4e5f60718',
      action: '98badcfe10325476',
      decision: 'approved',
      method: 'passkey',
      ts,
      exp: ts + 900,
      nonce: unique(),
      ...members,
    });
  return keyEnvelope('application/vnd.signedapproval.decision.v1+json', bytes, bytes, key);
}

/** Ed25519 over the ASCII text b64u(payload). */
export function agentmintToken({ members, payload, key = createServiceKey() }: ForeignOptions = {}) {
  const bytes =
    payload ??
    json({
      jti: unique(),
      sub: 'alice@example.com',
      action: 'deploy:api-v2',
      iat: '2026-04-03T17:00:00.123456789Z',
      exp: '2026-04-03T17:05:00.123456789Z',
      ...members,
    });
  const signed = Buffer.from(Buffer.from(bytes).toString('base64url'), 'ascii');
  return keyEnvelope('application/vnd.agentmint.token+json', bytes, new Uint8Array(signed), key);
}

/** Any DSSE envelope: a key over the PAE. */
export function dsseEnvelope(payloadType: string, payload: Uint8Array, key: TestKey = createServiceKey()): JsonObject {
  return keyEnvelope(payloadType, payload, preAuthEncoding(payloadType, payload), key);
}

/** An attestation of in-toto about some build. */
export function inTotoAttestation({ key = createServiceKey() }: Pick<ForeignOptions, 'key'> = {}): JsonObject {
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject: [{ name: unique() }], predicateType: 'x' };
  return dsseEnvelope('application/vnd.in-toto+json', json(statement), key);
}

export function keyEnvelope(payloadType: string, payload: Uint8Array, signed: Uint8Array, key: TestKey): JsonObject {
  const publicKey: PublicKey = key.publicKey;
  return formatEnvelope({ payloadType, payload, signatures: [{ publicKey, sig: key.sign(signed) }] });
}

/** In the order in which the members are written, as JSON.stringify of other systems does. */
function json(members: Readonly<Record<string, unknown>>): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(members)));
}

function unique(): string {
  return randomBytes(16).toString('hex');
}

function hash(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

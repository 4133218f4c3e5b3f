/** All that a gate pins of an organization, with somebody in it who approves and a boundary that runs what was approved. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import {
  canonicalBytes,
  hexEncode,
  type JsonObject,
  parsePublicKey,
  sha256,
  type TrustedApprover,
  type TrustedBoundary,
} from '@assent/verifier';
import { type ApprovalOptions, createApproval, type TestApproval, type TestKey } from './approvals.ts';
import { createAuthenticator, type TestAuthenticator } from './authenticator.ts';
import { unwrap } from './results.ts';
import { createTrustVersion, passkeyApprover, type TestTrustVersion, trustedBoundary } from './trust-roots.ts';

/** A boundary's key, with the private one as a program reads it. */
export type TestBoundary = TestKey & { readonly pem: string };

export function createTestBoundary(): TestBoundary {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const key = createPrivateKey(pem);
  return {
    publicKey: unwrap(parsePublicKey(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })))),
    pem,
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

export type TestOrganization = {
  readonly boundary: TestBoundary;
  readonly approver: TestAuthenticator;
  readonly version: TestTrustVersion;
  /** As a verifier pins it. */
  readonly trustRoot: { readonly rootId: string; readonly versions: readonly JsonObject[] };
  readonly approvalPolicy: JsonObject;
  /** Approved by its approver under its policy, for its boundary. */
  approve(options: Partial<ApprovalOptions> & { readonly origin: string }): TestApproval;
};

export type OrganizationOptions = {
  readonly rootKey: TestKey;
  readonly boundaryName?: string;
  readonly approver?: Partial<TrustedApprover>;
  readonly trusted?: Partial<TrustedBoundary>;
};

/** One passkey of somebody in finance is enough for a refund or a deployment, for a quarter of an hour. */
export function createTestOrganization(options: OrganizationOptions): TestOrganization {
  const { rootKey, boundaryName = 'payments-gw-3' } = options;
  const boundary = createTestBoundary();
  const approver = createAuthenticator({ rpId: 'approvals.example.com' });
  const require = { approvals: 1, roles: ['finance'], max_ttl_seconds: 900 };
  const approvalPolicy = {
    type: 'assent/policy/v1',
    name: 'acme-payments',
    rules: [
      { id: 'refund', action: 'payment.*', connector: 'stripe/*', effect: 'approve', require },
      { id: 'deploy', action: 'deploy.*', connector: 'ci/*', effect: 'approve', require },
    ],
  };
  const digest = `sha256:${hexEncode(sha256(canonicalBytes(approvalPolicy)))}`;
  const version = createTrustVersion({
    rootKeys: [rootKey],
    issuedAt: Date.now() - 86_400_000,
    members: {
      approvers: new Map([passkeyApprover(approver, 'alice@example.com', options.approver)]),
      boundaries: new Map([trustedBoundary(boundary, boundaryName, options.trusted)]),
      policies: new Map([[digest, { valid_from: '2020-01-01T00:00:00.000Z' }]]),
    },
  });
  return {
    boundary,
    approver,
    version,
    trustRoot: { rootId: version.digest, versions: [version.item] },
    approvalPolicy,
    approve: ({ overrides, intent, ...more }) =>
      createApproval({
        authenticator: approver,
        ...(intent && { intent }),
        overrides: {
          organization: version.digest,
          policy: { digest, rule: intent?.action?.startsWith('deploy.') ? 'deploy' : 'refund' },
          boundaries: [boundary.publicKey.keyid],
          ...overrides,
        },
        ...more,
      }),
  };
}

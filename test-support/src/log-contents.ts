/** What a log of an organization holds after a while, for tests that read whole logs: every kind of entry, all of it in order. */
import { createSalt, formatTime } from '@assent/verifier';
import { createApproval, createServiceKey, type TestApproval, type TestKey } from './approvals.ts';
import { createAuthenticator, type TestAuthenticator } from './authenticator.ts';
import { createConsumption } from './consumptions.ts';
import type { TestEntry } from './receipts.ts';
import {
  createTrustVersion,
  keyApprover,
  passkeyApprover,
  type TestTrustVersion,
  trustedBoundary,
  trustedService,
} from './trust-roots.ts';

export type LogContents = {
  readonly origin: string;
  readonly rootKey: TestKey;
  /** Version 1, which is entry 0. */
  readonly version: TestTrustVersion;
  readonly alice: TestAuthenticator;
  /** Approves with a key that is no passkey. */
  readonly bob: TestKey;
  readonly service: TestKey;
  readonly boundary: TestKey;
  /** Milliseconds: `logged_at` of the entry at an index; a second later each. */
  timeOf(index: number): number;
  /** The approval at an index, where there is one. */
  approvalAt(index: number): TestApproval | undefined;
  /** The entry at the next index: the same kinds again every eight. */
  next(): TestEntry;
};

/** How entries follow one another, after the trust root: approvals are consumed by the entry behind them. */
const KINDS = ['passkey', 'consumption', 'key', 'service', 'consumption', 'sealed', 'rejected', 'revealed'] as const;

/** @param start milliseconds; default: a day ago. */
export function createLogContents(origin: string, start = Date.now() - 86_400_000): LogContents {
  const rootKey = createServiceKey();
  const alice = createAuthenticator({ rpId: 'approvals.example.com' });
  const bob = createServiceKey();
  const service = createServiceKey();
  const boundary = createServiceKey();
  const version = createTrustVersion({
    rootKeys: [rootKey],
    issuedAt: start,
    members: {
      approvers: new Map([passkeyApprover(alice, 'alice@example.com'), keyApprover(bob, 'bob@example.com')]),
      services: new Map([trustedService(service)]),
      boundaries: new Map([trustedBoundary(boundary, 'payments-gw-3')]),
    },
  });
  const approvals = new Map<number, TestApproval>();
  let count = 0;

  const timeOf = (index: number): number => start + index * 1000;
  const approve = (index: number, options: Partial<Parameters<typeof createApproval>[0]>): TestApproval => {
    const overrides = {
      id: `req_${index}`,
      organization: version.digest,
      boundaries: [boundary.publicKey.keyid],
      ...options.overrides,
    };
    const approval = createApproval({ origin, now: timeOf(index), ...options, overrides });
    approvals.set(index, approval);
    return approval;
  };
  const entryAt = (index: number): TestEntry => {
    const loggedAt = timeOf(index);
    if (index === 0) return { kind: 'trust-root', content: version.envelope, loggedAt };
    switch (KINDS[(index - 1) % KINDS.length]!) {
      case 'passkey':
        return { content: approve(index, { authenticator: alice }).envelope, loggedAt };
      case 'key':
        return { content: approve(index, { serviceKey: bob, overrides: { use: 'multiple' } }).envelope, loggedAt };
      case 'service':
        return { content: approve(index, { serviceKey: service }).envelope, loggedAt };
      case 'sealed':
        return { content: approve(index, { authenticator: alice }).envelope, salt: createSalt(), loggedAt };
      case 'rejected': {
        const overrides = { decision: 'rejected' } as const;
        return { content: approve(index, { authenticator: alice, overrides }).envelope, loggedAt };
      }
      case 'revealed': {
        const { envelope, intent } = approve(index, { authenticator: alice, overrides: { use: 'multiple' } });
        return { content: envelope, reveal: { intent }, loggedAt };
      }
      case 'consumption': {
        const overrides = { at: formatTime(loggedAt) };
        const { envelope } = createConsumption({ approval: approvals.get(index - 1)!, key: boundary, overrides });
        return { kind: 'consumption', content: envelope, loggedAt };
      }
    }
  };
  return {
    origin,
    rootKey,
    version,
    alice,
    bob,
    service,
    boundary,
    timeOf,
    approvalAt: (index) => approvals.get(index),
    next: () => entryAt(count++),
  };
}

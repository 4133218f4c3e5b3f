import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { createTrustVersion, keyApprover, passkeyApprover, signTrustRoot } from '@assent/test-support/trust-roots';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from './canonical-json.ts';
import { canonicalBytes } from './canonical-json.ts';
import { checkContent, type UnverifiedContent } from './content.ts';
import type { Report } from './report.ts';
import { verifyTrustRoot } from './trust-chain.ts';
import { verifyReceipt } from './verify-receipt.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const [a, b, c] = [createServiceKey(), createServiceKey('es256'), createServiceKey()];
const alice = createAuthenticator();
const approvers = new Map([passkeyApprover(alice, 'alice@example.com')]);
const v1 = createTrustVersion({
  rootKeys: [a, b],
  threshold: 2,
  members: { approvers },
  issuedAt: Date.now() - 60_000,
});
const v2 = createTrustVersion({ previous: v1, rootKeys: [c] });

async function outcome(content: Json, more: Partial<UnverifiedContent> = {}): Promise<readonly string[]> {
  const { content: first, signatures } = await checkContent({ kind: 'trust-root', content, ...more });
  return [first, signatures].map(({ status, code }) => (code === undefined ? status : `${status} ${code}`));
}

describe('an entry that is a trust root', () => {
  it.each([v1, v2])('passes with what it shows by itself', async ({ envelope }) => {
    expect(await outcome(envelope)).toEqual(['pass', 'pass']);
  });

  const intent = createApproval({ origin: log.origin, serviceKey: a }).intent;
  const other = createTrustVersion({ rootKeys: [a] });

  it.each<[string, JsonObject, Partial<UnverifiedContent>, readonly string[]]>([
    ['by too few of its own keys', signTrustRoot(v1.payload, [a]), {}, ['pass', 'fail threshold_not_met']],
    ['by the keys before it alone', signTrustRoot(v2.payload, [a, b]), {}, ['pass', 'fail threshold_not_met']],
    ['of version 1 by somebody else as well', signTrustRoot(v1.payload, [a, b, c]), {}, ['pass', 'fail wrong_signer']],
    [
      'with the payload of another',
      { ...v1.envelope, payload: other.envelope.payload! },
      {},
      ['pass', 'fail signature_invalid'],
    ],
    [
      'of another type',
      signTrustRoot(canonicalBytes({ type: 'assent/trust-root/v2' }), [a]),
      {},
      ['skip unsupported', 'pass'],
    ],
    [
      'that lacks members',
      signTrustRoot(canonicalBytes({ type: 'assent/trust-root/v1' }), [a]),
      {},
      ['fail missing_member', 'pass'],
    ],
    ['that reveals an intent', v1.envelope, { intent }, ['fail bad_value', 'pass']],
    ['with a disclosed intent', v1.envelope, { disclosed: { intent } }, ['fail bad_value', 'pass']],
    ['with a text', v1.envelope, { disclosed: { display: 'Refund' } }, ['fail bad_value', 'pass']],
    ['with a policy', v1.envelope, { disclosed: { policy: {} } }, ['fail bad_value', 'pass']],
    ['of kind approval', v1.envelope, { kind: 'approval' }, ['fail kind_mismatch', 'skip premise_failed']],
  ])('is refused %s', async (_, content, more, expected) => {
    expect(await outcome(content, more)).toEqual(expected);
  });

  it('is authentic, as it authorizes nothing', async () => {
    const { receipt } = log.append({ kind: 'trust-root', content: v2.envelope });
    const report = await verifyReceipt(receipt, { logKeys: [log.vkey], at: Date.now() });
    expect(report.verdict).toBe('authentic');
    expect(report.checks.slice(7).map(({ code }) => code)).toEqual(Array(6).fill('not_an_approval'));
    expect(report.summary).toBe('The evidence holds: it is in the log as it was signed, and it is no approval.');
    expect(report).not.toHaveProperty('approval');
  });
});

describe('verifyReceipt with a trust root', () => {
  const approval = createApproval({
    origin: log.origin,
    authenticator: alice,
    serviceKey: c,
    overrides: { organization: v1.digest },
  });
  const { receipt } = log.append({ content: approval.envelope });
  const options = { logKeys: [log.vkey], at: Date.now() };
  const carrying = (...trust: readonly JsonObject[]) => JSON.stringify({ ...JSON.parse(receipt), trust });
  const outcomes = ({ checks }: Report) =>
    ['trust', 'revocation'].map((id) => {
      const { status, code } = checks.find((check) => check.id === id)!;
      return code === undefined ? status : `${status} ${code}`;
    });

  it('names whoever signed', async () => {
    const trustRoot = unwrap(await verifyTrustRoot(v1.digest, [v1.item]));
    const report = await verifyReceipt(receipt, { ...options, trustRoot });
    expect(outcomes(report)).toEqual(['pass', 'pass']);
    const listed = { as: 'approver', holder: 'alice@example.com', roles: ['finance'] };
    expect(report.approval?.signers.find(({ kind }) => kind === 'passkey')).toMatchObject({ listed });
    expect(report.approval?.signers.find(({ kind }) => kind === 'key')).not.toHaveProperty('listed');
    expect(report.approval?.approvals).toEqual([
      { holder: 'alice@example.com', roles: ['finance'], method: 'passkey', user_verified: true },
    ]);
  });

  it('names nobody without one, whatever the receipt carries', async () => {
    const report = await verifyReceipt(carrying(v1.item), options);
    expect(outcomes(report)).toEqual(['skip no_trust_root', 'skip no_trust_root']);
    expect(JSON.stringify(report.approval)).not.toContain('alice');
    expect(report.approval).not.toHaveProperty('approvals');
  });

  it('takes the versions that the receipt carries as evidence for the pinned root id', async () => {
    const trustRoot = { rootId: v1.digest };
    expect(outcomes(await verifyReceipt(carrying(v1.item, v2.item), { ...options, trustRoot }))).toEqual([
      'pass',
      'pass',
    ]);
    const report = await verifyReceipt(carrying(v2.item), { ...options, trustRoot });
    expect(outcomes(report)).toEqual(['fail trust_chain_broken', 'skip premise_failed']);
    expect(report.verdict).toBe('refused');
    expect(report.approval).not.toHaveProperty('approvals');
  });

  it('is for one organization', async () => {
    const mine = createTrustVersion({ rootKeys: [a], members: { approvers: new Map([keyApprover(c, 'me')]) } });
    const trustRoot = { rootId: mine.digest, versions: [mine.item] };
    const report = await verifyReceipt(receipt, { ...options, trustRoot });
    expect(outcomes(report)).toEqual(['fail organization_mismatch', 'skip premise_failed']);
    expect(report.approval?.signers.some((signer) => 'listed' in signer)).toBe(false);
  });

  it("throws for a caller's mistake", async () => {
    await expect(verifyReceipt(receipt, { ...options, trustRoot: { rootId: 'acme.example' } })).rejects.toThrow(
      /^trustRoot.rootId/,
    );
  });
});

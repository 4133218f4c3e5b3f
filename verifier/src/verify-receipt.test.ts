import { type ApprovalOptions, createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { createTestOrganization } from '@assent/test-support/organizations';
import { createTestLog } from '@assent/test-support/receipts';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { utf8Encode } from './bytes.ts';
import type { JsonObject } from './canonical-json.ts';
import { CHECK_IDS, type CheckId, type Report } from './report.ts';
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts';
import { type VerifyOptions, verifyReceipt } from './verify-receipt.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const authenticator = createAuthenticator({ rpId: 'approvals.example.com' });
const serviceKey = createServiceKey();
const approve = (options: Partial<ApprovalOptions> = {}) =>
  createApproval({ origin: log.origin, authenticator, ...options });
const verify = (receipt: string | Uint8Array, options: VerifyOptions = {}) =>
  verifyReceipt(receipt, { logKeys: [log.vkey], ...options });

for (let i = 0; i < 5; i++) log.append({ content: approve().envelope });
const approval = approve({ display: 'Refund 42.00 USD' });
const appended = log.append({ content: approval.envelope });
for (let i = 0; i < 5; i++) log.append({ content: approve().envelope });
const { receipt, proof } = log.receipt(appended.index);

/** "pass", "fail code", "skip code" of some checks. */
function outcomes(report: Report, ...ids: readonly CheckId[]): readonly string[] {
  expect(report.checks.map(({ id }) => id)).toEqual(CHECK_IDS);
  return ids.map((wanted) => {
    const { status, code } = report.checks.find(({ id }) => id === wanted)!;
    return code === undefined ? status : `${status} ${code}`;
  });
}

function change(changes: JsonObject): string {
  return JSON.stringify({ ...JSON.parse(receipt), ...changes });
}

describe('a good receipt', () => {
  it('is authentic, the best there is without trust root and policy', async () => {
    const report = await verify(receipt, { intent: approval.intent, at: Date.now() });
    expect(report.verdict).toBe('authentic');
    expect(outcomes(report, ...CHECK_IDS)).toEqual([
      ...['pass', 'pass', 'pass', 'pass', 'pass no_quorum', 'pass', 'pass'],
      ...['pass', 'skip no_trust_root', 'skip no_trust_root', 'skip no_policy', 'pass', 'skip no_boundary'],
    ]);
    expect(report.summary).toBe(
      'The evidence holds: payment.refund on stripe/acct_1A2b was approved and logged; not checked: trust, revocation, policy, use.',
    );
  });

  it('says what was decided, by whom and where', async () => {
    const { approval: facts, log: logFacts, ...rest } = await verify(utf8Encode(receipt));
    expect(facts).toMatchObject({
      decision: 'approved',
      statement_digest: approval.digest,
      service: 'approvals.example.com',
      id: approval.statement.id,
      requester: 'agent:support-bot',
      action: 'payment.refund',
      connector: 'stripe/acct_1A2b',
      intent_digest: approval.statement.intent.digest,
      issued_at: approval.statement.issued_at,
      expires_at: approval.statement.expires_at,
      use: 'single',
      signers: [{ kind: 'passkey', algorithm: 'es256', origin: 'https://approvals.example.com', user_verified: true }],
    });
    expect(facts).not.toHaveProperty('intent');
    expect(facts).not.toHaveProperty('display');
    expect(logFacts).toMatchObject({ origin: log.origin, index: 5, size: 11, checkpoint: log.checkpoint() });
    expect(rest).not.toHaveProperty('unverified_approval');
    expect(rest).not.toHaveProperty('unverified_log');
  });

  it('shows intent and text when they are disclosed and fit', async () => {
    const { intent } = approval;
    const disclosed = log.receipt(appended.index, { intent, display: 'Refund 42.00 USD' }).receipt;
    const report = await verify(disclosed);
    expect(report.verdict).toBe('authentic');
    expect(report.approval).toMatchObject({ intent: { args: intent.args }, display: 'Refund 42.00 USD' });
    const revealed = log.append({ content: approval.envelope, reveal: { intent } }).receipt;
    expect((await verify(revealed)).approval).toMatchObject({ intent: { args: intent.args } });
  });

  it('needs no white space of its own, nor its absence', async () => {
    expect((await verify(JSON.stringify(JSON.parse(receipt), null, 2))).verdict).toBe('authentic');
  });

  it('may carry an extra line in its proof, which is ignored', async () => {
    const parsed = parseTlogProof(proof);
    if (!parsed.ok) throw new Error(parsed.detail);
    const withExtra = formatTlogProof({ ...parsed.value, extra: Uint8Array.of(1) });
    expect((await verify(change({ proof: withExtra }))).verdict).toBe('authentic');
  });

  it('may carry lines of others under the tree head, which count for nothing', async () => {
    const line = `— witness.example.com/w1 ${base64Encode(new Uint8Array(76))}\n`;
    const report = await verify(change({ proof: proof + line }));
    expect(outcomes(report, 'checkpoint', 'witnesses')).toEqual(['pass', 'pass no_quorum']);
  });
});

describe('a decision that approves nothing', () => {
  it.each(['rejected', 'expired'] as const)('%s is refused, though the evidence holds', async (decision) => {
    const { envelope, intent } = createApproval({ origin: log.origin, serviceKey, overrides: { decision } });
    const report = await verify(log.append({ content: envelope }).receipt, { intent, at: Date.now() });
    expect(report.verdict).toBe('refused');
    expect(report.summary).toContain('authorizes nothing');
    expect(report.checks.some(({ status }) => status === 'fail')).toBe(false);
  });
});

it('reports a statement of millions of words, and does not overflow on it', async () => {
  const action = `${'a.'.repeat(4_500_000)}a`;
  const { intent: of } = approval.statement;
  const sealed = approve({ overrides: { intent: { ...of, action } } }).envelope;
  const salt = new Uint8Array(32);
  const disclosures = { content: sealed, salt: base64Encode(salt) };
  const report = await verify(log.append({ content: sealed, salt }, disclosures).receipt);
  expect(outcomes(report, 'receipt', 'content')).toEqual(['pass', 'pass']);
});

describe('log keys', () => {
  const other = createTestLog({ origin: log.origin });
  const elsewhere = createTestLog({ origin: 'other.example/log' });

  it('are needed for more than incomplete', async () => {
    const report = await verify(receipt, { logKeys: [] });
    expect(report.verdict).toBe('incomplete');
    expect(outcomes(report, 'inclusion', 'checkpoint', 'witnesses', 'content')).toEqual([
      'pass',
      'skip no_log_key',
      'skip no_log_key',
      'pass',
    ]);
    expect(report).toHaveProperty('unverified_log');
    expect(report).not.toHaveProperty('log');
    const late = await verify(receipt, { logKeys: [], at: Date.parse(approval.statement.expires_at) });
    expect(outcomes(late, 'window')).toEqual(['fail expired']);
    expect(late.verdict).toBe('incomplete');
  });

  it('are needed before anybody is believed about the time of logging', async () => {
    const key = createServiceKey();
    const acme = createTestOrganization({ rootKey: key });
    const { envelope } = acme.approve({ origin: log.origin });
    const { trustRoot } = acme;
    const unsigned = await verify(log.append({ content: envelope }).receipt, {
      logKeys: [],
      trustRoot,
      at: Date.now(),
    });
    expect(outcomes(unsigned, 'inclusion', 'trust', 'revocation', 'window')).toEqual([
      'pass',
      'skip premise_failed',
      'skip premise_failed',
      'skip premise_failed',
    ]);
    expect(unsigned.approval).not.toHaveProperty('approvals');
  });

  it('are not needed to see that a note is none', async () => {
    const report = await verify(change({ proof: `${proof}x` }), { logKeys: [] });
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, 'inclusion', 'checkpoint', 'witnesses', 'content')).toEqual([
      'skip premise_failed',
      'fail note_malformed',
      'skip premise_failed',
      'skip premise_failed',
    ]);
  });

  it('of another log, or another key of that name, do not do', async () => {
    expect(outcomes(await verify(receipt, { logKeys: [elsewhere.vkey] }), 'checkpoint')).toEqual([
      'fail origin_mismatch',
    ]);
    expect(outcomes(await verify(receipt, { logKeys: [other.vkey] }), 'checkpoint', 'window')).toEqual([
      'fail log_signature_missing',
      'skip premise_failed',
    ]);
    expect((await verify(receipt, { logKeys: [other.vkey] })).verdict).toBe('invalid');
  });

  it('may be several, one of which has to have signed', async () => {
    const report = await verify(receipt, { logKeys: [elsewhere.vkey, other.vkey, log.vkey] });
    expect(report.verdict).toBe('authentic');
  });

  it("never vouch under another log's name", async () => {
    const text = elsewhere
      .checkpoint(0)
      .replace(/^— .*$/m, '')
      .trimEnd();
    const forged = log.signNote(`${text}\n`.replace(/\n+$/, '\n'));
    const report = await verify(change({ proof: `c2sp.org/tlog-proof@v1\nindex 0\n\n${forged}` }));
    expect(outcomes(report, 'checkpoint', 'content')).toEqual(['fail origin_mismatch', 'fail log_mismatch']);
  });

  it.each(['', 'log', `${log.vkey}x`, log.vkey.replace('log.', 'lag.')])(
    'that are none are a mistake of the caller: %j',
    async (vkey) => {
      await expect(verifyReceipt(receipt, { logKeys: [vkey] })).rejects.toThrow(/logKeys\[0\]/);
      await expect(verifyReceipt('', { logKeys: [vkey] })).rejects.toThrow(TypeError);
    },
  );
});

describe('bad options', () => {
  it('a receipt that was parsed already is a mistake of the caller', async () => {
    await expect(verify(JSON.parse(receipt))).rejects.toThrow(/^unverifiedReceipt: /);
  });

  it.each([Number.NaN, 0.5, -1, 1e16])('at %d is a mistake of the caller', async (at) => {
    await expect(verify(receipt, { at })).rejects.toThrow(/^at: /);
  });
});

describe('the caller', () => {
  it('is told that the approval is of another action', async () => {
    const report = await verify(receipt, { intent: { ...approval.intent, args: { amount: '4200.00' } } });
    expect(report.verdict).toBe('refused');
    expect(outcomes(report, 'intent')).toEqual(['fail intent_mismatch']);
  });

  it('is told that it has expired', async () => {
    const report = await verify(receipt, { at: Date.parse(approval.statement.expires_at) });
    expect(report.verdict).toBe('refused');
    expect(outcomes(report, 'window')).toEqual(['fail expired']);
  });

  it('is told that it was logged too late, even without a time', async () => {
    const late = approve({ now: Date.now() - 901_000 });
    const report = await verify(log.append({ content: late.envelope }).receipt);
    expect(report.verdict).toBe('refused');
    expect(outcomes(report, 'window')).toEqual(['fail expired']);
  });

  it('is told the same of what was left to expire, whose evidence holds', async () => {
    const overrides = { decision: 'expired' } as const;
    const left = createApproval({ origin: log.origin, serviceKey, overrides, now: Date.now() - 901_000 });
    const report = await verify(log.append({ content: left.envelope }).receipt);
    expect(report.verdict).toBe('refused');
    expect(outcomes(report, 'content', 'signatures', 'window')).toEqual(['pass', 'pass', 'fail expired']);
  });
});

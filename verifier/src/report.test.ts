import { describe, expect, it } from 'vitest';
import {
  type ApprovalFacts,
  CHECK_IDS,
  type Check,
  type CheckId,
  EVIDENCE_CHECK_IDS,
  failed,
  passed,
  skipped,
  type Verdict,
  verdictOf,
} from './report.ts';
import { fail } from './result.ts';
import { summarize } from './summary.ts';

const AUTHORIZATION_CHECK_IDS = CHECK_IDS.filter((id) => !EVIDENCE_CHECK_IDS.includes(id));

/** All passed, but for these. */
function checks(outcomes: Partial<Record<CheckId, 'fail' | 'skip'>>): readonly Check[] {
  return CHECK_IDS.map((id) => {
    const outcome = outcomes[id];
    if (outcome === 'fail') return failed(id, fail('bad_value', 'it is bad'));
    return outcome === 'skip' ? skipped(id, 'premise_failed', 'Something is needed.') : passed(id, 'It is good.');
  });
}

describe('the list of checks', () => {
  it('is the one of formats.md §11, in its order', () => {
    expect(EVIDENCE_CHECK_IDS).toEqual([
      'receipt',
      'entry',
      'inclusion',
      'checkpoint',
      'witnesses',
      'content',
      'signatures',
    ]);
    expect(AUTHORIZATION_CHECK_IDS).toEqual(['intent', 'trust', 'revocation', 'policy', 'window', 'use']);
  });
});

describe('verdictOf', () => {
  it('is authorized only if all thirteen passed', () => {
    expect(verdictOf(checks({}), 'approved')).toBe('authorized');
    for (const id of CHECK_IDS) {
      for (const outcome of ['fail', 'skip'] as const) {
        expect(verdictOf(checks({ [id]: outcome }), 'approved'), `${id} ${outcome}`).not.toBe('authorized');
      }
    }
  });

  it.each(EVIDENCE_CHECK_IDS)('is invalid if %s failed, whatever else', (id) => {
    for (const decision of ['approved', 'rejected', undefined] as const) {
      expect(verdictOf(checks({ [id]: 'fail' }), decision)).toBe('invalid');
      expect(verdictOf(checks({ receipt: 'skip', intent: 'fail', trust: 'skip', [id]: 'fail' }), decision)).toBe(
        'invalid',
      );
    }
  });

  it.each(EVIDENCE_CHECK_IDS)('is incomplete if %s was not made and no evidence failed', (id) => {
    expect(verdictOf(checks({ [id]: 'skip' }), 'approved')).toBe('incomplete');
    expect(verdictOf(checks({ [id]: 'skip' }), 'rejected')).toBe('incomplete');
    expect(verdictOf(checks({ [id]: 'skip', intent: 'fail' }), 'approved')).toBe('incomplete');
  });

  it.each(AUTHORIZATION_CHECK_IDS)('is refused if %s failed, authentic if it was not made', (id) => {
    expect(verdictOf(checks({ [id]: 'fail' }), 'approved')).toBe('refused');
    expect(verdictOf(checks({ [id]: 'skip' }), 'approved')).toBe('authentic');
  });

  it('is refused for a decision that is not approved', () => {
    expect(verdictOf(checks({}), 'rejected')).toBe('refused');
    expect(verdictOf(checks({ trust: 'skip' }), 'expired')).toBe('refused');
  });

  it('never authorizes without a decision', () => {
    expect(verdictOf(checks({}), undefined)).toBe('authentic');
  });
});

describe('summarize', () => {
  const approval: ApprovalFacts = {
    statement_digest: 'sha256:00',
    decision: 'approved',
    service: 's',
    id: 'i',
    requester: 'r',
    action: 'payment.refund',
    connector: 'stripe/acct',
    intent_digest: 'sha256:00',
    issued_at: '',
    expires_at: '',
    use: 'single',
  };

  it.each<[Verdict, Partial<Record<CheckId, 'fail' | 'skip'>>, Parameters<typeof summarize>[2], string]>([
    [
      'invalid',
      { inclusion: 'fail' },
      undefined,
      'Not valid evidence: the check "The entry is in the tree" failed (it is bad).',
    ],
    [
      'incomplete',
      { checkpoint: 'skip' },
      approval,
      'Nothing was found wrong, but the evidence could not be checked in full: the check "The log signed this tree head" was not made (Something is needed).',
    ],
    [
      'incomplete',
      { checkpoint: 'skip', intent: 'fail' },
      approval,
      'The evidence could not be checked in full (the check "The log signed this tree head" was not made (Something is needed)), and the check "It approves exactly your action" failed (it is bad).',
    ],
    [
      'refused',
      {},
      { ...approval, decision: 'rejected' },
      'The evidence holds, and it authorizes nothing: payment.refund on stripe/acct was rejected.',
    ],
    [
      'refused',
      { window: 'fail' },
      { ...approval, decision: 'expired' },
      'The evidence holds, and it authorizes nothing: payment.refund on stripe/acct was left to expire.',
    ],
    [
      'refused',
      { intent: 'fail' },
      approval,
      'The evidence holds, but it must not be acted upon: the check "It approves exactly your action" failed (it is bad).',
    ],
    [
      'authentic',
      { trust: 'skip', use: 'skip' },
      approval,
      'The evidence holds: payment.refund on stripe/acct was approved and logged; not checked: trust, use.',
    ],
    ['authorized', {}, approval, 'Every check passed: payment.refund on stripe/acct was approved and may run.'],
    [
      'authorized',
      {},
      { ...approval, approvals: [{ holder: 'alice', roles: ['finance'], method: 'attested:totp' }] },
      'Every check passed: payment.refund on stripe/acct was approved, as the service says, and may run.',
    ],
    [
      'authentic',
      { trust: 'skip', use: 'skip' },
      {
        ...approval,
        attested: [{ approver: 'alice', role: 'finance', method: 'totp', at: approval.issued_at }],
        signers: [{ keyid: approval.intent_digest, kind: 'key', algorithm: 'ed25519' }],
      },
      'The evidence holds: payment.refund on stripe/acct was approved, as the service says, and logged; not checked: trust, use.',
    ],
  ])('%s', (verdict, outcomes, facts, sentence) => {
    const made = checks(outcomes);
    expect(verdictOf(made, facts?.decision)).toBe(verdict);
    expect(summarize(verdict, made, facts)).toBe(sentence);
  });
});

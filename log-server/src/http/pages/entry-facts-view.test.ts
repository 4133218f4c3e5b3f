import { createApproval, createServiceKey } from '@assent/test-support';
import type { Attestation, Statement } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { statementFacts } from './entry-facts-view.ts';

describe('statementFacts', () => {
  const at = '2026-04-03T16:59:00.000Z';
  const attested: Attestation[] = [
    { approver: 'a@example.com', role: 'finance', method: 'totp', at },
    { approver: 'c@example.com', role: 'security', method: 'hardware_key', at },
  ];
  const facts = async (decision: Statement['decision']) => {
    const overrides = { attested, decision };
    const { statement } = createApproval({ origin: 'log.test', serviceKey: createServiceKey(), overrides });
    return String(await statementFacts(statement, undefined, true)).replace(/<[^>]*>/g, '');
  };

  it('says of people who signed nothing what the service says that they did, and of each for itself', async () => {
    expect(await facts('approved')).toContain('Approved, as the service says');
    const rejected = await facts('rejected');
    expect(rejected).toContain('Rejected, as the service says');
    expect(rejected).not.toContain('Approved');
    expect(await facts('expired')).toContain('Answered, as the service says');
    expect(rejected).toContain('a@example.com as finance, with a one-time code, 3');
    expect(rejected).toContain('c@example.com as security, with a security key, 3');
  });
});

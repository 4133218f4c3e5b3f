import { createApproval, createAuthenticator, createTestLog } from '@assent/test-support';
import { verifyReceipt } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { withEarlierTime, withMoreMoney } from './forge.ts';

const log = createTestLog();
const display = 'Refund 42.00 USD';
const approval = createApproval({ origin: log.origin, authenticator: createAuthenticator(), display });
const { receipt } = log.append({ content: approval.envelope }, { intent: approval.intent, display });

async function failures(text: string): Promise<string[]> {
  const { verdict, checks } = await verifyReceipt(text, { logKeys: [log.vkey] });
  return [verdict, ...checks.filter(({ status }) => status === 'fail').map(({ id, code }) => `${id} ${code}`)];
}

describe('forgeries', () => {
  it('starts from a receipt that is genuine', async () => {
    expect(await failures(receipt)).toEqual(['authentic']);
  });

  it('multiplies the amount by ten, in the action and in the sentence', async () => {
    const { receipt: forged, before, after } = withMoreMoney(receipt);
    expect([before, after]).toEqual(['42.00 EUR', '420.00 EUR']);
    expect(JSON.parse(forged).disclosures.display).toBe('Refund 420.00 USD');
    expect(await failures(forged)).toEqual(['invalid', 'content intent_mismatch']);
  });

  it('moves the time of the entry, and nothing but the tree notices', async () => {
    const { receipt: forged, before, after } = withEarlierTime(receipt);
    expect(Number(before) - Number(after)).toBe(30_000);
    expect(await failures(forged)).toEqual(['invalid', 'inclusion inclusion_mismatch']);
  });
});

import { createApproval, createServiceKey } from '@assent/test-support';
import { verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogHome, ORIGIN, type TestLogHome } from './support/test-log.ts';

const EVERYTHING = { services: ['*'] };

describe('a log on a real database', () => {
  let home: TestLogHome;

  beforeAll(async () => {
    home = await createLogHome();
  });
  afterAll(() => home.remove());

  it('answers an append with a receipt that verifies, and grows the tree by one', async () => {
    const { log, close } = await home.open();
    const before = await log.head();
    const approval = await createApproval({ origin: ORIGIN, serviceKey: createServiceKey() });
    const { created, index, receipt } = await log.append({ kind: 'approval', content: approval.envelope }, EVERYTHING);
    expect(created).toBe(true);
    expect(index).toBe(before.size);
    const report = await verifyReceipt(receipt, { logKeys: [log.vkey] });
    expect(report.verdict, report.summary).toBe('authentic');
    expect((await log.head()).size).toBe(before.size + 1);
    await close();
  });
});

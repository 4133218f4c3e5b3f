import { createServiceKey, type TestApproval } from '@assent/test-support/approvals';
import { createConsumption } from '@assent/test-support/consumptions';
import { createTestOrganization } from '@assent/test-support/organizations';
import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { createAttempt } from './consumption.ts';
import { authorize, type GateInput } from './gate.ts';
import { attachConsumption } from './open-receipt.ts';
import { formatTime } from './time.ts';
import { verifyReceipt } from './verify-receipt.ts';

const NOW = Date.now();
const log = createTestLog({ origin: 'log.example.com' });
const logPolicy = `log ${log.vkey}\nquorum none\n`;
const rootKey = createServiceKey();
const acme = createTestOrganization({ rootKey });
const { boundary, trustRoot, approvalPolicy } = acme;
const { keyid } = boundary.publicKey;

type Prepared = { readonly approval: TestApproval; readonly input: GateInput };

/** An approval that was logged and consumed a moment ago, and what a gate that runs it says. */
function prepare(changes: Partial<Parameters<typeof acme.approve>[0]> = {}, organization = acme): Prepared {
  const approval = organization.approve({ origin: log.origin, now: NOW, ...changes });
  const { receipt } = log.append({ content: approval.envelope, loggedAt: NOW });
  const { attempt, envelope } = createConsumption({ approval, key: organization.boundary });
  const consumed = log.append({ kind: 'consumption', content: envelope, loggedAt: NOW });
  const input: GateInput = {
    receipt: unwrap(attachConsumption(receipt, consumed.receipt)),
    intent: { ...approval.intent },
    logPolicy,
    trustRoot: organization.trustRoot,
    approvalPolicy: organization.approvalPolicy,
    at: NOW + 1_000,
    schema: null,
    boundary: { keyid: organization.boundary.publicKey.keyid, attempt },
  };
  return { approval, input };
}

/** The code of the first check that did not pass, or "authorized". */
async function outcome(input: GateInput): Promise<string> {
  const decision = await authorize(input);
  if (decision.authorized) return 'authorized';
  expect(decision.reason).toMatch(/^[A-Z].*\.$/s);
  const open = decision.report.checks.filter(({ status }) => status !== 'pass');
  const check = open.find(({ status }) => status === 'fail') ?? open[0];
  return `${check?.id} ${check?.code}`;
}

describe('authorize', () => {
  it('says yes when every check passed, and only then', async () => {
    const { input } = prepare();
    const decision = await authorize(input);
    expect(decision.report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(decision).toMatchObject({ authorized: true, report: { verdict: 'authorized' } });
  });

  it('says no to everything that is not a receipt', async () => {
    const { input } = prepare();
    for (const receipt of ['', '{}', 'null', '[]', new Uint8Array([0xff])]) {
      expect(await authorize({ ...input, receipt })).toMatchObject({ authorized: false, reason: expect.any(String) });
    }
  });

  it('says which check is missing where the evidence holds', async () => {
    const { input, approval } = prepare();
    const receipt = log.append({ content: approval.envelope, loggedAt: NOW }).receipt;
    const decision = await authorize({ ...input, receipt });
    expect(decision).toMatchObject({ authorized: false, report: { verdict: 'authentic' } });
    expect(!decision.authorized && decision.reason).toMatch(
      /^The evidence holds, but the check "It was not used before"/,
    );
  });

  it.each(['intent', 'logPolicy', 'trustRoot', 'approvalPolicy', 'at', 'schema', 'boundary'] as const)(
    'refuses to decide without %s, as would the compiler',
    async (name) => {
      const { [name]: _, ...input } = prepare().input;
      await expect(authorize(input as GateInput)).rejects.toThrow(new RegExp(`^${name}: `));
      // @ts-expect-error what a gate forgot to pin does not compile
      const forgotten: GateInput = input;
      expect(forgotten).not.toHaveProperty(name);
    },
  );
});

describe('a replay', () => {
  it('with another intent is refused', async () => {
    const { input, approval } = prepare();
    const intent = { ...approval.intent, args: { ...approval.intent.args, amount: '4200.00' } };
    expect(await outcome({ ...input, intent })).toBe('intent intent_mismatch');
  });

  it('under another policy is refused', async () => {
    const { input } = prepare();
    const other = createTestOrganization({ rootKey }).approvalPolicy;
    const stricter = { ...other, name: 'acme-payments-2' };
    expect(await outcome({ ...input, approvalPolicy: stricter })).toMatch(/^policy /);
  });

  it('after it expired is refused', async () => {
    const { input, approval } = prepare();
    const expiry = Date.parse(approval.statement.expires_at);
    expect(await outcome({ ...input, at: expiry - 1 })).toBe('authorized');
    expect(await outcome({ ...input, at: expiry })).toBe('window expired');
  });

  it('of an approval that another attempt or another boundary consumed is refused', async () => {
    const { input } = prepare();
    expect(await outcome({ ...input, boundary: { keyid, attempt: createAttempt() } })).toBe('use consumed');
    const stranger = createServiceKey().publicKey.keyid;
    expect(await outcome({ ...input, boundary: { keyid: stranger, attempt: createAttempt() } })).toBe(
      'use boundary_mismatch',
    );
  });

  it('by a boundary whose own record says that it has run is refused', async () => {
    const { input, approval } = prepare();
    const record = { approval: approval.digest, intent: approval.statement.intent.digest, dispatched: false };
    expect(await outcome({ ...input, boundary: { keyid, record } })).toBe('authorized');
    expect(await outcome({ ...input, boundary: { keyid, record: { ...record, dispatched: true } } })).toBe(
      'use consumed',
    );
  });

  it("after the connector's schema changed is refused", async () => {
    const schema = `sha256:${'5'.repeat(64)}`;
    const { input } = prepare({ intent: { schema } });
    expect(await outcome({ ...input, schema })).toBe('authorized');
    expect(await outcome({ ...input, schema: `sha256:${'6'.repeat(64)}` })).toBe('intent schema_mismatch');
    expect(await outcome({ ...input, schema: null })).toBe('intent schema_mismatch');
  });

  it('of a signer who was not valid in the window is refused', async () => {
    const ended = createTestOrganization({ rootKey, approver: { valid_until: formatTime(NOW) } });
    expect(await outcome(prepare({}, ended).input)).toBe('trust key_not_valid');
    const revoked = { reason: 'retired', at: formatTime(NOW) } as const;
    const retired = createTestOrganization({ rootKey, approver: { revoked } });
    expect(await outcome(prepare({}, retired).input)).toBe('revocation key_retired');
    const later = createTestOrganization({ rootKey, approver: { valid_until: formatTime(NOW + 1) } });
    expect(await outcome(prepare({}, later).input)).toBe('authorized');
  });

  it('under the trust root of another organization is refused', async () => {
    const { input } = prepare();
    expect(
      await outcome({ ...input, trustRoot: createTestOrganization({ rootKey: createServiceKey() }).trustRoot }),
    ).toBe('trust organization_mismatch');
  });

  it('of a rejection is refused', async () => {
    const { input } = prepare({ overrides: { decision: 'rejected' } });
    expect(await authorize(input)).toMatchObject({ authorized: false, report: { verdict: 'refused' } });
  });
});

it('what the gate allows, the verifier calls authorized, and nothing else', async () => {
  const { input } = prepare();
  const { receipt, ...pins } = input;
  expect((await verifyReceipt(receipt, pins)).verdict).toBe('authorized');
  for (const name of ['trustRoot', 'approvalPolicy', 'at', 'boundary', 'intent'] as const) {
    const { [name]: _, ...fewer } = pins;
    expect((await verifyReceipt(receipt, fewer)).verdict, name).toBe('authentic');
  }
  expect([trustRoot, approvalPolicy]).toEqual([input.trustRoot, input.approvalPolicy]);
});

/** A receipt for every answer that /verify can give, with what a visitor would have pinned: for tests, pictures and measures. */
import {
  createApproval,
  createAuthenticator,
  createConsumption,
  createServiceKey,
  createTestLog,
  createTestWitness,
  createTrustVersion,
  passkeyApprover,
  type TestApproval,
  type TestLog,
  type TestReceipt,
  trustedBoundary,
  trustedService,
  withCheckpoint,
} from '@assent/test-support';
import { signedApprovalDecision } from '@assent/test-support/foreign-evidence';
import {
  type ApprovalMethod,
  attachConsumption,
  canonicalJson,
  createSalt,
  type Disclosures,
  formatTime,
  policyDigest,
} from '@assent/verifier';
import type { Page } from 'playwright-core';
import type { Pins } from '../../src/pages/verify/pins.ts';
import type { Face } from '../../src/words/receipts.ts';

export type VerifyState = {
  readonly name: string;
  /** File names and texts. */
  readonly receipts: readonly (readonly [name: string, text: string])[];
  readonly pins: Pins;
  readonly face: Face;
  /** The action that the visitor is about to run, as JSON. */
  readonly act?: string;
};

const MINUTE = 60_000;
const DISPLAY = 'Refund 42.00 USD of charge ch_9 to Harbour Books Ltd';

/** @param now milliseconds; the approvals were asked for a minute before. */
export function verifyStates(now = Date.now()): readonly VerifyState[] {
  const log = createTestLog({ origin: 'log.example.com/approvals' });
  for (let index = 0; index < 11; index++) log.appendBytes(new TextEncoder().encode(`{"entry":${index}}`));
  const alice = createAuthenticator({ rpId: 'approvals.example.com' });
  const bob = createAuthenticator({ rpId: 'approvals.example.com' });
  const boundary = createServiceKey();
  const service = createServiceKey();
  const rootKey = createServiceKey();
  const policy = policyOf(2);
  const strict = policyOf(3);
  const once = policyOf(2, 'single');
  const lenient = policyOf(2, 'multiple', ['passkey', 'attested:totp', 'attested:hardware_key']);
  const valid = { valid_from: '2020-01-01T00:00:00.000Z' };
  const trust = createTrustVersion({
    rootKeys: [rootKey],
    issuedAt: now - 86_400_000 * 10,
    members: {
      approvers: new Map([
        passkeyApprover(alice, 'alice@example.com'),
        passkeyApprover(bob, 'bob@example.com', { roles: ['security'] }),
      ]),
      services: new Map([
        trustedService(service, {
          attests: new Map([
            ['alice@example.com', ['finance']],
            ['bob@example.com', ['security']],
          ]),
          methods: ['totp', 'hardware_key'],
        }),
      ]),
      boundaries: new Map([trustedBoundary(boundary, 'payments-gw-3')]),
      policies: new Map([policy, strict, once, lenient].map((text) => [policyDigest(JSON.parse(text)), valid])),
    },
  });
  const pins: Pins = { logKey: log.vkey };
  const named: Pins = { ...pins, trustRoot: canonicalJson([trust.item]), approvalPolicy: policy };

  const approve = (options: Partial<Parameters<typeof createApproval>[0]> = {}, asked = now - MINUTE): TestApproval =>
    createApproval({
      origin: log.origin,
      authenticator: [alice, bob],
      display: DISPLAY,
      now: asked,
      ...options,
      overrides: {
        organization: trust.digest,
        policy: { digest: policyDigest(JSON.parse(policy)), rule: 'refund' },
        boundaries: [boundary.publicKey.keyid],
        use: 'multiple',
        ...options.overrides,
      },
    });
  const logged = (approval: TestApproval, at = now - MINUTE + 1_200): TestReceipt =>
    log.append({ content: approval.envelope, loggedAt: at }, { intent: { ...approval.intent }, display: DISPLAY });
  const good = approve();
  const receipt = logged(good).receipt;
  const bare = closed(receipt);
  const one = (text: string) => [['refund.receipt.json', text]] as const;
  const { intent } = good;

  const single = approve(
    { overrides: { use: 'single', policy: { digest: policyDigest(JSON.parse(once)), rule: 'refund' } } },
    now - 86_400_000 * 3,
  );
  const singleReceipt = logged(single, now - 86_400_000 * 3 + 1_000);
  const usedAt = now - 86_400_000 * 3 + 3_000;
  const consumption = log.append({
    kind: 'consumption',
    content: createConsumption({ approval: single, key: boundary, overrides: { at: formatTime(usedAt) } }).envelope,
    loggedAt: usedAt + 1_000,
  }).receipt;
  const used = attachConsumption(singleReceipt.receipt, consumption);
  if (!used.ok) throw new Error(used.detail);
  const rejected = approve({ overrides: { decision: 'rejected' } });
  const unanswered = (asked: number): string => {
    const overrides = { decision: 'expired' } as const;
    const { envelope } = createApproval({ origin: log.origin, serviceKey: createServiceKey(), now: asked, overrides });
    return log.append({ content: envelope, loggedAt: now - MINUTE }).receipt;
  };
  const lenientRule = { digest: policyDigest(JSON.parse(lenient)), rule: 'refund' };
  const aliceSaid = {
    approver: 'alice@example.com',
    role: 'finance',
    method: 'totp',
    at: formatTime(now - MINUTE),
  } as const;
  const bobSaid = {
    approver: 'bob@example.com',
    role: 'security',
    method: 'hardware_key',
    at: formatTime(now - MINUTE + 400),
  } as const;
  const attested = approve({
    authenticator: [],
    serviceKey: service,
    overrides: { policy: lenientRule, attested: [aliceSaid, bobSaid] },
  });
  const attestedReceipt = logged(attested).receipt;
  const inPart = approve({
    authenticator: alice,
    serviceKey: service,
    overrides: { policy: lenientRule, attested: [bobSaid] },
  });
  const salt = createSalt();
  const sealed = log.append({ content: approve().envelope, salt, loggedAt: now - MINUTE }).receipt;
  const forged = disclosing(receipt, { intent: { ...intent, args: { ...intent.args, amount: '4200.00' } } });

  return [
    { name: 'authorized', receipts: one(receipt), pins: named, face: 'authorized', act: canonicalJson({ ...intent }) },
    { name: 'authentic', receipts: one(receipt), pins, face: 'authentic' },
    { name: 'authentic-named', receipts: one(receipt), pins: named, face: 'authentic' },
    { name: 'authentic-bare', receipts: one(bare), pins, face: 'authentic' },
    { name: 'attested', receipts: one(attestedReceipt), pins, face: 'authentic' },
    {
      name: 'attested-named',
      receipts: one(attestedReceipt),
      pins: { ...named, approvalPolicy: lenient },
      face: 'authorized',
      act: canonicalJson({ ...attested.intent }),
    },
    {
      name: 'attested-in-part',
      receipts: one(logged(inPart).receipt),
      pins: { ...named, approvalPolicy: lenient },
      face: 'authentic',
    },
    { name: 'used', receipts: one(used.value), pins: { ...pins, trustRoot: named.trustRoot ?? '' }, face: 'authentic' },
    ...witnessed(log, receipt, pins, now),
    { name: 'sealed', receipts: one(sealed), pins, face: 'incomplete' },
    { name: 'no-key', receipts: one(receipt), pins: {}, face: 'incomplete' },
    { name: 'rejected', receipts: one(logged(rejected).receipt), pins: named, face: 'refused' },
    {
      name: 'unanswered',
      receipts: [
        ['before-its-time.receipt.json', unanswered(now - MINUTE * 2)],
        ['in-its-time.receipt.json', unanswered(now - MINUTE * 16)],
      ],
      pins,
      face: 'refused',
    },
    {
      name: 'expired',
      receipts: one(singleReceipt.receipt),
      pins: { ...named, approvalPolicy: once },
      face: 'refused',
      act: '',
    },
    { name: 'refused-policy', receipts: one(receipt), pins: { ...named, approvalPolicy: strict }, face: 'refused' },
    {
      name: 'refused-action',
      receipts: one(receipt),
      pins: named,
      face: 'refused',
      act: canonicalJson({ ...intent, args: { ...intent.args, amount: '4200.00' } }),
    },
    { name: 'invalid', receipts: one(forged), pins, face: 'invalid' },
    { name: 'unreadable', receipts: [['notes.json', '{ "type": "assent/receipt/v1" }']], pins, face: 'invalid' },
    { name: 'consumption', receipts: one(consumption), pins, face: 'authentic' },
    {
      name: 'trust-root',
      receipts: one(log.append({ kind: 'trust-root', content: trust.envelope }).receipt),
      pins,
      face: 'authentic',
    },
    {
      name: 'foreign',
      receipts: one(log.append({ content: signedApprovalDecision() }).receipt),
      pins,
      face: 'authentic',
    },
    {
      name: 'several',
      receipts: [
        ['refund.receipt.json', receipt],
        ['forged.receipt.json', forged],
        [`${'a-very-long-name-'.repeat(12)}.json`, sealed],
      ],
      pins: named,
      face: 'authentic',
    },
  ];
}

/** Two of three witnesses are asked for: once they have seen it, and once only one has. */
function witnessed(log: TestLog, receipt: string, pins: Pins, now: number): VerifyState[] {
  const witnesses = ['north', 'south', 'west'].map((name) => createTestWitness({ name: `witness.example/${name}` }));
  const policy = [
    `log ${log.vkey}`,
    ...witnesses.map(({ name, vkey }) => `witness ${name.replace('witness.example/', '')} ${vkey}`),
    'group any-two 2 north south west',
    'quorum any-two',
    '',
  ].join('\n');
  const seenBy = (count: number) =>
    withCheckpoint(receipt, (checkpoint) =>
      witnesses
        .slice(0, count)
        .reduce((note, witness, index) => witness.append(note, now - 50_000 + index * 2_000), checkpoint),
    );
  const withPolicy = { ...pins, logPolicy: policy };
  return [
    { name: 'witnessed', receipts: [['refund.receipt.json', seenBy(2)]], pins: withPolicy, face: 'authentic' },
    { name: 'pending', receipts: [['refund.receipt.json', seenBy(1)]], pins: withPolicy, face: 'pending' },
  ];
}

function policyOf(
  approvals: number,
  use: 'single' | 'multiple' = 'multiple',
  methods: readonly ApprovalMethod[] = ['passkey'],
): string {
  return canonicalJson({
    type: 'assent/policy/v1',
    name: 'acme-payments',
    rules: [
      {
        id: 'refund',
        action: 'payment.*',
        connector: 'stripe/*',
        effect: 'approve',
        require: {
          approvals,
          roles: ['finance', 'security'],
          distinct_roles: true,
          methods,
          max_ttl_seconds: 900,
          use,
        },
      },
    ],
  });
}

function closed(receipt: string): string {
  const { disclosures: _, ...rest } = JSON.parse(receipt);
  return JSON.stringify(rest);
}

function disclosing(receipt: string, disclosures: Disclosures): string {
  return JSON.stringify({ ...JSON.parse(receipt), disclosures });
}

/** Opens the page with the state's pins, gives it the receipts, and waits for the answer. */
export async function reach(page: Page, url: string, { receipts, pins, act, face }: VerifyState): Promise<void> {
  await page.goto(url);
  await page.evaluate((kept) => localStorage.setItem('assent.pins', kept), JSON.stringify(pins));
  await page.reload();
  await page
    .locator('#file')
    .setInputFiles(receipts.map(([name, text]) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) })));
  await page.locator('#verdict [data-face]').waitFor();
  if (act !== undefined) {
    await page.getByText('Are you about to act on it?').click();
    await page.getByLabel('The action, as JSON').fill(act);
    await page.getByRole('button', { name: 'Check it as of now' }).click();
    await page.getByText('Judged as of').waitFor();
  }
  await page.locator(`#verdict [data-face="${face}"]`).waitFor();
  await page.locator('#evidence > *').first().waitFor();
}

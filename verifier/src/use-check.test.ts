import {
  type ApprovalOptions,
  createApproval,
  createServiceKey,
  type TestApproval,
} from '@assent/test-support/approvals';
import { type ConsumptionOptions, createConsumption } from '@assent/test-support/consumptions';
import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { type AuthorizationInput, type AuthorizationPins, checkAuthorization } from './authorization.ts';
import { type BoundaryPins, refuseBadPins } from './boundary.ts';
import { createAttempt } from './consumption.ts';
import { attachConsumption } from './open-receipt.ts';
import { pinLogs } from './pinned-logs.ts';
import { webCryptoPrimitives } from './primitives.ts';
import { parseReceipt } from './receipt.ts';
import { type Check, skipped } from './report.ts';
import { formatTime } from './time.ts';
import type { ListedKey, TrustChain, TrustVersion } from './trust-root.ts';
import { checkUse } from './use-check.ts';
import { verifyReceipt } from './verify-receipt.ts';

const NOW = Date.now();
const DAY = 86_400_000;
const log = createTestLog({ origin: 'log.example.com' });
const elsewhere = createTestLog({ origin: 'other.example.com' });
const serviceKey = createServiceKey();
const key = createServiceKey();
const otherKey = createServiceKey();
const { keyid } = key.publicKey;
const boundaries = [keyid, otherKey.publicKey.keyid].sort();

/** A trust root whose versions list the boundary like this, each a day after the one before, the last one today. */
function chainOf(...listings: readonly (Partial<ListedKey> | null)[]): TrustChain {
  const versions = listings.map((listing, i): TrustVersion => {
    const issued = NOW - DAY * (listings.length - i);
    const listed = {
      publicKey: key.publicKey,
      name: 'payments-gw-3',
      valid_from: formatTime(NOW - 10 * DAY),
      ...listing,
    };
    return {
      version: i + 1,
      digest: `sha256:${'0'.repeat(64)}`,
      name: 'acme.example',
      issued_at: formatTime(issued),
      expires_at: formatTime(NOW + 100 * DAY),
      members: {
        approvers: new Map(),
        services: new Map(),
        boundaries: new Map(listing === null ? [] : [[keyid, listed]]),
        policies: new Map(),
      },
    };
  });
  return { rootId: `sha256:${'0'.repeat(64)}`, versions: versions as unknown as TrustChain['versions'] };
}

type Setting = {
  readonly approval?: Partial<ApprovalOptions>;
  readonly consumption?: Partial<ConsumptionOptions> | null;
  /** When the consumption was logged. */
  readonly loggedAt?: number;
  readonly chain?: TrustChain | null;
  readonly boundary?: BoundaryPins | null;
  readonly pinned?: Partial<AuthorizationPins>;
  /** Of the receipt that is carried. */
  readonly change?: (consumption: string, approval: TestApproval) => string;
};

const PINNED: AuthorizationPins = {
  logs: pinLogs([log.vkey]),
  unverifiedIntent: undefined,
  approvalPolicy: undefined,
  at: NOW,
  schema: undefined,
  boundary: undefined,
};

/** What the check gets of an approval, beside what the caller pins. */
function inputOf(
  { statement, digest }: TestApproval,
  pinned: Partial<AuthorizationPins>,
  more: Partial<AuthorizationInput> = {},
): AuthorizationInput {
  return {
    statement,
    statementDigest: digest,
    signers: [],
    intent: undefined,
    index: 0,
    loggedAt: NOW,
    seenBy: undefined,
    receipt: {},
    ...more,
    pinned: { ...PINNED, ...pinned },
  };
}

function judgeUse(input: AuthorizationInput, chain: TrustChain | null = chainOf({})): Promise<Check> {
  const judged = {
    trust: skipped('trust', 'no_trust_root', ''),
    revocation: skipped('revocation', 'no_trust_root', ''),
    ...(chain && { chain }),
  };
  return checkUse(input, judged, webCryptoPrimitives);
}

async function use(setting: Setting = {}): Promise<Check> {
  const approval = createApproval({
    origin: log.origin,
    serviceKey,
    ...setting.approval,
    overrides: { boundaries, ...setting.approval?.overrides },
  });
  const index = log.append({ content: approval.envelope }).index;
  const { attempt, envelope } = createConsumption({ approval, key, ...setting.consumption });
  const loggedAt = setting.loggedAt ?? NOW;
  const consumed = log.append({ kind: 'consumption', content: envelope, loggedAt }).receipt;
  const carried = setting.change?.(consumed, approval) ?? consumed;
  const consumption = setting.consumption === null ? {} : { consumption: JSON.parse(carried) };
  const boundary = setting.boundary === null ? undefined : (setting.boundary ?? { keyid, attempt });
  const input = inputOf(approval, { boundary, ...setting.pinned }, { index, receipt: consumption });
  return judgeUse(input, setting.chain);
}

async function outcome(setting?: Setting): Promise<string> {
  const { status, code } = await use(setting);
  return code === undefined ? status : `${status} ${code}`;
}

describe('the use check', () => {
  it('passes for the boundary that consumed it, by this attempt', async () => {
    expect(await use()).toMatchObject({ id: 'use', status: 'pass' });
  });

  it('passes where it may be used more than once, whoever asks', async () => {
    const approval = { overrides: { use: 'multiple' as const } };
    const setting = { approval, boundary: null, consumption: null, chain: null };
    expect(await outcome(setting)).toBe('pass');
    const { title } = await use(setting);
    expect(title).toBe('It may be used more than once');
  });

  it.each<[string, Setting, string]>([
    ['a caller that is no boundary', { boundary: null }, 'skip no_boundary'],
    ['an approval that was not consumed', { consumption: null }, 'skip not_consumed'],
    ['no trust root', { chain: null }, 'skip no_trust_root'],
    ['no log key', { pinned: { logs: pinLogs() } }, 'skip no_log_key'],
    [
      'a consumption whose receipt is of a type to come',
      { change: (consumed) => consumed.replace('assent/receipt/v1', 'assent/receipt/v2') },
      'skip unsupported',
    ],
  ])('is skipped with %s', async (_, setting, expected) => {
    expect(await outcome(setting)).toBe(expected);
  });

  it.each<[string, Setting, string]>([
    [
      'a boundary that the statement does not name',
      { boundary: { keyid: createServiceKey().publicKey.keyid, attempt: createAttempt() } },
      'boundary_mismatch',
    ],
    [
      'a statement without boundaries',
      { approval: { overrides: { boundaries: undefined } as never } },
      'boundary_mismatch',
    ],
    ['another attempt of the same boundary', { boundary: { keyid, attempt: createAttempt() } }, 'consumed'],
    ['a consumption by another boundary of the statement', { consumption: { key: otherKey } }, 'consumed'],
    [
      'a consumption of another approval',
      { consumption: { overrides: { approval: `sha256:${'1'.repeat(64)}` } } },
      'consumption_mismatch',
    ],
    [
      'a consumption for another action',
      { consumption: { overrides: { intent: `sha256:${'1'.repeat(64)}` } } },
      'consumption_mismatch',
    ],
    [
      'a consumption in the name of another boundary',
      { consumption: { overrides: { boundary: 'payments-gw-4' } } },
      'consumption_mismatch',
    ],
    ['a consumption that was logged at the expiry', { loggedAt: NOW + 900_000, approval: { now: NOW } }, 'expired'],
    ['a key that the trust root does not list', { chain: chainOf(null) }, 'signer_not_listed'],
    ['a key that is listed since later only', { chain: chainOf({ valid_from: formatTime(NOW + 1) }) }, 'key_not_valid'],
    ['a key that was listed until then', { chain: chainOf({ valid_until: formatTime(NOW) }) }, 'key_not_valid'],
    ['a retired key', { chain: chainOf({}, { revoked: { reason: 'retired', at: formatTime(NOW) } }) }, 'key_retired'],
    [
      'a compromised key',
      { chain: chainOf({}, { revoked: { reason: 'compromised', at: formatTime(NOW + DAY), since: formatTime(NOW) } }) },
      'key_compromised',
    ],
    [
      'the receipt of the approval in the place of a consumption',
      { change: (_, { digest: _digest, envelope }) => log.append({ content: envelope }).receipt },
      'kind_mismatch',
    ],
    [
      'a consumption in another log',
      {
        change: (consumed) =>
          elsewhere.append({ kind: 'consumption', content: contentOf(consumed), loggedAt: NOW }).receipt,
      },
      'origin_mismatch',
    ],
    ['a receipt that is none', { change: () => '{"type":"assent/receipt/v1"}' }, 'missing_member'],
    [
      'a receipt in its receipt',
      { change: (consumed) => JSON.stringify({ ...JSON.parse(consumed), consumption: {} }) },
      'unknown_member',
    ],
    [
      'an entry that was changed',
      { change: (consumed) => consumed.replace(/logged_at\\":1/, 'logged_at\\":2') },
      'inclusion_mismatch',
    ],
  ])('fails for %s', async (_, setting, code) => {
    expect(await outcome(setting)).toBe(`fail ${code}`);
  });

  it('accepts a consumption in no other log than the one that the statement names', async () => {
    const setting: Setting = {
      pinned: { logs: pinLogs([log.vkey, elsewhere.vkey]) },
      change: (consumed) => {
        for (let i = 0; i < log.tree.size; i++) elsewhere.append({ content: {} });
        return elsewhere.append({ kind: 'consumption', content: contentOf(consumed), loggedAt: NOW }).receipt;
      },
    };
    expect(await outcome(setting)).toBe('fail log_mismatch');
  });

  it('fails for a consumption that stands before the approval', async () => {
    const approval = createApproval({ origin: log.origin, serviceKey, overrides: { boundaries } });
    const { attempt, envelope } = createConsumption({ approval, key });
    const consumption = log.append({ kind: 'consumption', content: envelope }).receipt;
    const receipt = unwrap(attachConsumption(log.append({ content: approval.envelope }).receipt, consumption));
    const report = await verifyReceipt(receipt, { logKeys: [log.vkey], boundary: { keyid, attempt } });
    expect(report.checks.at(-1)).toMatchObject({ id: 'use', status: 'fail', code: 'consumption_order' });
    expect(report.verdict).toBe('refused');
  });

  it('fails where approval and consumption show that the log signed two trees of one size', async () => {
    const [one, two] = [createTestLog({ origin: log.origin }), createTestLog({ origin: log.origin })];
    const approval = createApproval({ origin: log.origin, serviceKey, overrides: { boundaries } });
    const { attempt, envelope } = createConsumption({ approval, key });
    one.append({ content: approval.envelope });
    two.append({ content: {} });
    const consumed = two.append({ kind: 'consumption', content: envelope });
    // The log signs the head of the second tree, too.
    const [proof, head] = consumed.proof.split(/\n\n/) as [string, string];
    const bothSigned = { ...JSON.parse(consumed.receipt), proof: `${proof}\n\n${one.signNote(`${head}\n`)}` };
    const outcomeAt = async (size: number) => {
      while (one.tree.size < size) one.append({ content: {} });
      const receipt = unwrap(attachConsumption(one.receipt(0).receipt, JSON.stringify(bothSigned)));
      const { checks } = await verifyReceipt(receipt, { logKeys: [one.vkey], boundary: { keyid, attempt } });
      const { status, code } = checks.at(-1)!;
      return `${status} ${code}`;
    };
    // Trees of different sizes could be one log's: that they are not, only a consistency proof would show.
    expect(await outcomeAt(1)).toBe('skip no_trust_root');
    expect(await outcomeAt(2)).toBe('fail consistency_mismatch');
    expect(await outcomeAt(3)).toBe('skip no_trust_root');
  });

  it('fails for a consumption in the place of the approval itself, in another tree that the log signed', async () => {
    const [one, two] = [createTestLog({ origin: log.origin }), createTestLog({ origin: log.origin })];
    const approval = createApproval({ origin: log.origin, serviceKey, overrides: { boundaries } });
    const { attempt, envelope } = createConsumption({ approval, key });
    one.append({ content: approval.envelope });
    two.append({ kind: 'consumption', content: envelope });
    two.append({ content: {} });
    const consumed = two.receipt(0);
    const [proof, head] = consumed.proof.split(/\n\n/) as [string, string];
    const bothSigned = { ...JSON.parse(consumed.receipt), proof: `${proof}\n\n${one.signNote(`${head}\n`)}` };
    const receipt = unwrap(attachConsumption(one.receipt(0).receipt, JSON.stringify(bothSigned)));
    const { checks } = await verifyReceipt(receipt, { logKeys: [one.vkey], boundary: { keyid, attempt } });
    expect(checks.at(-1)).toMatchObject({ id: 'use', status: 'fail', code: 'consumption_order' });
  });

  it('still passes for a key that was retired, or compromised, after the consumption', async () => {
    const later = formatTime(NOW + 1);
    expect(await outcome({ chain: chainOf({}, { revoked: { reason: 'retired', at: later } }) })).toBe('pass');
    const revoked = { reason: 'compromised', at: later, since: later } as const;
    // Without witnesses only the log says that it was before.
    expect(await outcome({ chain: chainOf({}, { revoked }) })).toBe('pass no_quorum');
  });

  it('judges a listing as of the version that was in force', async () => {
    expect(await outcome({ chain: chainOf(null, {}) })).toBe('pass');
    expect(await outcome({ chain: chainOf(null, {}), loggedAt: NOW - 1.5 * DAY })).toBe('fail signer_not_listed');
  });
});

describe("the boundary's own record", () => {
  const sole = { approval: { overrides: { boundaries: [keyid] } }, consumption: null };
  /** Judged on one approval, whose record is known only once it is there. */
  async function byRecord(
    change: Partial<{ approval: string; intent: string; dispatched: boolean }>,
    setting: Setting = {},
  ) {
    const approval = createApproval({
      origin: log.origin,
      serviceKey,
      overrides: { boundaries: [keyid], ...setting.approval?.overrides },
    });
    const record = {
      approval: approval.digest,
      intent: approval.statement.intent.digest,
      dispatched: false,
      ...change,
    };
    const input = inputOf(approval, { boundary: { keyid, record }, ...setting.pinned });
    const { status, code } = await judgeUse(input, setting.chain);
    return code === undefined ? status : `${status} ${code}`;
  }

  it('does where the statement names that boundary alone', async () => {
    expect(await byRecord({})).toBe('pass');
    expect(await outcome(sole)).toBe('skip not_consumed');
  });

  it('is not enough where it names several', async () => {
    expect(await byRecord({}, { approval: { overrides: { boundaries } } })).toBe('skip not_consumed');
  });

  it('fails once it was dispatched, or for another approval or action', async () => {
    expect(await byRecord({ dispatched: true })).toBe('fail consumed');
    expect(await byRecord({ approval: `sha256:${'1'.repeat(64)}` })).toBe('fail consumption_mismatch');
    expect(await byRecord({ intent: `sha256:${'1'.repeat(64)}` })).toBe('fail consumption_mismatch');
  });

  it('needs a key that is listed and valid now', async () => {
    expect(await byRecord({}, { chain: null })).toBe('skip no_trust_root');
    expect(await byRecord({}, { chain: chainOf(null) })).toBe('fail signer_not_listed');
    expect(await byRecord({}, { pinned: { at: undefined } })).toBe('skip no_time');
    const revoked = { reason: 'retired', at: formatTime(NOW) } as const;
    expect(await byRecord({}, { chain: chainOf({}, { revoked }) })).toBe('fail key_retired');
  });
});

describe('what a boundary says of itself', () => {
  const record = { approval: keyid, intent: keyid, dispatched: false };
  it.each<[string, unknown]>([
    ['boundary', 'x'],
    ['boundary.keyid', { keyid: 'x', attempt: createAttempt() }],
    ['boundary.attempt', { keyid }],
    ['boundary.attempt', { keyid, attempt: 'x' }],
    ['boundary.record', { keyid, attempt: createAttempt(), record }],
    ['boundary.record', { keyid, record: null }],
    ['boundary.record.approval', { keyid, record: { ...record, approval: 'x' } }],
    ['boundary.record.intent', { keyid, record: { ...record, intent: 'x' } }],
    ['boundary.record.dispatched', { keyid, record: { ...record, dispatched: 0 } }],
  ])('is a mistake of the caller where %s is wrong', async (name, boundary) => {
    expect(() => refuseBadPins(boundary as BoundaryPins)).toThrow(new RegExp(`^${name}: `));
    await expect(verifyReceipt('', { boundary: boundary as BoundaryPins })).rejects.toThrow(TypeError);
  });

  it('is right where it is right', () => {
    refuseBadPins({ keyid, attempt: createAttempt() });
    refuseBadPins({ keyid, record });
  });
});

describe("a consumption's own receipt", () => {
  it('is authentic, and says what was consumed', async () => {
    const approval = createApproval({ origin: log.origin, serviceKey, overrides: { boundaries } });
    const { attempt, envelope } = createConsumption({ approval, key });
    const report = await verifyReceipt(log.append({ kind: 'consumption', content: envelope }).receipt, {
      logKeys: [log.vkey],
      at: NOW,
    });
    expect(report).toMatchObject({
      verdict: 'authentic',
      consumption: { approval: approval.digest, boundary: 'payments-gw-3', attempt, keyid },
    });
    expect(report).not.toHaveProperty('approval');
    const authorization = report.checks.slice(7);
    expect(authorization.every(({ status, code }) => status === 'skip' && code === 'not_an_approval')).toBe(true);
  });
});

describe('the schema of the connector', () => {
  const schema = `sha256:${'5'.repeat(64)}`;
  it.each<[string, string | undefined, string | null | undefined, string]>([
    ['is the one that was signed', schema, schema, 'pass'],
    ['is another one', schema, `sha256:${'6'.repeat(64)}`, 'fail schema_mismatch'],
    ['is gone', schema, null, 'fail schema_mismatch'],
    ['is new', undefined, schema, 'fail schema_mismatch'],
    ['never was', undefined, null, 'pass'],
    ['is not said', schema, undefined, 'pass'],
  ])('%s', async (_, signed, now, expected) => {
    const approval = createApproval({
      origin: log.origin,
      serviceKey,
      intent: signed === undefined ? {} : { schema: signed },
    });
    const input = inputOf(approval, { unverifiedIntent: { ...approval.intent }, schema: now });
    const { checks } = await checkAuthorization(input, webCryptoPrimitives);
    const [check] = checks;
    expect(check?.code === undefined ? check?.status : `${check.status} ${check.code}`).toBe(expected);
  });
});

function contentOf(receipt: string) {
  return JSON.parse(unwrap(parseReceipt(receipt)).entry).content;
}

import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { describe, expect, it } from 'vitest';
import type { Statement } from './approval.ts';
import {
  type AuthorizationInput,
  type AuthorizationPins,
  checkAuthorization,
  withoutAuthorization,
} from './authorization.ts';
import { utf8Encode } from './bytes.ts';
import type { Json } from './canonical-json.ts';
import { pinLogs } from './pinned-logs.ts';
import { webCryptoPrimitives } from './primitives.ts';
import { CHECK_IDS } from './report.ts';
import { formatTime } from './time.ts';

const ISSUED = 1_775_235_600_000;
const EXPIRES = ISSUED + 900_000;
const { statement, intent, digest } = createApproval({
  origin: 'log.example.com',
  serviceKey: createServiceKey(),
  now: ISSUED,
});

type Changes = Partial<Omit<AuthorizationInput, 'pinned'> & AuthorizationPins>;

async function judge({ unverifiedIntent, approvalPolicy, at, ...changes }: Changes = {}) {
  const { checks } = await checkAuthorization(
    {
      statement,
      statementDigest: digest,
      signers: [],
      intent: undefined,
      index: 0,
      loggedAt: ISSUED,
      seenBy: undefined,
      receipt: {},
      pinned: { logs: pinLogs(), unverifiedIntent, approvalPolicy, at, schema: undefined, boundary: undefined },
      ...changes,
    },
    webCryptoPrimitives,
  );
  return checks;
}

async function check(id: 'intent' | 'window', changes: Changes): Promise<string> {
  const { status, code } = (await judge(changes)).find((candidate) => candidate.id === id)!;
  return code === undefined ? status : `${status} ${code}`;
}

describe('checkAuthorization', () => {
  it('always makes the six checks of the report, in its order', async () => {
    expect((await judge()).map(({ id }) => id)).toEqual(CHECK_IDS.slice(7));
    expect(withoutAuthorization('sealed', 'x').map(({ id }) => id)).toEqual(CHECK_IDS.slice(7));
  });

  it('skips what it has no input for, and says what that would be', async () => {
    expect((await judge()).map(({ id, status, code }) => [id, status, code])).toEqual([
      ['intent', 'skip', 'no_caller_intent'],
      ['trust', 'skip', 'no_trust_root'],
      ['revocation', 'skip', 'no_trust_root'],
      ['policy', 'skip', 'no_policy'],
      ['window', 'skip', 'no_time'],
      ['use', 'skip', 'no_boundary'],
    ]);
    for (const { detail } of await judge()) expect(detail).toMatch(/needed|who says the time/);
  });

  it('lets nothing pass for what a receipt brings along', async () => {
    const receipt = { trust: [{}], policy: {}, consumption: {} };
    const checks = await judge({ receipt });
    expect(checks.every(({ status }) => status === 'skip')).toBe(true);
    expect(checks.filter(({ detail }) => detail.includes('receipt brings'))).toHaveLength(4);
  });
});

describe('the intent check', () => {
  it("passes for the caller's own intent, as value, text or bytes", async () => {
    for (const own of [intent, JSON.stringify(intent, null, 2), utf8Encode(JSON.stringify(intent))]) {
      expect(await check('intent', { unverifiedIntent: own })).toBe('pass');
    }
  });

  it.each<[string, Json, string]>([
    ['another argument', { ...intent, args: { ...intent.args, amount: '42.01' } }, 'intent_mismatch'],
    ['another salt', { ...intent, salt: 'AAECAwQFBgcICQoLDA0ODw' }, 'intent_mismatch'],
    ['null', null, 'intent_mismatch'],
    ['text that is no JSON', '{', 'json_syntax'],
    ['text with a key twice', '{"a":1,"a":1}', 'json_duplicate_key'],
    ['text of a million levels', '['.repeat(1_000_000), 'json_too_deep'],
    ['a value with a lone surrogate', { ...intent, args: { a: '\ud800' } }, 'json_lone_surrogate'],
  ])('fails for %s', async (_, unverifiedIntent, code) => {
    expect(await check('intent', { unverifiedIntent })).toBe(`fail ${code}`);
  });

  it('fails for values that are no JSON', async () => {
    for (const value of [undefined, Number.NaN, () => 1, new Date()]) {
      const unverifiedIntent = { ...intent, args: { a: value } } as unknown as Json;
      expect(await check('intent', { unverifiedIntent })).toMatch(/^fail (wrong_type|json_number)$/);
    }
  });

  it('fails where action, connector or schema differ, though the digest fits', async () => {
    for (const change of [{ action: 'a' }, { connector: 'c' }, { schema: `sha256:${'00'.repeat(32)}` }]) {
      const lying: Statement = { ...statement, intent: { ...statement.intent, ...change } };
      expect(await check('intent', { statement: lying, unverifiedIntent: intent })).toBe('fail intent_mismatch');
    }
  });

  it('shows both digests', async () => {
    const [outcome] = await judge({ unverifiedIntent: { ...intent, args: {} } });
    expect(outcome).toMatchObject({ expected: statement.intent.digest, computed: expect.stringMatching(/^sha256:/) });
  });
});

describe('the window check', () => {
  it('fails for one that has expired, whoever says when it was logged', async () => {
    expect(await check('window', { loggedAt: undefined, at: EXPIRES })).toBe('fail expired');
    expect(await check('window', { loggedAt: undefined, at: EXPIRES - 1 })).toBe('skip premise_failed');
  });

  it.each<[string, number, string]>([
    ['a minute before the issue', ISSUED - 60_000, 'pass'],
    ['more than a minute before', ISSUED - 60_001, 'fail not_yet_valid'],
    ['at the issue', ISSUED, 'pass'],
    ['in the last millisecond', EXPIRES - 1, 'pass'],
    ['at the expiry', EXPIRES, 'fail expired'],
  ])('judges an entry logged %s', async (_, loggedAt, expected) => {
    expect(await check('window', { loggedAt, at: Math.max(ISSUED, loggedAt) })).toBe(expected);
    expect(await check('window', { loggedAt })).toBe(expected === 'pass' ? 'skip no_time' : expected);
  });

  it.each<[string, number, string]>([
    ['before the expiry', EXPIRES - 1, 'pass'],
    ['at the expiry', EXPIRES, 'fail expired'],
    ['long after', EXPIRES + 1e10, 'fail expired'],
  ])("judges the caller's time %s", async (_, at, expected) => {
    expect(await check('window', { at })).toBe(expected);
  });

  it.each<[string, number, number | undefined, string]>([
    ['a minute before it was logged', ISSUED + 5_000 - 60_000, undefined, 'pass'],
    ['more than a minute before it was logged', ISSUED + 5_000 - 60_001, undefined, 'fail not_yet_valid'],
    ['a minute before witnesses had seen it', ISSUED + 120_000, ISSUED + 180_000, 'pass'],
    ['more than a minute before witnesses had seen it', ISSUED + 120_000, ISSUED + 180_001, 'fail not_yet_valid'],
    ['after both, though witnesses were a little early', ISSUED + 5_000, ISSUED + 4_000, 'pass'],
  ])("judges the caller's time %s", async (_, at, seenBy, expected) => {
    expect(await check('window', { loggedAt: ISSUED + 5_000, seenBy, at })).toBe(expected);
  });

  it.each<[string, number, string]>([
    ['a minute before the issue', ISSUED - 60_000, 'pass'],
    ['more than a minute before the issue', ISSUED - 60_001, 'fail attested_out_of_window'],
    ['a minute after it was logged', ISSUED + 5_000 + 60_000, 'pass'],
    ['more than a minute after it was logged', ISSUED + 5_000 + 60_001, 'fail attested_out_of_window'],
  ])('judges somebody who was authenticated %s', async (_, at, expected) => {
    const item = { approver: 'alice', role: 'finance', method: 'totp', at: formatTime(at) } as const;
    const attested = [{ ...item, at: formatTime(ISSUED) }, item];
    const input = { statement: { ...statement, attested }, loggedAt: ISSUED + 5_000, at: ISSUED };
    expect(await check('window', input)).toBe(expected);
  });
});

import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { describe, expect, it } from 'vitest';
import type { Statement } from './approval.ts';
import { type AuthorizationInput, checkAuthorization, withoutAuthorization } from './authorization.ts';
import { utf8Encode } from './bytes.ts';
import type { Json } from './canonical-json.ts';
import { CHECK_IDS } from './report.ts';
import { sha256 } from './sha256.ts';
import { formatTime } from './time.ts';

const ISSUED = 1_775_235_600_000;
const EXPIRES = ISSUED + 900_000;
const { statement, intent } = createApproval({
  origin: 'log.example.com',
  serviceKey: createServiceKey(),
  now: ISSUED,
});

function judge(changes: Partial<AuthorizationInput> = {}) {
  const carried = { trust: false, policy: false, consumption: false };
  const input = { statement, loggedAt: ISSUED, unverifiedIntent: undefined, at: undefined, carried, ...changes };
  return checkAuthorization(input, sha256);
}

function check(id: 'intent' | 'window', changes: Partial<AuthorizationInput>): string {
  const { status, code } = judge(changes).find((candidate) => candidate.id === id)!;
  return code === undefined ? status : `${status} ${code}`;
}

describe('checkAuthorization', () => {
  it('always makes the six checks of the report, in its order', () => {
    expect(judge().map(({ id }) => id)).toEqual(CHECK_IDS.slice(7));
    expect(withoutAuthorization('sealed', 'x').map(({ id }) => id)).toEqual(CHECK_IDS.slice(7));
  });

  it('skips what it has no input for, and says what that would be', () => {
    expect(judge().map(({ id, status, code }) => [id, status, code])).toEqual([
      ['intent', 'skip', 'no_caller_intent'],
      ['trust', 'skip', 'no_trust_root'],
      ['revocation', 'skip', 'no_trust_root'],
      ['policy', 'skip', 'no_policy'],
      ['window', 'skip', 'no_time'],
      ['use', 'skip', 'no_boundary'],
    ]);
    for (const { detail } of judge()) expect(detail).toMatch(/needed|who says the time/);
  });

  it('lets nothing pass for what a receipt brings along', () => {
    const carried = { trust: true, policy: true, consumption: true };
    expect(judge({ carried }).every(({ status }) => status === 'skip')).toBe(true);
    expect(judge({ carried }).filter(({ detail }) => detail.includes('receipt brings'))).toHaveLength(4);
  });
});

describe('the intent check', () => {
  it("passes for the caller's own intent, as value, text or bytes", () => {
    for (const own of [intent, JSON.stringify(intent, null, 2), utf8Encode(JSON.stringify(intent))]) {
      expect(check('intent', { unverifiedIntent: own })).toBe('pass');
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
  ])('fails for %s', (_, unverifiedIntent, code) => {
    expect(check('intent', { unverifiedIntent })).toBe(`fail ${code}`);
  });

  it('fails for values that are no JSON', () => {
    for (const value of [undefined, Number.NaN, () => 1, new Date()]) {
      const unverifiedIntent = { ...intent, args: { a: value } } as unknown as Json;
      expect(check('intent', { unverifiedIntent })).toMatch(/^fail (wrong_type|json_number)$/);
    }
  });

  it('fails where action, connector or schema differ, though the digest fits', () => {
    for (const change of [{ action: 'a' }, { connector: 'c' }, { schema: `sha256:${'00'.repeat(32)}` }]) {
      const lying: Statement = { ...statement, intent: { ...statement.intent, ...change } };
      expect(check('intent', { statement: lying, unverifiedIntent: intent })).toBe('fail intent_mismatch');
    }
  });

  it('shows both digests', () => {
    const [outcome] = judge({ unverifiedIntent: { ...intent, args: {} } });
    expect(outcome).toMatchObject({ expected: statement.intent.digest, computed: expect.stringMatching(/^sha256:/) });
  });
});

describe('the window check', () => {
  it.each<[string, number, string]>([
    ['a minute before the issue', ISSUED - 60_000, 'pass'],
    ['more than a minute before', ISSUED - 60_001, 'fail not_yet_valid'],
    ['at the issue', ISSUED, 'pass'],
    ['in the last millisecond', EXPIRES - 1, 'pass'],
    ['at the expiry', EXPIRES, 'fail expired'],
  ])('judges an entry logged %s', (_, loggedAt, expected) => {
    expect(check('window', { loggedAt, at: ISSUED })).toBe(expected);
    expect(check('window', { loggedAt })).toBe(expected === 'pass' ? 'skip no_time' : expected);
  });

  it.each<[string, number, string]>([
    ['before the expiry', EXPIRES - 1, 'pass'],
    ['at the expiry', EXPIRES, 'fail expired'],
    ['long after', EXPIRES + 1e10, 'fail expired'],
  ])("judges the caller's time %s", (_, at, expected) => {
    expect(check('window', { at })).toBe(expected);
  });

  it.each<[string, number, string]>([
    ['a minute before the issue', ISSUED - 60_000, 'pass'],
    ['more than a minute before the issue', ISSUED - 60_001, 'fail attested_out_of_window'],
    ['a minute after it was logged', ISSUED + 5_000 + 60_000, 'pass'],
    ['more than a minute after it was logged', ISSUED + 5_000 + 60_001, 'fail attested_out_of_window'],
  ])('judges somebody who was authenticated %s', (_, at, expected) => {
    const item = { approver: 'alice', role: 'finance', method: 'totp', at: formatTime(at) } as const;
    const attested = [{ ...item, at: formatTime(ISSUED) }, item];
    const input = { statement: { ...statement, attested }, loggedAt: ISSUED + 5_000, at: ISSUED };
    expect(check('window', input)).toBe(expected);
  });
});

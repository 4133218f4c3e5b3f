import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { describe, expect, it } from 'vitest';
import type { PolicyRequirement } from './approval-policy.ts';
import { checkApprovals, checkTerms } from './requirements.ts';
import { formatTime } from './time.ts';
import type { CountedApproval } from './trust-check.ts';

const passkey = (holder: string, roles: readonly string[], userVerified = true): CountedApproval => ({
  holder,
  roles,
  method: 'passkey',
  userVerified,
});
const other = (holder: string, roles: readonly string[], method: CountedApproval['method']): CountedApproval => ({
  holder,
  roles,
  method,
});
const alice = passkey('alice', ['finance']);
const bob = passkey('bob', ['security']);
const carol = passkey('carol', ['finance']);
const both = passkey('dora', ['finance', 'security']);

const one: PolicyRequirement = { approvals: 1, roles: ['finance'] };
const either: PolicyRequirement = { approvals: 2, roles: ['finance', 'security'] };
const distinct: PolicyRequirement = { ...either, distinct_roles: true };

describe('checkApprovals', () => {
  it.each<[string, PolicyRequirement, readonly CountedApproval[], string]>([
    ['one of the role', one, [alice], 'pass'],
    ['nobody', one, [], 'approvals_missing'],
    ['one of another role', one, [bob], 'approvals_missing'],
    ['two of the roles', either, [alice, bob], 'pass'],
    ['two of one role, where the roles need not differ', either, [alice, carol], 'pass'],
    ['one person twice', either, [alice, { ...alice, roles: ['security'] }], 'approvals_missing'],
    ['a different person for each role', distinct, [alice, bob], 'pass'],
    ['two of one role', distinct, [alice, carol], 'roles_missing'],
    ['one with both roles', distinct, [both], 'approvals_missing'],
    ['one with both roles and one with the first', distinct, [both, alice], 'pass'],
    ['the same in the other order', distinct, [alice, both], 'pass'],
    ['one with both roles, even if one is enough', { ...distinct, approvals: 1 }, [both], 'roles_missing'],
    ['enough for the roles and too few in all', { ...distinct, approvals: 3 }, [alice, bob], 'approvals_missing'],
    ['more than are needed', { ...distinct, approvals: 3 }, [alice, bob, carol], 'pass'],
    ['a key', one, [other('alice', ['finance'], 'key')], 'method_not_allowed'],
    ['a key, where that is allowed', { ...one, methods: ['key'] }, [other('alice', ['finance'], 'key')], 'pass'],
    ['a passkey, where only keys are', { ...one, methods: ['key'] }, [alice], 'method_not_allowed'],
    ['a passkey that a service attests', one, [other('alice', ['finance'], 'attested:passkey')], 'method_not_allowed'],
    [
      'the same, where that is allowed',
      { ...one, methods: ['attested:passkey'] },
      [other('alice', ['finance'], 'attested:passkey')],
      'pass',
    ],
    [
      'another attested method',
      { ...one, methods: ['attested:sso'] },
      [other('alice', ['finance'], 'attested:totp')],
      'method_not_allowed',
    ],
    ['a passkey without user verification', one, [passkey('alice', ['finance'], false)], 'user_not_verified'],
    [
      'the same, where it is not asked for',
      { ...one, user_verification: false },
      [passkey('a', ['finance'], false)],
      'pass',
    ],
    ['one verified and one not', either, [alice, passkey('bob', ['security'], false)], 'user_not_verified'],
    [
      'one of another method and one not verified',
      either,
      [other('alice', ['finance'], 'key'), passkey('bob', ['security'], false)],
      'method_not_allowed',
    ],
    ['a key of somebody without the role', one, [other('bob', ['security'], 'key')], 'approvals_missing'],
    [
      'a key, where user verification of passkeys is asked for',
      { ...one, methods: ['key', 'passkey'], user_verification: true },
      [other('alice', ['finance'], 'key')],
      'pass',
    ],
  ])('judges %s', (_, requirement, approvals, expected) => {
    const result = checkApprovals(requirement, approvals);
    expect(result.ok ? 'pass' : result.code).toBe(expected);
  });

  it('says who fills which role', () => {
    expect(checkApprovals(distinct, [both, alice])).toEqual({
      ok: true,
      value: 'dora (finance, security), alice (finance); finance by alice, security by dora',
    });
    expect(checkApprovals(one, [alice])).toEqual({ ok: true, value: 'alice (finance)' });
  });

  it('does not say of whom only a service speaks that they signed', () => {
    const word = { ...either, methods: ['passkey', 'attested:totp'] } as const;
    const bobs = other('bob', ['security'], 'attested:totp');
    expect(checkApprovals(word, [alice, bobs])).toEqual({
      ok: true,
      value: 'alice (finance), bob (security), as the service says',
    });
    // Who did both signed; but not by a signature that does not count.
    expect(checkApprovals(word, [alice, bobs, bob])).toMatchObject({ value: 'alice (finance), bob (security)' });
    expect(checkApprovals(word, [alice, bobs, passkey('bob', ['security'], false)])).toMatchObject({
      value: 'alice (finance), bob (security), as the service says',
    });
  });

  it('says what is lacking, and who was not counted and why', () => {
    const unverified = passkey('erik', ['security'], false);
    const approvals = [alice, other('frank', ['security'], 'attested:totp'), passkey('gina', ['legal'])];
    expect(checkApprovals(distinct, approvals)).toMatchObject({
      code: 'method_not_allowed',
      detail:
        '2 people in the roles finance, security needed, 1 counted: alice (finance); finance by alice, security by nobody; ' +
        'not counted: frank (attested:totp): the rule takes passkey, gina (passkey): in none of the roles',
    });
    expect(checkApprovals(one, [unverified])).toMatchObject({
      detail:
        '1 person in one of the roles finance needed, 0 counted: nobody; not counted: ' +
        'erik (passkey): in none of the roles',
    });
    expect(checkApprovals(distinct, [alice, carol])).toMatchObject({
      detail: 'a different person for each role is needed: finance by alice, security by nobody',
    });
  });
});

describe('checkTerms', () => {
  const now = 1_775_235_600_000;
  const { statement } = createApproval({ origin: 'log.example.com', serviceKey: createServiceKey(), now });

  it.each<[string, Partial<PolicyRequirement>, object, string | undefined]>([
    ['single, by default', {}, {}, undefined],
    ['multiple, where single is the default', {}, { use: 'multiple' }, 'use_mismatch'],
    ['single, where multiple is asked for', { use: 'multiple' }, {}, 'use_mismatch'],
    ['multiple, where it is asked for', { use: 'multiple' }, { use: 'multiple' }, undefined],
    ['as long as is allowed', { max_ttl_seconds: 900 }, {}, undefined],
    ['a millisecond too long', { max_ttl_seconds: 900 }, { expires_at: formatTime(now + 900_001) }, 'ttl_too_long'],
    ['a second too long', { max_ttl_seconds: 899 }, {}, 'ttl_too_long'],
  ])('judges %s', (_, requirement, changes, code) => {
    expect(checkTerms({ ...one, ...requirement }, { ...statement, ...changes })?.code).toBe(code);
  });
});

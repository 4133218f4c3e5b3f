import { createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { codeOf } from '@assent/test-support/results';
import { keyApprover, passkeyApprover, trustedBoundary, trustedService } from '@assent/test-support/trust-roots';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime } from './time.ts';
import { checkHistory } from './trust-history.ts';
import { checkRevoked } from './trust-lookup.ts';
import type { Revocation, TrustedApprover, TrustedBoundary, TrustedService, TrustMembers } from './trust-root.ts';

const keys = { approver: createServiceKey(), service: createServiceKey(), boundary: createServiceKey() };
const passkey = createAuthenticator();

type Changes = {
  readonly approver?: Partial<TrustedApprover>;
  readonly service?: Partial<TrustedService>;
  readonly boundary?: Partial<TrustedBoundary>;
};

function members({ approver, service, boundary }: Changes = {}): TrustMembers {
  return {
    approvers: new Map([keyApprover(keys.approver, 'alice', approver), passkeyApprover(passkey, 'bob')]),
    services: new Map([trustedService(keys.service, service)]),
    boundaries: new Map([trustedBoundary(keys.boundary, 'gw', boundary)]),
    policies: new Map([[`sha256:${'00'.repeat(32)}`, { valid_from: '2020-01-01T00:00:00.000Z' }]]),
  };
}

const DAY = 86_400_000;
const T = Date.parse('2026-01-01T00:00:00.000Z');
const day = (n: number) => formatTime(T + n * DAY);
const retired = (at: number): Revocation => ({ reason: 'retired', at: day(at) });
const stolen = (at: number, since: number): Revocation => ({ reason: 'compromised', at: day(at), since: day(since) });

describe('checkHistory', () => {
  it('lets roles, origins, ends of validity, policies and new keys change', () => {
    const change: Changes = {
      approver: { roles: [], valid_until: day(1) },
      service: { methods: ['sso'], attests: new Map([['carol', ['it']]]), payload_types: [] },
    };
    const after = { ...members(change), policies: new Map() };
    expect(codeOf(checkHistory(members(), after))).toBeUndefined();
    const more = { ...after, boundaries: new Map([...after.boundaries, trustedBoundary(createServiceKey(), 'new')]) };
    expect(codeOf(checkHistory(members(), more))).toBeUndefined();
  });

  it.each<[string, Changes]>([
    ['holder', { approver: { holder: 'mallory' } }],
    ['kind', { approver: { kind: 'passkey' } }],
    ['beginning of an approver', { approver: { valid_from: day(0) } }],
    ['name of a service', { service: { name: 'other' } }],
    ['beginning of a service', { service: { valid_from: day(0) } }],
    ['name of a boundary', { boundary: { name: 'other' } }],
    ['beginning of a boundary', { boundary: { valid_from: day(0) } }],
  ])('refuses another %s', (_, change) => {
    expect(codeOf(checkHistory(members(), members(change)))).toBe('trust_history_changed');
  });

  it.each(['approvers', 'services', 'boundaries'] as const)('refuses to drop one of the %s', (map) => {
    expect(codeOf(checkHistory(members(), { ...members(), [map]: new Map() }))).toBe('trust_history_changed');
  });

  it('refuses a key that moved to another map', () => {
    const after = {
      ...members(),
      boundaries: new Map([trustedBoundary(keys.boundary, 'gw'), trustedBoundary(keys.service, 'x')]),
      services: new Map(),
    };
    expect(codeOf(checkHistory(members(), after))).toBe('trust_history_changed');
  });

  it.each<[string, Revocation | undefined, Revocation | undefined, boolean]>([
    ['none, to retired', undefined, retired(5), true],
    ['none, to compromised', undefined, stolen(5, 1), true],
    ['retired, to none', retired(5), undefined, false],
    ['compromised, to none', stolen(5, 1), undefined, false],
    ['retired, the same', retired(5), retired(5), true],
    ['retired, earlier', retired(5), retired(4), false],
    ['retired, later', retired(5), retired(6), false],
    ['retired, to compromised before', retired(5), stolen(7, 4), true],
    ['retired, to compromised just then', retired(5), stolen(7, 5), true],
    ['retired, to compromised after', retired(5), stolen(7, 6), false],
    ['compromised, to retired', stolen(5, 1), retired(1), false],
    ['compromised, the same', stolen(5, 3), stolen(5, 3), true],
    ['compromised, since earlier', stolen(5, 3), stolen(5, 2), true],
    ['compromised, since later', stolen(5, 3), stolen(5, 4), false],
    ['compromised, known at another time', stolen(5, 3), stolen(6, 3), false],
  ])('%s', (_, before, after, isAllowed) => {
    const code = isAllowed ? undefined : 'trust_history_changed';
    for (const map of ['approver', 'service', 'boundary'] as const) {
      const of = (revoked: Revocation | undefined) => members({ [map]: revoked === undefined ? {} : { revoked } });
      expect(codeOf(checkHistory(of(before), of(after))), map).toBe(code);
    }
  });

  const dayNumber = fc.integer({ min: 0, max: 8 });
  const revocation = fc.option(
    fc.oneof(
      dayNumber.map(retired),
      fc.tuple(dayNumber, dayNumber).map(([a, b]) => stolen(Math.max(a, b), Math.min(a, b))),
    ),
    { nil: undefined },
  );
  const approver = (revoked: Revocation | undefined) => ({ approver: revoked === undefined ? {} : { revoked } });

  it('never lets a signature count again that did not', () => {
    const chain = fc.array(revocation, { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(chain, dayNumber, (versions, when) => {
        const isLegal = versions.every(
          (after, i) => i === 0 || checkHistory(members(approver(versions[i - 1])), members(approver(after))).ok,
        );
        fc.pre(isLegal);
        const counts = versions.map((revoked) => {
          const [, key] = keyApprover(keys.approver, 'alice', approver(revoked).approver);
          return checkRevoked(key, { loggedAt: T + when * DAY }).ok;
        });
        // Once refused, refused in every later version.
        expect(counts.join()).toMatch(/^(true,?)*(false,?)*$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds from the first version to the last if it holds from one to the next', () => {
    fc.assert(
      fc.property(revocation, revocation, revocation, (a, b, c) => {
        const [first, second, third] = [a, b, c].map((revoked) => members(approver(revoked)));
        fc.pre(checkHistory(first!, second!).ok && checkHistory(second!, third!).ok);
        expect(checkHistory(first!, third!).ok).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

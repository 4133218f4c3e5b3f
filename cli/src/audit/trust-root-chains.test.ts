import { createServiceKey, createTrustVersion, type TestTrustVersion } from '@assent/test-support';
import { verifyTrustRoot } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import type { LoggedTrustRoot } from './bundle-job.ts';
import { TrustRootChains } from './trust-root-chains.ts';

const START = Date.parse('2026-04-03T17:00:00.000Z');
const root = createServiceKey();
const first = createTrustVersion({ rootKeys: [root], issuedAt: START });
const second = createTrustVersion({ previous: first, issuedAt: START + 1000 });
const third = createTrustVersion({ previous: second, issuedAt: START + 2000 });

function logged(version: TestTrustVersion, index: number, more: Partial<LoggedTrustRoot> = {}): LoggedTrustRoot {
  const loggedAt = Date.parse(version.trustRoot.issued_at) + 1000;
  const payload = Buffer.from(version.payload).toString('base64');
  const signers = [...(version.trustRoot.root.keys.keys() ?? [])];
  return { index, loggedAt, payload, signers, ...more };
}

const codes = (added: { findings: readonly { code: string; because?: string }[] }) =>
  added.findings.map(({ code, because }) => (because === undefined ? code : `${code} ${because}`));

describe('TrustRootChains', () => {
  it('lets versions follow one another', () => {
    const chains = new TrustRootChains(undefined);
    for (const [index, version] of [first, second, third].entries()) {
      expect(chains.add(logged(version, index), true)).toEqual({ findings: [], isFollowed: true });
    }
  });

  it('finds a version that follows nothing', () => {
    const chains = new TrustRootChains(undefined);
    chains.add(logged(first, 0), true);
    expect(codes(chains.add(logged(third, 1), true))).toEqual(['trust_root_broken']);
  });

  it('can’t tell where an entry before it was not to be read', () => {
    const chains = new TrustRootChains(undefined);
    expect(chains.add(logged(third, 1), false)).toEqual({ findings: [], isFollowed: false });
  });

  it('finds a version that the root keys before it did not sign', () => {
    const chains = new TrustRootChains(undefined);
    chains.add(logged(first, 0), true);
    const taken = createTrustVersion({ previous: first, rootKeys: [createServiceKey()], issuedAt: START + 1000 });
    expect(codes(chains.add(logged(taken, 1), true))).toEqual(['trust_root_broken threshold_not_met']);
  });

  it.each([
    ['behind', 6 * 60_000, ['trust_root_time']],
    ['within 5 minutes behind', 4 * 60_000, []],
    ['within 30 days ahead', -29 * 86_400_000, []],
    ['ahead', -31 * 86_400_000, ['trust_root_time']],
  ])('compares the time of issue with that of logging: %s', (_, after, expected) => {
    const chains = new TrustRootChains(undefined);
    expect(codes(chains.add(logged(first, 0, { loggedAt: START + after }), true))).toEqual(expected);
  });

  it('compares the versions of the user’s own trust root, and says how far the log is', async () => {
    const verified = await verifyTrustRoot(first.digest, [first.item, second.item]);
    if (!verified.ok) throw new Error(verified.detail);
    const chains = new TrustRootChains(verified.value.chain);
    const other = createTrustVersion({ previous: first, issuedAt: START + 1500 });
    expect(codes(chains.add(logged(first, 0), true))).toEqual([]);
    expect(codes(chains.add(logged(other, 1), true))).toEqual(['trust_root_other']);
    expect(chains.newestOwn).toBe(2);
    const stranger = createTrustVersion({ rootKeys: [createServiceKey()], issuedAt: START });
    expect(codes(chains.add(logged(stranger, 2), true))).toEqual([]);
    expect(chains.newestOwn).toBe(2);
  });
});

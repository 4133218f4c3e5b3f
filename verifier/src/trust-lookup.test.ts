import { createServiceKey, type TestKey } from '@assent/test-support/approvals';
import { codeOf, unwrap } from '@assent/test-support/results';
import { createTrustVersion, keyApprover, trustedBoundary, trustedService } from '@assent/test-support/trust-roots';
import { describe, expect, it } from 'vitest';
import { formatTime } from './time.ts';
import { verifyTrustRoot } from './trust-chain.ts';
import {
  isPolicyListed,
  isPolicyListedNow,
  listedBoundary,
  listedKey,
  newestVersion,
  versionInForce,
} from './trust-lookup.ts';
import type { ListedPolicy, Revocation, TrustChain, TrustedBoundary } from './trust-root.ts';

const HOUR = 3_600_000;
const T = Date.parse('2026-04-01T00:00:00.000Z');
const hour = (n: number) => formatTime(T + n * HOUR);
const root = createServiceKey();
const key = createServiceKey();
const keyid = key.publicKey.keyid;
const digest = `sha256:${'ab'.repeat(32)}`;

type Version = { readonly at: number; readonly boundary?: Partial<TrustedBoundary>; readonly policy?: ListedPolicy };

/** Versions that were issued at these hours. */
async function chainOf(...versions: readonly Version[]): Promise<TrustChain> {
  let previous: ReturnType<typeof createTrustVersion> | undefined;
  const items = versions.map(({ at, boundary, policy }) => {
    previous = createTrustVersion({
      rootKeys: [root],
      issuedAt: T + at * HOUR,
      ...(previous && { previous }),
      members: {
        boundaries: new Map(boundary && [trustedBoundary(key, 'gw', { valid_from: hour(-99), ...boundary })]),
        policies: new Map(policy && [[digest, policy]]),
      },
    });
    return previous;
  });
  return unwrap(
    await verifyTrustRoot(
      items[0]!.digest,
      items.map(({ item }) => item),
    ),
  ).chain;
}

describe('versionInForce', () => {
  it('is the highest one issued by then, to the millisecond', async () => {
    const chain = await chainOf({ at: 0 }, { at: 2 }, { at: 5 });
    const table: readonly [number, number | undefined][] = [
      [T - 1, undefined],
      [T, 1],
      [T + 2 * HOUR - 1, 1],
      [T + 2 * HOUR, 2],
      [T + 5 * HOUR - 1, 2],
      [T + 5 * HOUR, 3],
      [T + 500 * HOUR, 3],
    ];
    for (const [at, version] of table) expect(versionInForce(chain, at)?.version, formatTime(at)).toBe(version);
    expect(newestVersion(chain).version).toBe(3);
  });
});

describe('isPolicyListed', () => {
  it('asks the version in force at each moment, and never a later one', async () => {
    const listedIn2 = await chainOf({ at: 0 }, { at: 2, policy: { valid_from: hour(-9) } }, { at: 5 });
    for (const logged of [-1, 0, 1, 2, 3, 4, 5, 6]) {
      const isIn2 = (at: number) => at >= 2 && at < 5;
      const loggedAt = T + logged * HOUR;
      expect(isPolicyListed(listedIn2, digest, { loggedAt }), `${logged}`).toBe(isIn2(logged));
      for (const seen of [-1, 0, 1, 2, 3, 4, 5, 6]) {
        const both = isIn2(logged) && isIn2(seen);
        expect(isPolicyListed(listedIn2, digest, { loggedAt, seenBy: T + seen * HOUR }), `${logged} ${seen}`).toBe(
          both,
        );
      }
    }
    expect(isPolicyListed(listedIn2, `sha256:${'00'.repeat(32)}`, { loggedAt: T + 3 * HOUR })).toBe(false);
  });

  it('keeps to its validity, to the millisecond', async () => {
    const chain = await chainOf({ at: 0, policy: { valid_from: hour(1), valid_until: hour(3) } });
    const at = (ms: number) => isPolicyListed(chain, digest, { loggedAt: ms });
    expect([T + HOUR - 1, T + HOUR, T + 3 * HOUR - 1, T + 3 * HOUR].map(at)).toEqual([false, true, true, false]);
  });
});

describe('isPolicyListedNow', () => {
  it("asks the newest version, at the caller's time or else at its own", async () => {
    const old = { valid_from: hour(0), valid_until: hour(6) };
    const chain = await chainOf({ at: 0, policy: { valid_from: hour(0) } }, { at: 2, policy: old });
    expect(isPolicyListedNow(chain, digest, T + 6 * HOUR - 1)).toBe(true);
    expect(isPolicyListedNow(chain, digest, T + 6 * HOUR)).toBe(false);
    expect(isPolicyListedNow(chain, digest, undefined)).toBe(true);
    const early = await chainOf({ at: 0 }, { at: 2, policy: { valid_from: hour(3) } });
    expect(isPolicyListedNow(early, digest, undefined)).toBe(false);
    expect(isPolicyListedNow(early, digest, T + 3 * HOUR)).toBe(true);
    expect(isPolicyListedNow(await chainOf({ at: 0, policy: old }, { at: 2 }), digest, T)).toBe(false);
  });
});

describe('listedBoundary', () => {
  const retired: Revocation = { reason: 'retired', at: hour(4) };
  const stolen: Revocation = { reason: 'compromised', at: hour(9), since: hour(4) };

  it.each<[string, readonly Version[], number, number | undefined, string | undefined]>([
    ['before there was a version', [{ at: 0, boundary: {} }], -1, undefined, 'trust_not_in_force'],
    ['when it is listed', [{ at: 0, boundary: {} }], 0, undefined, undefined],
    ['before it is listed', [{ at: 0 }, { at: 2, boundary: {} }], 1, undefined, 'signer_not_listed'],
    ['when it is listed, seen before that', [{ at: 0 }, { at: 2, boundary: {} }], 2, 1, 'signer_not_listed'],
    ['before it is valid', [{ at: 0, boundary: { valid_from: hour(3) } }], 2, undefined, 'key_not_valid'],
    ['when it begins to be', [{ at: 0, boundary: { valid_from: hour(3) } }], 3, 3, undefined],
    ['when it ends', [{ at: 0, boundary: { valid_until: hour(3) } }], 3, undefined, 'key_not_valid'],
    ['before it ends, seen after', [{ at: 0, boundary: { valid_until: hour(3) } }], 2, 3, 'key_not_valid'],
    [
      'within what was valid then',
      [
        { at: 0, boundary: {} },
        { at: 5, boundary: { valid_until: hour(1) } },
      ],
      2,
      2,
      undefined,
    ],
    [
      'before it retired',
      [
        { at: 0, boundary: {} },
        { at: 5, boundary: { revoked: retired } },
      ],
      3,
      3,
      undefined,
    ],
    [
      'when it retired',
      [
        { at: 0, boundary: {} },
        { at: 5, boundary: { revoked: retired } },
      ],
      4,
      undefined,
      'key_retired',
    ],
    [
      'before it retired, seen after',
      [
        { at: 0, boundary: {} },
        { at: 5, boundary: { revoked: retired } },
      ],
      3,
      4,
      'key_retired',
    ],
    [
      'before the theft',
      [
        { at: 0, boundary: {} },
        { at: 9, boundary: { revoked: stolen } },
      ],
      3,
      undefined,
      undefined,
    ],
    [
      'at the theft',
      [
        { at: 0, boundary: {} },
        { at: 9, boundary: { revoked: stolen } },
      ],
      4,
      undefined,
      'key_compromised',
    ],
    [
      'backdated by the thief',
      [
        { at: 0, boundary: {} },
        { at: 9, boundary: { revoked: stolen } },
      ],
      3,
      4,
      'key_compromised',
    ],
    [
      'after the theft by the log alone',
      [
        { at: 0, boundary: {} },
        { at: 9, boundary: { revoked: stolen } },
      ],
      4,
      3,
      undefined,
    ],
  ])('%s', async (_, versions, logged, seen, code) => {
    const moments = { loggedAt: T + logged * HOUR, seenBy: seen === undefined ? undefined : T + seen * HOUR };
    const chain = await chainOf(...versions);
    const found = listedBoundary(chain, keyid, moments);
    expect(codeOf(found)).toBe(code);
    expect(codeOf(listedKey(chain, keyid, moments))).toBe(code);
    if (found.ok) expect(found.value.name).toBe('gw');
  });
});

describe('listedKey', () => {
  it('finds approvers, services and boundaries, each under its own kind', async () => {
    const [alice, service, gateway] = [createServiceKey(), createServiceKey(), createServiceKey()];
    const { digest: rootId, item } = createTrustVersion({
      rootKeys: [root],
      issuedAt: T,
      members: {
        approvers: new Map([keyApprover(alice, 'alice@example.com')]),
        services: new Map([trustedService(service)]),
        boundaries: new Map([trustedBoundary(gateway, 'gw')]),
      },
    });
    const { chain } = unwrap(await verifyTrustRoot(rootId, [item]));
    const find = (at: TestKey) => unwrap(listedKey(chain, at.publicKey.keyid, { loggedAt: T }));
    expect(find(alice)).toHaveProperty('holder', 'alice@example.com');
    expect(find(service)).toHaveProperty('name', 'approvals.example.com');
    expect(find(gateway)).toHaveProperty('name', 'gw');
    expect(codeOf(listedKey(chain, root.publicKey.keyid, { loggedAt: T }))).toBe('signer_not_listed');
  });
});

import { createServiceKey, createTestLog, createTrustVersion, trustedBoundary } from '@assent/test-support';
import { createTestOrganization } from '@assent/test-support/organizations';
import { type Statement, type VerifyOptions, verifyReceipt, verifyTrustRoot } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { boundaryName, refuseUnlessConsumable } from './consumable.ts';

const log = createTestLog({ origin: 'log.example.com' });
const acme = createTestOrganization({ rootKey: createServiceKey() });
const { keyid } = acme.boundary.publicKey;

async function judge(overrides: Partial<Statement>, pins: (own: VerifyOptions) => VerifyOptions = (own) => own) {
  const approval = acme.approve({ origin: log.origin, overrides });
  const { receipt } = log.append({ content: approval.envelope });
  return verifyReceipt(
    receipt,
    pins({
      logKeys: [log.vkey],
      trustRoot: acme.trustRoot,
      approvalPolicy: acme.approvalPolicy,
      intent: { ...approval.intent },
      at: Date.now(),
    }),
  );
}
async function failureOf(action: () => unknown): Promise<[string, string | undefined]> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CommandFailure) return [error.kind, error.extras.checks?.[0]?.code];
    throw error;
  }
  throw new Error('it was not refused');
}

describe('an approval is worth consuming', () => {
  it('where all that authorizes was checked, but for its use', async () => {
    const approval = refuseUnlessConsumable(await judge({}), keyid, 'authorized');
    expect(approval.boundaries).toEqual([keyid]);
  });

  it.each<[string, [string, string | undefined], () => Promise<unknown>]>([
    [
      'it was rejected',
      ['evidence_refused', undefined],
      async () => refuseUnlessConsumable(await judge({ decision: 'rejected' }), keyid, 'authentic'),
    ],
    [
      'another boundary is named',
      ['evidence_refused', 'boundary_mismatch'],
      async () => refuseUnlessConsumable(await judge({}), createServiceKey().publicKey.keyid, 'authorized'),
    ],
    [
      'no boundary is named',
      ['evidence_refused', 'boundary_mismatch'],
      async () =>
        refuseUnlessConsumable(
          await judge(
            { boundaries: undefined } as unknown as Partial<Statement>,
            ({ approvalPolicy: _, ...own }) => own,
          ),
          keyid,
          'authentic',
        ),
    ],
    [
      'nothing says who may approve',
      ['usage', undefined],
      async () => refuseUnlessConsumable(await judge({}, ({ trustRoot: _, ...own }) => own), keyid, 'authorized'),
    ],
    [
      'nothing says what will run',
      ['usage', undefined],
      async () => refuseUnlessConsumable(await judge({}, ({ intent: _, ...own }) => own), keyid, 'authorized'),
    ],
    [
      'another action will run',
      ['evidence_refused', 'intent_mismatch'],
      async () =>
        refuseUnlessConsumable(await judge({}, (own) => ({ ...own, intent: { type: 'x' } })), keyid, 'authentic'),
    ],
    [
      'nobody says who signed the tree',
      ['usage', undefined],
      async () => refuseUnlessConsumable(await judge({}, ({ logKeys: _, ...own }) => own), keyid, 'authentic'),
    ],
    [
      'it has expired',
      ['evidence_refused', 'expired'],
      async () =>
        refuseUnlessConsumable(await judge({}, (own) => ({ ...own, at: Date.now() + 3_600_000 })), keyid, 'authentic'),
    ],
  ])('not where %s', async (_, failure, action) => {
    expect(await failureOf(action)).toEqual(failure);
  });

  it('not where it may be used again', async () => {
    const report = await judge({ use: 'multiple' }, ({ approvalPolicy: _, ...own }) => own);
    expect(await failureOf(() => refuseUnlessConsumable(report, keyid, 'authentic'))).toEqual(['usage', undefined]);
  });

  it('without a policy, where that is said', async () => {
    const report = await judge({}, ({ approvalPolicy: _, ...own }) => own);
    expect(refuseUnlessConsumable(report, keyid, 'authentic').use).toBe('single');
    expect(await failureOf(() => refuseUnlessConsumable(report, keyid, 'authorized'))).toEqual(['usage', undefined]);
  });
});

describe('the name of the boundary', () => {
  const now = Date.now();
  const pin = async (more: Parameters<typeof trustedBoundary>[2] = {}) => {
    const version = createTrustVersion({
      rootKeys: [createServiceKey()],
      issuedAt: now - 1000,
      members: { boundaries: new Map([trustedBoundary(acme.boundary, 'gw', more)]) },
    });
    const verified = await verifyTrustRoot(version.digest, [version.item]);
    if (!verified.ok) throw new Error(verified.detail);
    return { trustRoot: verified.value };
  };

  it('is what the trust root says', async () => {
    expect(boundaryName(await pin(), keyid, undefined, now)).toBe('gw');
    expect(boundaryName(await pin(), keyid, 'gw', now)).toBe('gw');
    expect(boundaryName({}, keyid, 'gw', now)).toBe('gw');
  });

  it('has to be said where nothing says it, and fit where something does', async () => {
    expect(await failureOf(() => boundaryName({}, keyid, undefined, now))).toEqual(['usage', undefined]);
    expect(await failureOf(async () => boundaryName(await pin(), keyid, 'gw2', now))).toEqual(['usage', undefined]);
  });

  it('is of no use for a key that is not listed, or not any more', async () => {
    const stranger = createServiceKey().publicKey.keyid;
    expect(await failureOf(async () => boundaryName(await pin(), stranger, 'gw', now))).toEqual([
      'evidence_refused',
      'signer_not_listed',
    ]);
    const retired = { revoked: { reason: 'retired', at: '2026-01-01T00:00:00.000Z' } } as const;
    expect(await failureOf(async () => boundaryName(await pin(retired), keyid, 'gw', now))).toEqual([
      'evidence_refused',
      'key_retired',
    ]);
  });
});

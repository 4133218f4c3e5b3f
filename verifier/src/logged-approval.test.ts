import { createApproval, createAuthenticator, createServiceKey } from '@assent/test-support';
import { createTestOrganization } from '@assent/test-support/organizations';
import { describe, expect, it } from 'vitest';
import { checkContent } from './content.ts';
import { loggedApprovalJudge } from './logged-approval.ts';

const origin = 'log.example.com/approvals';
const acme = createTestOrganization({ rootKey: createServiceKey() });
const pins = { trustRoot: acme.trustRoot, approvalPolicy: acme.approvalPolicy };
const place = () => ({ index: 7, loggedAt: Date.now() });

async function judged(options: Parameters<typeof acme.approve>[0] & { reveal?: boolean }, with_ = pins) {
  const { reveal = true, ...rest } = options;
  const { envelope, intent } = acme.approve(rest);
  const content = await checkContent({ kind: 'approval', content: envelope, origin, ...(reveal && { intent }) });
  const checks = await loggedApprovalJudge(with_)(content, place());
  return Object.fromEntries(
    checks.map(({ id, status, code }) => [id, code === undefined ? status : `${status} ${code}`]),
  );
}

describe('loggedApprovalJudge', () => {
  it('judges signers, revocations, policy and time of what an entry reveals', async () => {
    expect(await judged({ origin })).toEqual({
      trust: 'pass',
      revocation: 'pass',
      policy: 'pass',
      window: 'skip no_time',
    });
  });

  it('judges no policy where the intent is not public', async () => {
    expect(await judged({ origin, reveal: false })).toMatchObject({ trust: 'pass', policy: 'skip no_intent' });
  });

  it('refuses whom the trust root does not list', async () => {
    const stranger = createAuthenticator({ rpId: 'approvals.example.com' });
    expect(await judged({ origin, authenticator: stranger })).toMatchObject({ trust: 'fail signer_not_listed' });
  });

  it('refuses an approval that was logged after it had expired', async () => {
    const hourAgo = Date.now() - 3_600_000;
    expect(await judged({ origin, now: hourAgo })).toMatchObject({ window: 'fail expired' });
  });

  it('says nothing about what did not pass, or is no approval', async () => {
    const { envelope } = createApproval({ origin: 'another.log', serviceKey: createServiceKey() });
    const content = await checkContent({ kind: 'approval', content: envelope, origin });
    expect(await loggedApprovalJudge(pins)(content, place())).toEqual([]);
  });

  it('throws for pins that are none', () => {
    expect(() => loggedApprovalJudge({ trustRoot: { rootId: 'sha256:no' } })).toThrow(TypeError);
    expect(() => loggedApprovalJudge({ approvalPolicy: {} })).toThrow(TypeError);
    expect(() => loggedApprovalJudge({ at: -1 })).toThrow(RangeError);
  });
});

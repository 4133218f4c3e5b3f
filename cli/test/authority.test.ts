import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createAuthenticator, createServiceKey, createTestLog } from '@assent/test-support';
import { createTrustVersion, passkeyApprover } from '@assent/test-support/trust-roots';
import { parsePolicy, policyDigest, type Report } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { jsonOf, type Run, runAssent, temporaryFolder } from './run-assent.ts';

const folder = temporaryFolder();
function file(name: string, content: unknown): string {
  const there = path.join(folder, name);
  writeFileSync(there, typeof content === 'string' ? content : JSON.stringify(content));
  return there;
}

const policyText = JSON.stringify({
  type: 'assent/policy/v1',
  name: 'acme-payments',
  rules: [
    {
      id: 'refund',
      action: 'payment.refund',
      connector: 'stripe/*',
      effect: 'approve',
      require: { approvals: 1, roles: ['finance'], use: 'multiple' },
    },
  ],
});
const parsed = parsePolicy(policyText);
if (!parsed.ok) throw new Error(parsed.detail);
const digest = policyDigest(parsed.value);

const alice = createAuthenticator();
const root = createTrustVersion({
  rootKeys: [createServiceKey()],
  members: {
    approvers: new Map([passkeyApprover(alice, 'alice@example.com')]),
    policies: new Map([[digest, { valid_from: '2020-01-01T00:00:00.000Z' }]]),
  },
});
const log = createTestLog({ origin: 'log.example.com/approvals' });
const approval = createApproval({
  origin: log.origin,
  authenticator: alice,
  overrides: { organization: root.digest, policy: { digest, rule: 'refund' }, use: 'multiple' },
});
const receipt = file('receipt.json', log.append({ content: approval.envelope }).receipt);
const intent = file('intent.json', approval.intent);
const versions = file('versions.json', [root.item]);
const policy = file('policy.json', policyText);

const pins = ['--log-key', log.vkey, '--intent', intent, '--at', 'now', '--offline', '--json'];
const verify = (...args: string[]): Promise<Run> => runAssent(['verify', receipt, ...pins, ...args]);
const strict = ['--require', 'authorized'];

describe('assent verify with a trust root and an approval policy', () => {
  it('authorizes what the right person approved under the pinned policy', async () => {
    const run = await verify(
      '--trust-root',
      root.digest,
      '--trust-versions',
      versions,
      '--approval-policy',
      policy,
      ...strict,
    );
    const report = jsonOf(run) as unknown as Report;
    expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect([report.verdict, run.exitCode]).toEqual(['authorized', 0]);
    expect(report.approval?.signers).toMatchObject([{ listed: { holder: 'alice@example.com', roles: ['finance'] } }]);
  });

  it.each<[string, readonly string[]]>([
    ['no policy', ['--trust-root', root.digest, '--trust-versions', versions]],
    ['no versions', ['--trust-root', root.digest, '--approval-policy', policy]],
    ['no trust root', ['--approval-policy', policy]],
  ])('does not with %s', async (_, args) => {
    const run = await verify(...args, ...strict);
    expect([jsonOf(run).verdict, run.exitCode]).toEqual(['authentic', 2]);
  });

  it('refuses it by another trust root', async () => {
    const other = createTrustVersion({ rootKeys: [createServiceKey()] });
    const run = await verify('--trust-root', other.digest, '--trust-versions', file('other.json', [other.item]));
    expect([jsonOf(run).verdict, run.exitCode]).toEqual(['refused', 1]);
  });

  it.each<[string, readonly string[], string]>([
    ['a root id that is none', ['--trust-root', 'acme'], 'usage'],
    ['versions of no root', ['--trust-versions', versions], 'usage'],
    ['versions that are no list', ['--trust-root', root.digest, '--trust-versions', policy], 'file_malformed'],
    [
      'versions of another root',
      ['--trust-root', `sha256:${'0'.repeat(64)}`, '--trust-versions', versions],
      'file_malformed',
    ],
    ['a policy that is none', ['--approval-policy', versions], 'file_malformed'],
    ['a policy that is not there', ['--approval-policy', `${policy}.away`], 'file_unreadable'],
  ])('ends at %s', async (_, args, code) => {
    const run = await verify(...args);
    expect([jsonOf(run).code, run.exitCode]).toEqual([code, 2]);
  });
});

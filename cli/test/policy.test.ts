import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createServiceKey, createTrustVersion } from '@assent/test-support';
import { formatTime } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';

const cwd = temporaryFolder();
const assent = (...args: string[]) => runAssent(args, { cwd });
const write = (name: string, content: unknown): void => writeFileSync(path.join(cwd, name), JSON.stringify(content));

describe('assent policy', () => {
  it('begins with a policy that passes its tests, and never overwrites one', async () => {
    const made = await assent('policy', 'new', '--name', 'acme', '-o', 'p.json', '--tests', 't.json');
    expect([made.exitCode, made.stdout, made.stderr]).toEqual([0, '', expect.stringContaining('distinct_roles')]);
    const again = await assent('policy', 'new', '-o', 'p.json', '--json');
    expect([again.exitCode, jsonOf(again).code]).toEqual([2, 'file_exists']);
    const tested = await assent('policy', 'test', 'p.json', 't.json', '--json');
    expect([tested.exitCode, jsonOf(tested)]).toMatchObject([0, { type: 'assent/policy-test-report/v1', failed: 0 }]);
    const linted = await assent('policy', 'lint', 'p.json', '--strict');
    expect([linted.exitCode, linted.stdout]).toEqual([0, '']);
    const shown = await assent('policy', 'show', 'p.json', '--json');
    expect(jsonOf(shown)).toMatchObject({ type: 'assent/policy-view/v1', name: 'acme', digest: jsonOf(tested).digest });
  });

  it('says which test failed, and why', async () => {
    write('deny.json', {
      type: 'assent/policy/v1',
      name: 'none',
      rules: [{ id: 'no', action: '*', connector: '*', effect: 'deny' }],
    });
    const tests = [
      { name: 'it is allowed', intent: { action: 'a', connector: 'c', args: {} }, expect: { effect: 'allow' } },
    ];
    write('tests.json', { type: 'assent/policy-tests/v1', tests });
    const run = await assent('policy', 'test', 'deny.json', 'tests.json');
    expect([run.exitCode, run.stdout]).toEqual([
      1,
      expect.stringContaining('✗ it is allowed\n    effect: expected allow, and it is deny'),
    ]);
    write('broken.json', { type: 'assent/policy-tests/v1', tests: [{ ...tests[0], expekt: 1 }] });
    const broken = await assent('policy', 'test', 'deny.json', 'broken.json', '--json');
    expect([broken.exitCode, jsonOf(broken).code]).toEqual([2, 'file_malformed']);
  });

  it('finds what is odd, and ends with 1 if that is asked for', async () => {
    const version = createTrustVersion({ rootKeys: [createServiceKey()] });
    write('versions.json', [version.item]);
    const run = await assent('policy', 'lint', 'p.json', '--trust-versions', 'versions.json', '--strict', '--json');
    expect(run.exitCode).toBe(1);
    const { findings } = jsonOf(run) as { findings: { code: string }[] };
    expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['unknown_role', 'policy_not_listed']));
    const issued = formatTime(Date.now() + 3_600_000);
    const { digest } = jsonOf(await assent('policy', 'show', 'p.json', '--json')) as { digest: string };
    const early = createTrustVersion({
      rootKeys: [createServiceKey()],
      members: { policies: new Map([[digest, { valid_from: issued }]]) },
      issuedAt: Date.parse(issued),
    });
    write('early.json', [early.item]);
    const ahead = await assent('policy', 'lint', 'p.json', '--trust-versions', 'early.json');
    expect(ahead.stdout).not.toContain('policy_not_listed');
    expect(ahead.stderr).toContain(`in force from ${issued} on`);
    write('no-policy.json', { ...JSON.parse(readFileSync(path.join(cwd, 'p.json'), 'utf8')), extra: 1 });
    const broken = await assent('policy', 'lint', 'no-policy.json', '--json');
    expect([broken.exitCode, jsonOf(broken).code]).toEqual([2, 'file_malformed']);
  });
});

describe('assent intent', () => {
  it('writes bytes whose hash is the digest that it says, each time with another salt', async () => {
    const make = [
      'intent',
      '--action',
      'payment.refund',
      '--connector',
      'stripe/a',
      '--arg',
      'amount=42.00',
      '--arg',
      'note=a=b',
      '--json',
    ];
    const run = await assent(...make, '-o', 'i.json');
    const { digest, canonical, intent } = jsonOf(run) as {
      digest: string;
      canonical: string;
      intent: { args: object };
    };
    expect(intent.args).toEqual({ amount: '42.00', note: 'a=b' });
    expect(readFileSync(path.join(cwd, 'i.json'), 'utf8')).toBe(canonical);
    const read = await assent('intent', 'i.json');
    expect(read.stdout).toBe(`digest     ${digest}\ncanonical  ${canonical}\n`);
    const bytes = await runAssent(['intent', '-', '--canonical'], { cwd, stdin: JSON.stringify(intent, null, 2) });
    expect(bytes.stdout).toBe(canonical);
    expect(jsonOf(await assent(...make)).digest).not.toBe(digest);
  });
});

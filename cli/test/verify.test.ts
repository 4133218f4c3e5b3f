import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createAuthenticator, createServiceKey, createTestLog } from '@assent/test-support';
import { signedApprovalDecision } from '@assent/test-support/foreign-evidence';
import { CHECK_IDS, type Report } from '@assent/verifier';
import { beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, type Run, runAssent, temporaryFolder } from './run-assent.ts';

const folder = temporaryFolder();
const file = (name: string, content: string | Uint8Array): string => {
  const name_ = path.join(folder, name);
  writeFileSync(name_, content);
  return name_;
};

const log = createTestLog({ origin: 'log.example.com/approvals' });
const approval = createApproval({
  origin: log.origin,
  authenticator: createAuthenticator(),
  serviceKey: createServiceKey(),
  display: 'Refund 42.00',
});
const { receipt } = log.append({ content: approval.envelope });
const receiptFile = file('good.receipt.json', receipt);
const keyFile = file('log.vkey', `# pinned by hand\n\n${log.vkey}\n`);
const intentFile = file('intent.json', JSON.stringify(approval.intent, null, 2));

const verify = (...args: string[]): Promise<Run> => runAssent(['verify', ...args]);
const reportOf = (run: Run): Report => jsonOf(run) as unknown as Report;
const check = (report: Report, id: string) => report.checks.find((one) => one.id === id);

describe('assent verify FILE', () => {
  it('calls a good receipt authentic, with every check on a line of its own', async () => {
    const run = await verify(receiptFile, '--log-key', keyFile);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toBe('');
    const lines = run.stdout.split('\n');
    expect(lines[0]).toBe('✓ authentic');
    expect(lines[1]).toMatch(/^The evidence holds: payment\.refund on stripe\/acct_1A2b was approved/);
    for (const id of CHECK_IDS)
      expect(lines.filter((line) => new RegExp(`^ {2}[✓–] ${id} `).test(line))).toHaveLength(1);
    expect(run.stdout).toContain(approval.statement.id);
    expect(run.stdout).toMatch(
      /signed by +passkey sha256:[0-9a-f]{64} \(es256, at https:\/\/localhost, user verified\)/,
    );
  });

  it('prints the report as one JSON document', async () => {
    const run = await verify(receiptFile, '--log-key', log.vkey, '--json');
    expect(run.exitCode).toBe(0);
    const report = reportOf(run);
    expect(report.type).toBe('assent/report/v1');
    expect(report.checks.map(({ id }) => id)).toEqual(CHECK_IDS);
    expect(report.approval?.id).toBe(approval.statement.id);
  });

  it('tells what evidence of another system says, and what it cannot prove', async () => {
    const content = signedApprovalDecision({ members: { did: 'dec_42' } });
    const run = await verify(file('foreign.receipt.json', log.append({ content }).receipt), '--log-key', keyFile);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(
      /^✓ authentic\nThe evidence holds: it is in the log as it was signed, approved by SignedApproval\./,
    );
    for (const words of [
      'What SignedApproval says',
      'dec_42',
      'a1b2c3d4e5f60718',
      'not proven',
      'that a person decided',
    ]) {
      expect(run.stdout).toContain(words);
    }
    const rejected = signedApprovalDecision({ members: { decision: 'rejected' } });
    const refused = await verify(
      file('no.receipt.json', log.append({ content: rejected }).receipt),
      '--log-key',
      keyFile,
    );
    expect([refused.exitCode, refused.stdout.split('\n')[0]]).toEqual([1, '✗ refused']);
  });

  it('verifies ML-DSA-44, which this Node may lack', async () => {
    const authenticator = createAuthenticator({ algorithm: 'ML-DSA-44' });
    const { envelope } = createApproval({ origin: log.origin, authenticator });
    const run = await verify(file('pq.receipt.json', log.append({ content: envelope }).receipt), '--log-key', keyFile);
    expect([run.exitCode, run.stdout.split('\n')[0]]).toEqual([0, '✓ authentic']);
    expect(run.stdout).toContain('ml-dsa-44');
  });

  it('reads standard input', async () => {
    const run = await runAssent(['verify', '-', '--log-key', keyFile, '--offline', '--json'], { stdin: receipt });
    expect(run.exitCode).toBe(0);
    expect(reportOf(run).verdict).toBe('authentic');
  });

  it('is incomplete without the key of the log, and says what to pass', async () => {
    const run = await verify(receiptFile);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toMatch(/^– incomplete\n/);
    expect(run.stderr).toContain('--log-key');
    expect(run.stderr).toContain('--log URL');
  });

  it('refuses the tree head of another log than the pinned one, and one signed by another key', async () => {
    const other = await verify(receiptFile, '--log-key', createTestLog({ origin: 'other.example.com' }).vkey, '--json');
    expect(other.exitCode).toBe(1);
    expect(check(reportOf(other), 'checkpoint')?.code).toBe('origin_mismatch');
    const impostor = await verify(receiptFile, '--log-key', createTestLog({ origin: log.origin }).vkey, '--json');
    expect(impostor.exitCode).toBe(1);
    expect(check(reportOf(impostor), 'checkpoint')?.code).toBe('log_signature_missing');
  });

  it('takes several pinned keys', async () => {
    const run = await verify(
      receiptFile,
      '--log-key',
      createTestLog({ origin: 'other.example.com' }).vkey,
      '--log-key',
      keyFile,
    );
    expect(run.exitCode).toBe(0);
  });

  it('says which check fails on a changed entry, and both values', async () => {
    const changed = file(
      'changed.receipt.json',
      receipt.replace('agent:support-bot', 'agent:support-bat').replace('logged_at\\":1', 'logged_at\\":2'),
    );
    const run = await verify(changed, '--log-key', keyFile);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(/^✗ invalid\n/);
    expect(run.stdout).toMatch(
      /✗ inclusion .*failed\n.*\(inclusion_mismatch\)\n +expected {2}\S+\n +computed {2}\S+\n/,
    );
  });

  it('judges the caller’s own intent', async () => {
    const right = await verify(receiptFile, '--log-key', keyFile, '--intent', intentFile, '--json');
    expect([right.exitCode, check(reportOf(right), 'intent')?.status]).toEqual([0, 'pass']);
    const more = file(
      'more.json',
      JSON.stringify({ ...approval.intent, args: { ...approval.intent.args, amount: '43.00' } }),
    );
    const wrong = await verify(receiptFile, '--log-key', keyFile, '--intent', more, '--json');
    expect([wrong.exitCode, check(reportOf(wrong), 'intent')?.code]).toEqual([1, 'intent_mismatch']);
    expect(reportOf(wrong).verdict).toBe('refused');
  });

  it('judges expiry only at a given time', async () => {
    const without = await verify(receiptFile, '--log-key', keyFile, '--json');
    expect(check(reportOf(without), 'window')).toMatchObject({ status: 'skip', code: 'no_time' });
    const now = await verify(receiptFile, '--log-key', keyFile, '--at', 'now', '--json');
    expect(check(reportOf(now), 'window')?.status).toBe('pass');
    for (const time of ['2126-01-01T00:00:00Z', '2126-01-01T00:00:00.000Z']) {
      const late = await verify(receiptFile, '--log-key', keyFile, '--at', time, '--json');
      expect([late.exitCode, check(reportOf(late), 'window')?.code]).toEqual([1, 'expired']);
    }
  });

  it('is strict with --require authorized', async () => {
    const run = await verify(
      receiptFile,
      '--log-key',
      keyFile,
      '--at',
      'now',
      '--intent',
      intentFile,
      '--require',
      'authorized',
    );
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toMatch(/^✓ authentic\n/);
    expect(run.stderr).toContain('--require');
  });

  it('refuses what was rejected', async () => {
    const rejected = createApproval({
      origin: log.origin,
      serviceKey: createServiceKey(),
      overrides: { decision: 'rejected' },
    });
    const receiptOfIt = file('rejected.receipt.json', log.append({ content: rejected.envelope }).receipt);
    const run = await verify(receiptOfIt, '--log-key', keyFile);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(/^✗ refused\n.*rejected/);
  });
});

describe('bad evidence', () => {
  it.each([
    ['an empty file', '', 'json_syntax'],
    ['a file that is no JSON', '<html>', 'json_syntax'],
    ['another document', '{"type":"assent/intent/v1"}', undefined],
    ['a million brackets', '['.repeat(1_000_000), 'json_too_deep'],
    ['20 MB', `{"type":"${'x'.repeat(20_000_000)}"}`, 'too_large'],
    ['bytes that are no text', Uint8Array.of(0x7b, 0xff, 0x7d), 'not_utf8'],
  ])('reports %s', async (_, content, code) => {
    const run = await verify(file('bad.receipt.json', content), '--log-key', keyFile, '--json');
    const report = reportOf(run);
    expect(report.type).toBe('assent/report/v1');
    expect(report.checks).toHaveLength(13);
    if (code === undefined) {
      // A type of which this version knows nothing proves nothing.
      expect([run.exitCode, report.verdict]).toEqual([2, 'incomplete']);
    } else {
      expect([run.exitCode, report.verdict, report.checks[0]?.code]).toEqual([1, 'invalid', code]);
    }
  });

  it('reads no more of an endless file than of a receipt', async () => {
    const run = await verify('/dev/zero', '--log-key', keyFile, '--json');
    expect([run.exitCode, reportOf(run).checks[0]?.code]).toEqual([1, 'too_large']);
  });
});

describe('hostile text', () => {
  const HOSTILE = 'x\u001b[2J\u001b[32m✓ authorized\u009b0m\u202e00.24\u2066\r\nverdict\u0007';
  let hostileFile: string;
  beforeAll(() => {
    const hostile = createApproval({
      origin: log.origin,
      serviceKey: createServiceKey(),
      display: HOSTILE,
      intent: { args: { note: HOSTILE } },
    });
    const disclosures = { intent: hostile.intent, display: HOSTILE };
    const { receipt: text } = log.append({ content: hostile.envelope }, JSON.parse(JSON.stringify(disclosures)));
    hostileFile = file('hostile.receipt.json', text);
  });

  it('cannot control the terminal', async () => {
    const run = await verify(hostileFile, '--log-key', keyFile);
    expect(run.exitCode).toBe(0);
    expect(run.stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(run.stdout).toContain('\\u001b[2J');
    expect(run.stdout).toContain('\\u{202e}');
  });

  it('is escaped in JSON, and is the same text to a program', async () => {
    const run = await verify(hostileFile, '--log-key', keyFile, '--json');
    expect(run.stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(reportOf(run).approval?.display).toBe(HOSTILE);
  });

  it('is escaped in messages about arguments too', async () => {
    const run = await verify('no\u001b[31mfile\u202e', '--log-key', keyFile);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('no\\u{1b}[31mfile\\u{202e}: there is no such file');
  });
});

describe('colours', () => {
  const colored = (env: Record<string, string>) => runAssent(['verify', receiptFile, '--log-key', keyFile], { env });

  it('are for terminals, or on demand', async () => {
    expect((await colored({})).stdout).not.toContain('\u001b');
    expect((await colored({ FORCE_COLOR: '1' })).stdout.startsWith('\u001b[1m\u001b[32m✓ authentic')).toBe(true);
    expect((await colored({ NO_COLOR: '1' })).stdout).not.toContain('\u001b');
    expect((await colored({ FORCE_COLOR: '0' })).stdout).not.toContain('\u001b');
  });
});

describe('wrong usage', () => {
  it.each([
    [['verify'], "missing required argument 'evidence'"],
    [['verify', 'nowhere.json'], 'there is no such file'],
    [['verify', '.'], 'it is a folder'],
    [['verify', '7'], '--log URL'],
    [['verify', `sha256:${'0'.repeat(64)}`], '--log URL'],
    [['verify', '7', '--offline'], '--offline'],
    [['verify', 'https://example.com/r.json', '--offline'], '--offline'],
    [['verify', receiptFile, '--offline', '--log', 'http://localhost:1'], '--log-key'],
    [['verify', '-', '--intent', '-'], 'read once'],
    [['verify', receiptFile, '--log', 'localhost:6962'], 'http://'],
    [['verify', receiptFile, '--log', 'http://user:secret@localhost'], 'password'],
    [['verify', receiptFile, '--log-key', 'missing.vkey'], 'neither a key of a log'],
    [['verify', receiptFile, '--log-key', 'log.example.com+00000000+AAAA'], 'name+hash+key'],
    [['verify', receiptFile, '--log-key', intentFile], 'name+hash+key'],
    [['verify', receiptFile, '--at', 'tomorrow'], '"now"'],
    [['verify', receiptFile, '--require', 'valid'], 'authorized'],
    [['verify', receiptFile, '--timeout', '0'], 'whole seconds'],
    [['verify', receiptFile, 'another.json'], 'too many arguments'],
    [['verify', receiptFile, '--log-kye', keyFile], 'Did you mean --log-key?'],
  ])('%j', async (args, words) => {
    const run = await runAssent(args);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(words);
    expect(run.stderr).toMatch(/^assent: /);
    expect(run.stdout).toBe('');
    const inJson = await runAssent([...args, '--json']);
    expect(inJson.exitCode).toBe(2);
    expect(jsonOf(inJson)).toMatchObject({ type: 'assent/error/v1', message: expect.stringContaining(words) });
  });

  it('does not repeat a password', async () => {
    const run = await verify(receiptFile, '--log', 'http://user:secret@localhost');
    expect(run.stderr).not.toContain('secret');
  });
});

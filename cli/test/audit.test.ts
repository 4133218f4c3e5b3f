/** `assent audit`, the built program. What it finds in which lie is in src/audit/audit-log.test.ts; here is how it runs and ends. */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditReport } from '../src/audit/audit-report.ts';
import { jsonOf, type Run, runAssent, startAssent, temporaryFolder } from './run-assent.ts';

let log: LyingLog;
const audit = (...args: string[]): Promise<Run> =>
  runAssent(['audit', log.url, '--log-key', log.vkey, '--threads', '1', ...args]);
const reportOf = (run: Run): AuditReport => jsonOf(run) as unknown as AuditReport;
const newState = () => path.join(temporaryFolder(), 'state');

beforeAll(async () => {
  log = await startLyingLog();
});
afterAll(() => log.close());

const start = (args: readonly string[]) =>
  startAssent(['audit', log.url, '--log-key', log.vkey, '--threads', '1', ...args]);

/** Resolves when the log was asked for something that it never answers. */
function stalled(wanted: RegExp): Promise<void> {
  return waitUntil('the log was asked', () => log.requests.some((request) => wanted.test(request)));
}

describe('assent audit', () => {
  it('says what was checked, what was read and what was not checked, and keeps its state where it is told', async () => {
    const state = newState();
    const html = path.join(temporaryFolder(), 'audit.html');
    const run = await audit('--state', state, '--html', html);
    expect(run.stderr).toBe('');
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(/^✓ clean\nNothing was found wrong in 600 entries of log\.example\.com\/approvals\.\n/);
    expect(run.stdout).toContain('  ✓ Approvals were consumed once, and by right');
    expect(run.stdout).toContain('What was not checked');
    expect(readdirSync(state).sort()).toContain('audit.json');
    const page = readFileSync(html, 'utf8');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toContain('<script');
  });

  it('ends with 1 and a report for programs where there are findings', async () => {
    log.lie = 'changed-entry';
    const run = await audit('--no-state', '--json').finally(() => {
      log.lie = undefined;
    });
    expect(run.exitCode).toBe(1);
    const report = reportOf(run);
    expect(report).toMatchObject({ type: 'assent/audit/v1', verdict: 'findings' });
    expect(report.findings.by_code.entry_changed).toBe(3);
  });

  it('ends with 2 where nothing is wrong and something could not be checked', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'checkpoint'), log.log.checkpoint(0));
    const run = await runAssent(['audit', folder, '--no-state', '--threads', '1']);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toMatch(/^– incomplete/);
    expect(run.stdout).toContain('no key of the log was given');
  });

  it('ends with 3 where nobody answers', async () => {
    await log.refuse();
    const run = await audit('--no-state', '--attempts', '1', '--json').finally(() => log.listen());
    expect(run.exitCode).toBe(3);
    expect(jsonOf(run)).toMatchObject({ type: 'assent/error/v1', code: 'unreachable' });
  });

  it.each<[string, readonly string[]]>([
    ['--trust-root without versions', ['--trust-root', `sha256:${'0'.repeat(64)}`]],
    ['a policy without a trust root', ['--approval-policy', '/dev/null']],
    ['--new without a state', ['--new', '--no-state']],
    ['a time that is none', ['--as-of', 'yesterday']],
  ])('refuses %s, before it asks the log', async (_, flags) => {
    log.requests.length = 0;
    const run = await audit(...flags);
    expect(run.exitCode).toBe(2);
    expect(log.requests).toEqual([]);
  });

  it('goes on where Ctrl-C stopped it, and keeps others away meanwhile', async () => {
    const state = newState();
    log.requests.length = 0;
    log.lie = 'never-ends';
    log.lieOn = /entries\/002/;
    const { child, ended } = start(['--state', state]);
    await stalled(/entries\/002/);
    const second = await audit('--state', state);
    expect(second.exitCode).toBe(2);
    expect(second.stderr).toContain('in use by another assent process');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    log.lie = undefined;
    log.requests.length = 0;
    const run = await audit('--state', state, '--json');
    expect(run.exitCode).toBe(0);
    expect(reportOf(run).counts).toMatchObject({ trust_roots: 1, sealed: 75 });
    expect(log.requests).not.toContain('tile/entries/000');
  });

  it('ends at once at the second Ctrl-C', async () => {
    log.requests.length = 0;
    log.lie = 'never-ends';
    log.lieOn = /entries\/000/;
    const { child, ended } = start(['--no-state']);
    await stalled(/entries\/000/);
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    log.lie = undefined;
    log.lieOn = /^/;
  });

  it('refuses the state of a newer version, and leaves it as it is', async () => {
    const state = temporaryFolder();
    const text = '{"type":"assent/audit-state/v2","heads":[]}';
    writeFileSync(path.join(state, 'audit.json'), text);
    const run = await audit('--state', state);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('newer version of assent');
    expect(readFileSync(path.join(state, 'audit.json'), 'utf8')).toBe(text);
  });

  it('says so where it can’t write its state', async () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const run = await audit('--state', path.join(file, 'state'));
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(/cannot make .*a part of its path is no folder/);
    // Root writes where nobody may; everybody else is told.
    if (process.getuid?.() === 0) return;
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    const readOnly = await audit('--state', path.join(folder, 'state'));
    expect(readOnly.stderr).toContain('permission denied');
    expect(existsSync(path.join(folder, 'state'))).toBe(false);
  });
});

/** Audits of a real log and of copies of it, after kill -9, on a full disk, and into a pipe that is closed. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createAuthenticator, createConsumption, createServiceKey } from '@assent/test-support';
import { createSmallDisk, whyNoSmallDisk } from '@assent/test-support/fault/small-disk';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { formatTime } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditReport } from '../src/audit/audit-report.ts';
import { jsonOf, PROGRAM, type Run, runAssent, temporaryFolder } from './run-assent.ts';
import { type RunningLog, startLog } from './running-log.ts';

const reportOf = (run: Run): AuditReport => jsonOf(run) as unknown as AuditReport;

describe('assent audit, of a log that runs', () => {
  let log: RunningLog;
  let vkey: string;
  const boundary = createServiceKey();
  const alice = createAuthenticator();

  beforeAll(async () => {
    log = await startLog();
    vkey = ((await (await fetch(`${log.url}/api/v1/log`)).json()) as { vkeys: string[] }).vkeys[0]!;
  });
  afterAll(() => log?.stop());

  const post = async (to: string, body: object): Promise<unknown> => {
    const response = await fetch(`${log.url}/api/v1/${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${log.apiKey}` },
      body: JSON.stringify(body),
    });
    expect(response.status).toBeLessThan(300);
    return response.json();
  };
  const approve = () =>
    createApproval({
      origin: log.origin,
      authenticator: alice,
      overrides: { boundaries: [boundary.publicKey.keyid] },
    });

  it('finds nothing wrong in it, in its export, and in a mirror, and sees that they are of one tree', async () => {
    const approvals = Array.from({ length: 300 }, approve);
    for (let at = 0; at < approvals.length; at += 100) {
      const entries = approvals
        .slice(at, at + 100)
        .map(({ envelope }) => ({ kind: 'approval', content: envelope, visibility: 'open' }));
      await post('entries/batch', { entries });
    }
    for (const approval of approvals.slice(0, 20)) {
      const overrides = { at: formatTime(Date.now()) };
      await post('consumptions', { content: createConsumption({ approval, key: boundary, overrides }).envelope });
    }
    const state = path.join(temporaryFolder(), 'state');
    const audit = (place: string) => runAssent(['audit', place, '--log-key', vkey, '--state', state, '--json']);
    const online = await audit(log.url);
    expect(online.exitCode).toBe(0);
    expect(reportOf(online)).toMatchObject({
      verdict: 'clean',
      audited: { size: 320 },
      counts: { approved: 300, consumptions: 20, passkeys: 300, es256: 300 },
      findings: { total: 0 },
    });
    const [exported, mirrored] = [path.join(temporaryFolder(), 'export'), path.join(temporaryFolder(), 'mirror')];
    await log.operate('export', '--to', exported, '--checkpoint', `${log.url}/checkpoint`);
    expect((await runAssent(['mirror', log.url, mirrored, '--log-key', vkey])).exitCode).toBe(0);
    for (const copy of [exported, mirrored]) {
      const report = reportOf(await audit(copy));
      expect(report).toMatchObject({ verdict: 'clean', audited: { size: 320 } });
      expect(report.compared_heads).toMatchObject([{ size: 320, relation: 'consistent' }]);
    }
  });

  it('says that an entry is withheld, and checks the rest', async () => {
    await log.operate('withhold', '7', '--reason', 'a test');
    await expect.poll(async () => (await fetch(`${log.url}/api/v1/entries/7`)).status, { timeout: 20_000 }).toBe(451);
    const run = await runAssent(['audit', log.url, '--log-key', vkey, '--no-state', '--json']);
    expect(run.exitCode).toBe(0);
    const report = reportOf(run);
    expect(report.counts).toMatchObject({ withheld: 1, approved: 299 });
    // The one that was withheld was consumed: nobody else can tell by right.
    expect(report.not_checked.map(({ code, count }) => [code, count])).toEqual(
      expect.arrayContaining([
        ['withheld', 1],
        ['unseen_approvals', 1],
      ]),
    );
  });
});

describe('assent audit, disturbed', () => {
  let log: LyingLog;
  beforeAll(async () => {
    log = await startLyingLog({ size: 8 * 256 + 10 });
  });
  afterAll(() => log.close());

  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [PROGRAM, 'audit', log.url, '--log-key', log.vkey, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | string | null>((resolve) =>
      child.once('close', (code, signal) => resolve(code ?? signal)),
    );
    return { child, ended };
  };

  it('comes to the same report after kill -9 at any moment', async () => {
    const plain = reportOf(await runAssent(['audit', log.url, '--log-key', log.vkey, '--no-state', '--json']));
    const state = path.join(temporaryFolder(), 'state');
    for (const bundle of [2, 5, 8]) {
      log.requests.length = 0;
      const { child, ended } = start('--state', state, '--threads', '1', '--requests', '2');
      await waitUntil('a bundle was asked for', () =>
        log.requests.some((path) => path.startsWith(`tile/entries/${String(bundle).padStart(3, '0')}`)),
      );
      child.kill('SIGKILL');
      expect(await ended).toBe('SIGKILL');
    }
    const run = await runAssent(['audit', log.url, '--log-key', log.vkey, '--state', state, '--json']);
    expect(run.exitCode).toBe(0);
    const { counts, audited, findings, growth } = reportOf(run);
    expect({ counts, audited, findings, growth }).toEqual({
      counts: plain.counts,
      audited: plain.audited,
      findings: plain.findings,
      growth: plain.growth,
    });
  });

  it('goes on from what a stopped one kept, each time, and reads no entry twice', async () => {
    const state = path.join(temporaryFolder(), 'state');
    log.requests.length = 0;
    let stops = 0;
    for (const bundle of [3, 6]) {
      const { child, ended } = start('--state', state, '--threads', '1', '--requests', '2');
      const wanted = `tile/entries/${String(bundle).padStart(3, '0')}`;
      await waitUntil('a bundle was asked for', () => log.requests.includes(wanted));
      child.kill('SIGINT');
      const code = await ended;
      expect([0, 130]).toContain(code);
      if (code === 130) stops++;
    }
    expect(stops).toBeGreaterThan(0);
    const run = await runAssent(['audit', log.url, '--log-key', log.vkey, '--state', state, '--json']);
    expect(reportOf(run)).toMatchObject({ verdict: 'clean', audited: { from: 0, size: log.size } });
    expect(log.requests.filter((path) => path === 'tile/entries/000')).toHaveLength(1);
  });

  it('leaves quietly when nobody reads any more', async () => {
    const { child, ended } = start('--no-state');
    child.stdout!.destroy();
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    expect(await ended).toBe(0);
    expect(stderr).toBe('');
  });

  const noDisk = whyNoSmallDisk();
  it.skipIf(noDisk !== undefined)(
    `says that the disk is full, and keeps what it had${noDisk ? `: ${noDisk}` : ''}`,
    async () => {
      const disk = createSmallDisk(4);
      try {
        const state = path.join(disk.folder, 'state');
        const audit = () => runAssent(['audit', log.url, '--log-key', log.vkey, '--state', state, '--json']);
        expect((await audit()).exitCode).toBe(0);
        const before = readFileSync(path.join(state, 'audit.json'), 'utf8');
        disk.fillUpTo(0);
        const full = await audit();
        expect(full.exitCode).toBe(2);
        expect(jsonOf(full)).toMatchObject({
          code: 'file_unwritable',
          message: expect.stringContaining('the disk is full'),
        });
        expect(readFileSync(path.join(state, 'audit.json'), 'utf8')).toBe(before);
        disk.makeRoom();
        expect((await audit()).exitCode).toBe(0);
      } finally {
        disk.remove();
      }
    },
  );
});

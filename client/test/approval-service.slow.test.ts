import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import { addVirtualAuthenticator, launchBrowser } from '@assent/test-support/browser';
import { type ServerProcess, startServerProcess } from '@assent/test-support/fault/server-process';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { verifyReceipt } from '@assent/verifier';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../examples/approval-service/dist/main.js', import.meta.url));
const ORIGIN = 'log.test/approvals';
const AGENT_TOKEN = 'the-agents-token';
const ENROLMENT_CODE = 'the-code';

/** The built example against the built log, with a person's browser and passkey in between. */
describe('examples/approval-service', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-service-'));
  const apiKey = `assent_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`;
  let database: TestDatabase;
  let log: ServerProcess;
  let port: number;
  let service: ChildProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    writeFileSync(path.join(folder, 'api-key'), `${apiKey}\n`, { mode: 0o600 });
    database = await createTestDatabase();
    [log, browser] = await Promise.all([startLog(), launchBrowser()]);
    service = await startService();
    page = await (await browser.newContext()).newPage();
    await addVirtualAuthenticator(page);
  });
  afterAll(async () => {
    service?.kill('SIGKILL');
    await browser?.close();
    await log?.stop();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const startLog = () => startServerProcess({ dataDir: folder, databaseUrl: database.url, origin: ORIGIN, apiKey });

  async function startService(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [PROGRAM], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        LOG_URL: log.url,
        API_KEY_FILE: 'api-key',
        DATA: 'service',
        PORT: '0',
        AGENT_TOKEN,
        ENROLMENT_CODE,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await waitUntil('the service listens', () => {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}: ${said}`);
      return said.includes(AGENT_TOKEN);
    });
    port = Number(/^approval service +http:\/\/localhost:([0-9]+)$/m.exec(said)?.[1]);
    return child;
  }

  const url = (below: string): string => `http://localhost:${port}${below}`;
  const asAgent = { authorization: `Bearer ${AGENT_TOKEN}`, 'content-type': 'application/json' };

  async function ask(amount: string): Promise<{ id: string; url: string }> {
    const args = { charge: 'ch_9', amount, currency: 'usd' };
    const response = await fetch(url('/requests'), {
      method: 'POST',
      headers: asAgent,
      body: JSON.stringify({ action: 'payment.refund', connector: 'stripe/acct_1A2b', args }),
    });
    expect(response.status).toBe(201);
    return (await response.json()) as { id: string; url: string };
  }

  async function outcome(id: string): Promise<{ decision: string | null; receipt: string | null }> {
    const response = await fetch(url(`/requests/${id}`), { headers: asAgent });
    return (await response.json()) as { decision: string | null; receipt: string | null };
  }

  async function reportOf(receipt: string | null) {
    const { vkeys } = (await (await fetch(`${log.url}/api/v1/log`)).json()) as { vkeys: string[] };
    return verifyReceipt(receipt ?? '', { logKeys: vkeys });
  }

  it('enrols nobody without the code', async () => {
    for (const [code, message] of [
      ['wrong', 'this is not the code'],
      [ENROLMENT_CODE, 'Enrolled.'],
    ] as const) {
      await page.goto(url('/enrol'));
      await page.getByLabel('Your name').fill('Alice');
      await page.getByLabel('Code').fill(code);
      await page.getByRole('button', { name: 'Make the passkey' }).click();
      await page.getByText(message).waitFor();
    }
  });

  it('takes requests from the agent alone', async () => {
    const response = await fetch(url('/requests'), {
      method: 'POST',
      headers: { authorization: 'Bearer no' },
      body: '{}',
    });
    expect(response.status).toBe(401);
    expect((await fetch(url('/requests/req_x'))).status).toBe(401);
    for (const id of ['req_x', 'req_000000000000000000000000'])
      expect((await fetch(url(`/requests/${id}`), { headers: asAgent })).status).toBe(404);
    expect((await fetch(url('/approve/req_x/request'))).status).toBe(404);
  });

  it('logs what a person approves, and hands out a receipt that discloses it', async () => {
    const request = await ask('42.00');
    expect(await outcome(request.id)).toMatchObject({ decision: null, receipt: null });
    await page.goto(request.url);
    await page.getByText('"amount": "42.00"').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved by Alice, and on the record.').waitFor();
    const { decision, receipt } = await outcome(request.id);
    const report = await reportOf(receipt);
    expect(decision).toBe('approved');
    expect(report).toMatchObject({
      verdict: 'authentic',
      approval: { id: request.id, decision: 'approved', intent: { args: { amount: '42.00' } } },
    });
    expect(report.approval?.signers).toMatchObject([{ kind: 'passkey', origin: `http://localhost:${port}` }]);
  });

  it('logs a refusal too', async () => {
    const request = await ask('9000.00');
    await page.goto(request.url);
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('Rejected by Alice, and on the record.').waitFor();
    expect(await reportOf((await outcome(request.id)).receipt)).toMatchObject({
      verdict: 'refused',
      approval: { decision: 'rejected' },
    });
  });

  it('keeps what was signed while the log was away, through a crash of its own', async () => {
    const request = await ask('7.00');
    await page.goto(request.url);
    await page.getByText('"amount": "7.00"').waitFor();
    await log.stop();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('This is signed and kept').waitFor();
    service.kill('SIGKILL');
    await once(service, 'exit');
    log = await startLog();
    service = await startService();
    await expect.poll(async () => (await outcome(request.id)).receipt, { timeout: 30_000 }).not.toBeNull();
    const { decision, receipt } = await outcome(request.id);
    expect(decision).toBe('approved');
    expect(await reportOf(receipt)).toMatchObject({ verdict: 'authentic', approval: { id: request.id } });
  });
});

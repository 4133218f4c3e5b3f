import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestApproval } from '@assent/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateHome, type GateHome, type Ran, runBuilt } from './support/gate-home.ts';

const PROGRAM = fileURLToPath(new URL('../../examples/ci-gate/dist/main.js', import.meta.url));
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const FACTS = { repository: 'acme/shop', commit: COMMIT, environment: 'production' };

/** The built example, as a deploy job runs it, against the built log. */
describe('examples/ci-gate', () => {
  let gate: GateHome;
  beforeAll(async () => {
    gate = await createGateHome('ci/acme/shop');
  });
  afterAll(() => gate?.remove());

  type Job = Readonly<Record<string, string>>;
  let count = 0;
  async function approved(
    changes: Partial<Parameters<GateHome['acme']['approve']>[0]> = {},
  ): Promise<Job & { receipt: string; attempt: string }> {
    const args = { commit: COMMIT, environment: 'production' };
    const intent = { action: 'deploy.run', connector: 'ci/acme/shop', args };
    const approval: TestApproval = gate.acme.approve({ origin: gate.home.origin, intent, ...changes });
    const files = await gate.approved(`deploy-${++count}`, approval);
    return { ...FACTS, ...files, attempt: path.join(gate.folder, `deploy-${count}.attempt.json`) };
  }
  function run(job: Job, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const all = { pins: 'pins', log: gate.server().url, name: 'ci/acme/shop', ...job };
    const secrets = { ASSENT_API_KEY: gate.home.apiKey, ASSENT_BOUNDARY_KEY: gate.acme.boundary.pem };
    const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    return runBuilt(PROGRAM, args, { cwd: gate.folder, env: { PATH: process.env.PATH, ...secrets, ...env } });
  }

  it('lets the deployment run that was approved, once', async () => {
    const job = await approved();
    const first = await run(job);
    expect(first, first.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('Every check passed') });
    expect(await run(job)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has let a deployment run already'),
    });
    // A job that has lost the file, or another one: the log remembers, and says whose use it was.
    const other = await run({ ...job, attempt: `${job.attempt}.other` });
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('By ci/acme/shop, at 2') });
  });

  it.each([
    ['was lost', undefined],
    ['was that the log could not tell', 503],
  ])('goes on with its own attempt when the answer %s, and lets the deployment run once', async (_, status) => {
    const job = await approved();
    const cutting = await cutConsumptions(gate.server().url, status);
    try {
      const lost = await run({ ...job, log: cutting.url }, { ASSENT_LOG_TIMEOUT_MS: '5000' });
      expect(lost).toMatchObject({ code: 75, stdout: '', stderr: expect.stringContaining('same --attempt file') });
      // Whoever gave up did so before the log had answered, perhaps.
      await expect.poll(() => cutting.taken(), { timeout: 30_000 }).toBeGreaterThan(0);
    } finally {
      await cutting.close();
    }
    expect(await run(job)).toMatchObject({ code: 0 });
    expect(await run(job)).toMatchObject({ code: 1, stdout: '' });
  });

  it('lets one of two runs with the same attempt through', async () => {
    const job = await approved();
    const both = await Promise.all([run(job), run(job)]);
    expect(both.map(({ code }) => code === 0).sort()).toEqual([false, true]);
  });

  it('goes on with no attempt at another approval, nor with what is none', async () => {
    const job = await approved();
    expect(await run(job)).toMatchObject({ code: 0 });
    const next = await approved();
    expect(await run({ ...next, attempt: job.attempt })).toMatchObject({ code: 2, stdout: '' });
    writeFileSync(next.attempt, '{}');
    expect(await run(next)).toMatchObject({ code: 2, stdout: '' });
  });

  it.each<[string, Job]>([
    ['another commit', { commit: COMMIT.replace('0', 'f') }],
    ['another environment', { environment: 'staging' }],
    ['another repository', { repository: 'acme/other' }],
  ])('refuses %s, whatever the files say', async (_, changed) => {
    const job = await approved();
    expect(await run({ ...job, ...changed })).toMatchObject({ code: 1, stdout: '' });
    // Nothing was consumed by that.
    expect(await run(job)).toMatchObject({ code: 0 });
  });

  it('refuses bad receipts', async () => {
    const job = await approved();
    const text = readFileSync(job.receipt, 'utf8');
    const bad = path.join(gate.folder, 'bad.receipt.json');
    for (const receipt of ['', '{}', text.replace('index ', 'index 1'), text.replace('"entry":"{', '"entry":"[')]) {
      writeFileSync(bad, receipt);
      expect(await run({ ...job, receipt: bad }), receipt.slice(0, 40)).toMatchObject({ code: 1, stdout: '' });
    }
    const rejected = await approved({ overrides: { decision: 'rejected' } });
    expect(await run(rejected)).toMatchObject({ code: 1, stdout: '' });
  });

  it('decides nothing without its secrets or its arguments', async () => {
    const job = await approved();
    for (const missing of ['ASSENT_API_KEY', 'ASSENT_BOUNDARY_KEY']) {
      expect(await run(job, { [missing]: '' })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('not decided'),
      });
    }
    const { commit: _, ...rest } = job;
    expect(await run(rest as Job)).toMatchObject({ code: 2 });
  });

  it('lets nothing run while the log is away', async () => {
    const job = await approved();
    await gate.stopLog();
    expect(await run(job, { ASSENT_LOG_TIMEOUT_MS: '1000' })).toMatchObject({ code: 75, stdout: '' });
    await gate.startLog();
    expect(await run(job)).toMatchObject({ code: 0 });
  });
});

/** Stands in front of a log: consumptions reach it, and what comes back is this status, or nothing. */
async function cutConsumptions(url: string, status?: number) {
  let taken = 0;
  const server = createServer((request, response) => {
    const { method, headers, url: target = '/' } = request;
    const passOn = httpRequest(new URL(target, url), { method, headers }, (answer) => {
      if (!target.startsWith('/api/v1/consumptions')) {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        return;
      }
      answer.resume().on('end', () => {
        if (answer.statusCode === 200 || answer.statusCode === 201) taken++;
        if (status === undefined) response.destroy();
        else response.writeHead(status).end();
      });
    });
    request.pipe(passOn);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken: () => taken,
    close: () => new Promise<unknown>((resolve) => server.close(resolve).closeAllConnections()),
  };
}

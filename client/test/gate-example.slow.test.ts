import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConsumption } from '@assent/test-support';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import type { Intent } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signingKey } from '../../examples/gate/consumption.ts';
import { Facts } from '../../examples/gate/facts.ts';
import { Gate, type GateOptions, type Target } from '../../examples/gate/gate.ts';
import { createGateHome, type GateHome, type Ran, runBuilt } from './support/gate-home.ts';

const built = (name: string): string => fileURLToPath(new URL(`../../examples/gate/dist/${name}.js`, import.meta.url));
const NAME = 'payments-gw-1';

/** The built example against the built log and its payment provider. */
describe('examples/gate', () => {
  let gate: GateHome;
  let payments: ChildProcess;
  let paymentsUrl = '';

  beforeAll(async () => {
    gate = await createGateHome(NAME);
    payments = spawn(process.execPath, [built('payment-stub'), 'ledger'], {
      cwd: gate.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    payments.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await waitUntil('the payment provider listens', () => said.includes('\n'));
    paymentsUrl = said.trim().split(' ').at(-1)!;
  });
  afterAll(async () => {
    payments?.kill('SIGKILL');
    await gate?.remove();
  });

  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    LOG_URL: gate.server().url,
    LOG_TIMEOUT_MS: '20000',
    API_KEY_FILE: 'api-key',
    KEY_FILE: 'boundary.pem',
    PAYMENTS_URL: paymentsUrl,
    DATA: 'attempts',
    NAME,
    ...more,
  });
  const run = (...args: string[]): Promise<Ran> =>
    runBuilt(built('main'), args, { cwd: gate.folder, env: environment() });
  const ledger = (): { key: string; refund: { charge: string; amount: string } }[] => {
    const file = path.join(gate.folder, 'ledger');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const refunds = (charge: string): number => ledger().filter(({ refund }) => refund.charge === charge).length;
  let count = 0;
  /** A fresh charge whose refund is approved and logged. */
  async function approved(changes: Partial<Parameters<GateHome['acme']['approve']>[0]> = {}) {
    const charge = `ch_${++count}`;
    const args = { charge, amount: '42.00', currency: 'usd' };
    const approval = gate.acme.approve({ origin: gate.home.origin, intent: { args }, ...changes });
    return { charge, approval, ...(await gate.approved(charge, approval)) };
  }

  it('runs an approved action, and once, however often it is asked', async () => {
    const { charge, receipt, intent } = await approved();
    const first = await run('run', receipt, intent);
    expect(first, first.stdout + first.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('done') });
    expect(refunds(charge)).toBe(1);
    expect(await run('run', receipt, intent)).toMatchObject({ code: 0, stdout: first.stdout });
    expect(await run('resume')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(refunds(charge)).toBe(1);
  });

  it('refuses what was not approved, and leaves the approval alone', async () => {
    const { charge, receipt, approval } = await approved();
    const other = await approved();
    const before = readdirSync(path.join(gate.folder, 'attempts')).length;
    expect(await run('run', receipt, other.intent)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('refused'),
    });
    expect(await run('run', other.intent, other.intent)).toMatchObject({ code: 1 });
    expect(readdirSync(path.join(gate.folder, 'attempts'))).toHaveLength(before);
    expect([refunds(charge), refunds(other.charge)]).toEqual([0, 0]);
    const { envelope } = createConsumption({ approval, key: gate.acme.boundary });
    expect(await gate.client().consume(envelope)).toMatchObject({ created: true });
  });

  it.each([
    ['pins', { PINS: 'nowhere' }],
    ['a key', { KEY_FILE: 'nowhere' }],
    ['an API key', { API_KEY_FILE: 'nowhere' }],
  ])('does not call it a refusal that it has no %s', async (_, wrong) => {
    const { charge, receipt, intent } = await approved();
    const ran = await runBuilt(built('main'), ['run', receipt, intent], {
      cwd: gate.folder,
      env: environment(wrong),
    });
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^nothing done.*nowhere.*\n$/) });
    expect(refunds(charge)).toBe(0);
  });

  it('refuses an approval that somebody else has consumed', async () => {
    const { charge, receipt, intent, approval } = await approved();
    await gate.client().consume(createConsumption({ approval, key: gate.acme.boundary }).envelope);
    for (let i = 0; i < 2; i++) {
      expect(await run('run', receipt, intent)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('consumed by'),
      });
    }
    expect(await run('resume')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(refunds(charge)).toBe(0);
  });

  it.each([
    ['recorded', 0],
    ['consumed', 0],
    ['claimed', 0],
    ['dispatched', 1],
  ] as const)('killed when the attempt is %s, it runs the action exactly once', async (point, ranBefore) => {
    const { charge, receipt, intent } = await approved();
    const child = spawn(process.execPath, [built('main'), 'run', receipt, intent], {
      cwd: gate.folder,
      env: environment({ HOLD_AT: point }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await waitUntil(`the gate holds at ${point}`, () => said.includes(`holding at ${point}`));
    child.kill('SIGKILL');
    expect((await exit)[1]).toBe('SIGKILL');
    expect(refunds(charge)).toBe(ranBefore);

    const resumed = await run('resume');
    expect(resumed, resumed.stdout + resumed.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('done'),
    });
    expect(refunds(charge)).toBe(1);
    expect(await run('run', receipt, intent)).toMatchObject({ code: 0 });
    expect(refunds(charge)).toBe(1);
  });

  it('runs nothing while the log is away, and goes on when it is back', async () => {
    const { charge, receipt, intent } = await approved();
    await gate.stopLog();
    const inVain = (...args: string[]): Promise<Ran> =>
      runBuilt(built('main'), args, { cwd: gate.folder, env: environment({ LOG_TIMEOUT_MS: '1000' }) });
    expect(await inVain('run', receipt, intent)).toMatchObject({
      code: 75,
      stderr: expect.stringContaining('the log is away'),
    });
    expect(await inVain('resume')).toMatchObject({ code: 75 });
    expect(refunds(charge)).toBe(0);
    await gate.startLog();
    expect(await run('resume')).toMatchObject({ code: 0 });
    expect(refunds(charge)).toBe(1);
  });

  describe('with a target that has no idempotency keys', () => {
    let calls: Intent[] = [];
    const target: Target = {
      schema: null,
      repeatable: false,
      dispatch: async (intent) => {
        calls.push(intent);
        return 'ran';
      },
    };
    const open = (more: Partial<GateOptions> = {}): Gate =>
      new Gate({
        name: NAME,
        key: signingKey(gate.acme.boundary.pem),
        log: gate.client(),
        logPolicy: gate.logPolicy,
        trustRoot: gate.acme.trustRoot,
        approvalPolicy: gate.acme.approvalPolicy,
        target,
        facts: new Facts(path.join(gate.folder, 'others')),
        ...more,
      });
    class Crash extends Error {}

    it('asks a person what became of a call, rather than call again', async () => {
      calls = [];
      const { approval, receipt } = await approved();
      const crashing = open({
        reached: async (point) => {
          if (point === 'dispatched') throw new Crash();
        },
      });
      await expect(crashing.run(readFileSync(receipt, 'utf8'), approval.intent)).rejects.toThrow(Crash);
      expect(await open().resume(approval.digest)).toMatchObject({ state: 'unknown' });
      expect(await open().unfinished()).toEqual([approval.digest]);
      expect(calls).toHaveLength(1);
      await open().settle(approval.digest, true, 'found in the ledger by Bob');
      expect(await open().resume(approval.digest)).toEqual({ state: 'done', result: 'found in the ledger by Bob' });
      expect(await open().unfinished()).toEqual([]);
    });

    it('lets one of two processes run it', async () => {
      calls = [];
      const { approval, receipt } = await approved();
      const text = readFileSync(receipt, 'utf8');
      const outcomes = await Promise.all([1, 2, 3].map(() => open().run(text, approval.intent)));
      expect(calls).toHaveLength(1);
      expect(outcomes.filter(({ state }) => state === 'done').length).toBeGreaterThan(0);
      expect(outcomes.some(({ state }) => state === 'refused')).toBe(false);
      expect(await open().resume(approval.digest)).toMatchObject({ state: 'done' });
    });

    it('does not run what has expired between consumption and dispatch', async () => {
      calls = [];
      const { approval, receipt } = await approved();
      const text = readFileSync(receipt, 'utf8');
      const crashing = open({
        reached: async (point) => {
          if (point === 'consumed') throw new Crash();
        },
      });
      await expect(crashing.run(text, approval.intent)).rejects.toThrow(Crash);
      vi.useFakeTimers({ now: Date.parse(approval.statement.expires_at), toFake: ['Date'] });
      try {
        expect(await open().resume(approval.digest)).toMatchObject({
          state: 'refused',
          reason: expect.stringContaining('expired'),
        });
      } finally {
        vi.useRealTimers();
      }
      expect(calls).toEqual([]);
    });
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { createApproval, createServiceKey, createTestWitness } from '@assent/test-support';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { unwrap } from '@assent/test-support/results';
import { type ScriptedServer, startScriptedServer } from '@assent/test-support/scripted-server';
import { parseLogPolicy } from '@assent/verifier';
import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { StateFile } from '../src/files/state-file.ts';
import { httpFiles } from '../src/log-source/http-files.ts';
import { TiledLog } from '../src/log-source/tiled-log.ts';
import type { MonitorEvent } from '../src/monitor/event.ts';
import { Monitor } from '../src/monitor/monitor.ts';
import { MONITOR_STATE } from '../src/monitor/monitor-state.ts';
import { Outbox } from '../src/monitor/outbox.ts';
import type { Rule } from '../src/monitor/rules.ts';
import type { Pinned } from '../src/pinned.ts';
import { primitives } from '../src/primitives.ts';
import { PROGRAM, type Run, runAssent, temporaryFolder } from './run-assent.ts';

const WAIT = { timeout: 30_000, interval: 20 };

let log: LyingLog;
let hook: ScriptedServer;

beforeAll(async () => {
  log = await startLyingLog({ size: 24 });
  hook = await startScriptedServer();
});

afterAll(() => Promise.all([log.close(), hook.close()]));

type Event = Readonly<Record<string, unknown>> & { readonly id: string; readonly code: string };

const eventsOf = (text: string): readonly Event[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);

function monitorArgs(state: string, ...more: readonly string[]): readonly string[] {
  return ['monitor', log.url, '--log-key', log.vkey, '--state', state, '--attempts', '1', ...more];
}

function once(state: string, ...more: readonly string[]): Promise<Run> {
  return runAssent([...monitorArgs(state, '--once', '--outage-after', '0'), ...more]);
}

/** The exit code and the codes of the events. */
async function lookOnce(state: string, ...more: readonly string[]): Promise<readonly [number | null, ...string[]]> {
  const run = await once(state, ...more);
  return [run.exitCode, ...eventsOf(run.stdout).map(({ code }) => code)];
}

const newState = () => path.join(temporaryFolder(), 'monitor.json');

function write(name: string, content: unknown, mode = 0o600): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode });
  return file;
}

describe('assent monitor', () => {
  it('tells what its rules ask for, once, and goes on where it was', async () => {
    const { version, bob } = log.contents;
    const rules = write('rules.json', {
      type: 'assent/monitor-rules/v1',
      rules: [
        { id: 'refunds', action: 'payment.*', decision: 'rejected' },
        { id: 'bob', holder: 'bob@*' },
        { id: 'strangers', when: 'untrusted_key' },
        { id: 'forgotten', when: 'unconsumed', after_seconds: 3600 },
        { id: 'out-of-nowhere', when: 'unapproved' },
      ],
    });
    const trust = ['--trust-root', version.digest, '--trust-versions', write('acme.json', [version.item])];
    const state = newState();
    const first = await once(state, '--rules', rules, ...trust);
    const told = eventsOf(first.stdout).map(({ code, rule, entry }) => [
      code,
      rule,
      (entry as { index: number }).index,
    ]);
    expect(first.exitCode).toBe(0);
    // Every eight entries: 3 is bob's, 7 is rejected; what is for single use is consumed by the entry behind it.
    expect(told).toEqual([
      ['match', 'bob', 3],
      ['match', 'refunds', 7],
      ['match', 'bob', 11],
      ['match', 'refunds', 15],
      ['match', 'bob', 19],
      ['match', 'refunds', 23],
    ]);
    expect(eventsOf(first.stdout)[0]).toMatchObject({
      type: 'assent/monitor-event/v1',
      severity: 'notice',
      log: log.origin,
      entry: { keys: [{ keyid: bob.publicKey.keyid, kind: 'key', holder: 'bob@example.com' }], id: 'req_3' },
    });

    log.requests.length = 0;
    expect(await lookOnce(state, '--rules', rules, ...trust)).toEqual([0]);
    expect(log.requests).toEqual(['checkpoint', 'ct/v1/get-sth']);

    const stranger = createServiceKey();
    const unused = { organization: version.digest, boundaries: [log.contents.boundary.publicKey.keyid] };
    const approve = (now: number) =>
      createApproval({ origin: log.origin, serviceKey: stranger, overrides: unused, now }).envelope;
    log.grow([{ content: approve(Date.now() - 7_200_000), loggedAt: Date.now() - 7_200_000 }]);
    log.grow([{ content: approve(Date.now()) }]);
    expect(await lookOnce(state, '--rules', rules, ...trust)).toEqual([
      0,
      'untrusted_key',
      'untrusted_key',
      'unconsumed',
    ]);
  });

  it('refuses rules that it cannot follow', async () => {
    const run = await once(newState(), '--untrusted-keys', '--interval', '5');
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([2, '', expect.stringContaining('needs a trust root')]);
  });
});

describe('assent monitor, of the log itself', () => {
  /** A monitor that is asked from here, and the codes of what it has to tell. */
  async function watch(watched: LyingLog, pinned: Pinned = { logKeys: [watched.vkey] }, rules: readonly Rule[] = []) {
    const stateFile = await StateFile.open(newState(), MONITOR_STATE);
    const outbox = new Outbox([], [{ name: 'here', deliver: async () => undefined }]);
    const { signal } = new AbortController();
    const files = httpFiles(new URL(`${watched.url}/`), { timeoutMs: 10_000, concurrency: 4, signal, attempts: 2 });
    const monitor = await Monitor.open({
      source: new TiledLog(files),
      files,
      origin: watched.origin,
      pinned,
      rules,
      trusted: undefined,
      stateFile,
      outbox,
      primitives,
      signal,
      from: undefined,
      staleAfterMs: 3_600_000,
      outageAfterMs: 0,
      concurrency: 4,
      misbehaviourFile: `${stateFile.path}.misbehaviour.json`,
      onFatal: (error) => {
        throw error;
      },
    });
    const told: MonitorEvent[] = [];
    const look = async (): Promise<readonly string[]> => {
      const standing = await monitor.poll();
      const events = outbox.snapshot().undelivered.map(({ event }) => event);
      for (const event of events) outbox.acknowledge(event, 'here');
      told.push(...events);
      return [standing, ...events.map(({ code }) => code)];
    };
    return { look, told, file: stateFile.path };
  }

  it('begins with what comes after the newest head, and says what it could not look at', async () => {
    const { look, told } = await watch(log, undefined, [{ id: 'all', when: 'logged', about: { service: '*' } }]);
    expect(await look()).toEqual(['good']);
    const next = log.entries.length;
    log.grow(2);
    log.withheld.add(next);
    expect(await look()).toEqual(['good', 'withheld', 'match']);
    log.withheld.clear();
    expect(told.map(({ detail }) => detail)).toEqual([
      `entry ${next} is withheld by the log, so no rule could look at it`,
      expect.stringContaining(`entry ${next + 1}: `),
    ]);
  });

  it('has another alarm for each thing that is wrong, and says when it is over', async () => {
    const { look, told } = await watch(log);
    expect(await look()).toEqual(['good']);

    await log.refuse();
    expect(await look()).toEqual(['outage', 'outage']);
    expect(await look()).toEqual(['outage']);
    await log.listen();
    expect(await look()).toEqual(['good', 'outage_over']);

    log.lie = 'old-head';
    expect(await look()).toEqual(['caught', 'rollback']);
    expect(told.at(-1)).toMatchObject({ severity: 'alarm', evidence: { seen: log.log.checkpoint() } });
    log.lie = undefined;
    expect(await look()).toEqual(['good', 'rollback_over']);

    log.grow(3);
    for (const lie of ['wrong-partial-tile', 'changed-entry', 'truncated-bundle', 'other-log'] as const) {
      log.lie = lie;
      expect([lie, ...(await look())]).toEqual([
        lie,
        'caught',
        ...(lie === 'wrong-partial-tile' ? ['misbehaviour'] : []),
      ]);
    }
    log.lie = undefined;
    expect(await look()).toEqual(['good', 'misbehaviour_over']);

    // Only the bundles are away: the head alone is no answer.
    log.grow(1);
    log.lie = 'redirect-loop';
    log.lieOn = /^tile\/entries/;
    expect(await look()).toEqual(['outage', 'outage']);
    log.lie = undefined;
    log.lieOn = /^/;
    expect(await look()).toEqual(['good', 'outage_over']);
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
  });

  it('tells an old head by its witnesses, or by the log’s own tree head', async () => {
    const witness = createTestWitness({ name: 'witness.test/w' });
    const policy = unwrap(parseLogPolicy(`log ${log.vkey}\nwitness w ${witness.vkey}\nquorum w\n`));
    const witnessed = await watch(log, { logKeys: [log.vkey], logPolicy: policy });
    expect(await witnessed.look()).toEqual(['incomplete']);
    log.cosign = (checkpoint) => witness.append(checkpoint, Date.now() - 7_200_000);
    expect(await witnessed.look()).toEqual(['incomplete', 'stale_head']);
    log.cosign = (checkpoint) => witness.append(checkpoint);
    expect(await witnessed.look()).toEqual(['good', 'stale_head_over']);
    log.cosign = (checkpoint) => checkpoint;
    // Of a busy log the newest head that is cosigned is followed.
    const before = log.log.checkpoint();
    log.grow(2);
    expect(await witnessed.look()).toEqual(['incomplete']);
    log.witnessed = witness.append(before);
    expect(await witnessed.look()).toEqual(['good']);
    log.witnessed = undefined;

    const bare = await watch(log);
    log.sthTime = Date.now() - 7_200_000;
    expect(await bare.look()).toEqual(['incomplete', 'stale_head']);
    log.sthTime = Date.now();
    expect(await bare.look()).toEqual(['good', 'stale_head_over']);
    log.sthRoot = new Uint8Array(32);
    expect(await bare.look()).toEqual(['caught', 'fork']);
    log.sthRoot = log.sthTime = undefined;
    expect(await bare.look()).toEqual(['good', 'fork_over']);
  });

  it('tells what no log may take, and has the proof of two histories', async () => {
    const liar = await startLyingLog({ size: 9 });
    // As people name a file: in the folder where they are.
    const cwd = temporaryFolder();
    const flags = ['--log-key', liar.vkey, '--state', 'monitor.json', '--once'];
    const look = () => runAssent(['monitor', liar.url, ...flags], { cwd });
    liar.grow([{ content: { payloadType: 'application/json' } }]);
    const first = await look();
    expect([first.exitCode, ...eventsOf(first.stdout)]).toMatchObject([
      1,
      { code: 'invalid_entry', severity: 'alarm' },
    ]);
    liar.fork(5, 20);
    const run = await look();
    const [fork] = eventsOf(run.stdout);
    expect([run.exitCode, fork?.code]).toEqual([1, 'fork']);
    const verified = unwrap(await verifyMisbehaviour(JSON.stringify(fork?.evidence), { logKeys: [liar.vkey] }));
    expect([verified.older.size, verified.newer.size]).toEqual([10, 20]);
    expect(JSON.parse(readFileSync(path.join(cwd, 'monitor.json.misbehaviour.json'), 'utf8'))).toEqual(fork?.evidence);
    await liar.close();
  });
});

describe('assent monitor, telling others', () => {
  const secret = randomBytes(32);
  const children: ChildProcess[] = [];

  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  /** Follows the log, with a webhook. */
  function follow(state: string, ...more: readonly string[]): { child: ChildProcess; ended: Promise<number | null> } {
    const file = write('webhook.secret', `whsec_${secret.toString('base64')}\n`);
    const flags = ['--webhook', `${hook.url}/hook`, '--webhook-secret-file', file, '--interval', '1', ...more];
    const child = spawn(process.execPath, [PROGRAM, ...monitorArgs(state, ...flags)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(child);
    return { child, ended: new Promise((resolve) => child.once('close', resolve)) };
  }

  it('tells a webhook again that was away, and one that was told when it was killed', async () => {
    const state = newState();
    const bodies = () => hook.seen.map(({ body }) => JSON.parse(body) as Event);
    hook.answer((response) => response.writeHead(503).end());
    const rule = ['--from', '1', '--action', 'payment.*'];
    const first = follow(state, ...rule);
    await vi.waitFor(() => expect(hook.seen.length).toBeGreaterThanOrEqual(2), WAIT);
    const [event, again] = bodies();
    expect([event?.code, again?.id]).toEqual(['match', event?.id]);

    // It has the second event and does not answer yet, when the monitor is killed.
    const held: ServerResponse[] = [];
    hook.answer((response, _, count) => (count === 1 ? response.writeHead(204).end() : held.push(response)));
    await vi.waitFor(() => expect(held).toHaveLength(1), WAIT);
    const delivered = bodies();
    expect(delivered[0]?.id).toBe(event?.id);
    first.child.kill('SIGKILL');
    await first.ended;

    hook.answer((response) => response.writeHead(200).end('thank you'));
    const second = follow(state, ...rule);
    const ids = () => bodies().map(({ id }) => id);
    const isDone = () =>
      expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ next: log.entries.length, outbox: [] });
    await vi.waitFor(isDone, WAIT);
    expect(ids()).toContain(delivered[1]?.id);
    expect(new Set(ids()).size).toBe(ids().length);

    const [seen] = hook.seen;
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = seen!.headers;
    const mac = createHmac('sha256', secret).update(`${id}.${time}.${seen!.body}`).digest('base64');
    expect([id, signature]).toEqual([bodies()[0]?.id, `v1,${mac}`]);

    second.child.kill('SIGINT');
    expect(await second.ended).toBe(130);
    isDone();
  });

  it('runs a command for each event, without a shell, and ends quietly when nobody reads', async () => {
    const out = path.join(temporaryFolder(), 'told');
    const { version } = log.contents;
    const trust = ['--trust-root', version.digest, '--trust-versions', write('acme.json', [version.item])];
    const tee = ['--command', 'tee', '--command-arg', '-a', '--command-arg', out];
    const state = newState();
    log.grow(8);
    const from = ['--from', String(log.entries.length - 8)];
    const run = await once(state, ...from, '--holder', 'alice@example.com', ...trust, ...tee);
    expect([run.exitCode, eventsOf(run.stdout).length]).toEqual([0, 3]);
    expect(readFileSync(out, 'utf8')).toBe(run.stdout);

    hook.answer((response) => response.writeHead(200).end());
    const { child, ended } = follow(newState(), '--service', '*');
    child.stdout!.destroy();
    expect(await ended).toBe(0);
  });
});

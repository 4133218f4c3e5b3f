/** The log has changed its key: what auditors hold from before, and what they pin. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createLogContents } from '@assent/test-support/log-contents';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { createTestLog } from '@assent/test-support/receipts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, type Run, runAssent, temporaryFolder } from './run-assent.ts';

const folder = temporaryFolder();
const file = (name: string, content: string): string => {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};

let log: LyingLog;
let oldKey: string;
let newKey: string;
/** From before the change, by the old key alone. */
let receipt: string;
let tlogProof: string;
let head: string;
let entry: string;
/** Of a tree of its own, by the old key. */
let thiefsReceipt: string;
let thiefsHead: string;
let copy: string;
let state: string;

const verify = (...args: string[]): Promise<Run> => runAssent(['verify', ...args]);
const idOf = (vkey: string): string => vkey.split('+')[1]!;
const both = () => ['--log-key', oldKey, '--log-key', newKey];
const monitor = (...args: string[]): Promise<Run> =>
  runAssent(['monitor', log.url, '--state', state, '--once', '--from', '300', ...args]);
const mirror = (...args: string[]): Promise<Run> => runAssent(['mirror', log.url, copy, ...args]);

beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  log = await startLyingLog({ size: 300, privateKey });
  oldKey = log.vkey;
  const kept = log.log.receipt(9);
  receipt = file('9.receipt.json', kept.receipt);
  tlogProof = file('9.tlog-proof', kept.proof);
  entry = file('9.entry', new TextDecoder().decode(kept.entry));
  head = file('300.checkpoint', log.log.checkpoint());
  copy = path.join(folder, 'copy');
  state = path.join(folder, 'state.json');
  log.sthTime = Date.now();
  // Nothing is pinned: both begin with the key that the log names.
  expect([(await mirror()).exitCode, (await monitor()).exitCode]).toEqual([0, 0]);

  // Whoever has the old key can sign what he likes with it.
  const thief = createTestLog({ origin: log.origin, privateKey });
  thiefsReceipt = file('thief.receipt.json', thief.append(createLogContents(log.origin).next()).receipt);
  thiefsHead = file('thief.checkpoint', thief.checkpoint());

  log.rotate();
  log.grow(20);
  newKey = log.vkey;
});

afterAll(() => log?.close());

describe('evidence that only a retired key signed', () => {
  it('is judged by what is pinned: by the old key it holds, by the new one it does not, and why is said', async () => {
    for (const evidence of [[receipt], [head], [tlogProof, '--entry', entry]]) {
      expect((await verify(...evidence, '--log-key', oldKey)).exitCode).toBe(0);
      expect((await verify(...evidence, ...both())).exitCode).toBe(0);
      // Whatever the log says about its keys: they are pinned.
      const run = await verify(...evidence, '--log-key', newKey, '--log', log.url);
      expect(run.exitCode).toBe(1);
      expect(run.stderr).toContain(
        `signed under that name by key ${idOf(oldKey)}, and the given one is ${idOf(newKey)}`,
      );
    }
  });

  it('counts by the word of the log, where nothing is pinned, as its head of now extends it', async () => {
    for (const evidence of [[receipt], [head], [tlogProof, '--entry', entry]]) {
      const run = await verify(...evidence, '--log', log.url);
      expect([run.exitCode, run.stdout]).toEqual([0, expect.stringContaining('✓ authentic')]);
      expect(run.stderr).toContain('proves only that the log agrees with itself');
      expect(run.stderr).toMatch(
        /its tree head is by a key that the log says it retired on \S+Z .* The log's head of now extends it\./,
      );
    }
    const tree = await runAssent(['tree', receipt, '--log', log.url, '--json']);
    expect(jsonOf(tree).checks).toContainEqual(expect.objectContaining({ id: 'checkpoint', status: 'pass' }));
    expect((await runAssent(['open', receipt, '--log', log.url])).exitCode).toBe(0);
  });

  it('counts for nothing if the head of now does not extend it: somebody else has the key', async () => {
    for (const evidence of [thiefsReceipt, thiefsHead]) {
      const run = await verify(evidence, '--log', log.url, '--json');
      expect([run.exitCode, jsonOf(run).code]).toEqual([1, 'forked']);
      expect(jsonOf(run).message).toContain('somebody else signs with that key');
    }
  });

  it('is compared with heads of now, and a retired key is answered for where two heads contradict each other', async () => {
    const newer = file('320.checkpoint', log.log.checkpoint());
    const consistent = await verify(newer, '--older', head, '--log', log.url);
    expect([consistent.exitCode, consistent.stdout]).toEqual([0, expect.stringContaining('✓ authentic')]);
    const proof = path.join(folder, 'misbehaviour.json');
    const forked = await verify(newer, '--older', thiefsHead, '--log', log.url, '-o', proof);
    expect(forked.exitCode).toBe(1);
    expect((await verify(proof, '--log', log.url)).exitCode).toBe(0);
    expect((await verify(proof, '--log-key', newKey)).exitCode).toBe(1);
  });
});

describe('a log that shows heads by another key than before', () => {
  it('is audited by the new key; what it signed with the old one is compared all the same', async () => {
    const audit = (...args: string[]) => runAssent(['audit', log.url, '--threads', '1', '--no-state', ...args]);
    const unpinned = await audit('--head', head);
    expect([unpinned.exitCode, unpinned.stdout]).toEqual([0, expect.stringContaining('✓ clean')]);
    expect((await audit('--head', head, ...both())).exitCode).toBe(0);
    const alone = await audit('--head', head, '--log-key', newKey);
    expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringContaining(`by key ${idOf(oldKey)}`)]);
    const forked = await audit('--head', thiefsHead, ...both(), '--evidence', folder);
    expect([forked.exitCode, forked.stdout]).toEqual([1, expect.stringContaining('fork-1-320.misbehaviour.json')]);
    const old = await audit('--log-key', oldKey);
    expect([old.exitCode, old.stdout]).toEqual([1, expect.stringContaining(`by key ${idOf(newKey)}`)]);
  });

  it('is audited where earlier audits pinned the old key: a fork is found though nobody else can be shown it', async () => {
    const kept = path.join(folder, 'audits');
    const audit = (url: string, ...args: string[]) =>
      runAssent(['audit', url, '--threads', '1', '--state', kept, ...args]);
    const other = await startLyingLog({ size: 310 });
    try {
      expect((await audit(other.url, '--log-key', other.vkey)).exitCode).toBe(0);
      other.rotate();
      other.fork(200, 315);
      const run = await audit(other.url, '--log-key', other.vkey);
      expect([run.exitCode, run.stderr]).toEqual([1, '']);
      expect(run.stdout).toContain('no proof of it could be written: the given key did not sign the head of 310');
    } finally {
      await other.close();
    }
  });

  it('is mirrored on, if the key of the copy is known', async () => {
    const alone = await mirror('--log-key', newKey);
    expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringContaining('pass both with --log-key')]);
    const old = await mirror('--log-key', oldKey);
    expect([old.exitCode, old.stderr]).toEqual([1, expect.stringContaining(`by key ${idOf(newKey)}`)]);
    const run = await mirror();
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('20 of them new')]);
    const audited = await runAssent(['audit', copy, '--log-key', newKey, '--no-state', '--threads', '1']);
    expect([audited.exitCode, audited.stdout]).toEqual([0, expect.stringContaining('✓ clean')]);
  });

  it('alarms a monitor that began with the old key, until it is given both', async () => {
    const run = await monitor();
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain('misbehaviour');
    expect(run.stdout).toContain(`by key ${idOf(newKey)}, and the given one is ${idOf(oldKey)}`);
    const alone = await monitor('--log-key', newKey);
    expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringContaining('pass both with --log-key')]);
    expect((await monitor(...both())).exitCode).toBe(0);
    // It has seen a head by the new key, so that one is enough from now on.
    expect((await monitor('--log-key', newKey)).exitCode).toBe(0);
  });

  it('says so to the doctor', async () => {
    const run = await runAssent(['doctor', '--log', log.url, '--log-key', oldKey]);
    expect(run.stdout).toMatch(/checkpoint .*by key .* The log says that it retired what is pinned on \S+Z/);
  });
});

/**
 * The built program against a log that lies, for each lie and each command that reads whole logs: the exit code and the words. Those of
 * `assent mirror` are in mirror.test.ts, proofs for other sizes in verify-kinds.test.ts, and callers who lie to a witness in
 * src/witness/.
 */
import path from 'node:path';
import { type Lie, type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Run, runAssent, temporaryFolder } from './run-assent.ts';

let log: LyingLog;

beforeAll(async () => {
  log = await startLyingLog({ size: 600 });
});

afterAll(() => log.close());

type Caught = readonly [lie: Lie, exitCode: number, audit: RegExp, monitor: RegExp];

const CAUGHT: readonly Caught[] = [
  ['changed-entry', 1, /entry_changed/, /"misbehaviour".*entry (0|256|512) is not the one that the log signed/],
  ['truncated-bundle', 1, /bundle_malformed/, /"misbehaviour".*the bundle ends within an entry/],
  ['swapped-tile', 1, /tile_mismatch/, /"misbehaviour".*tile\/0\/00[01]: it is not of the tree that the log signed/],
  ['wrong-partial-tile', 1, /tile_mismatch/, /"misbehaviour".*do not give the root that it signed at size 600/],
  ['other-log', 1, /head_other_log/, /"misbehaviour".*the tree head is of another log/],
  ['endless-body', 3, /more than 1000000 bytes, which were not read/, /"outage".*more than 1000000 bytes/],
  ['gzip-bomb', 3, /more than 1000000 bytes, which were not read/, /"outage".*more than 1000000 bytes/],
  ['redirect-loop', 3, /redirects are not followed/, /"outage".*redirects are not followed/],
  ['never-ends', 3, /did not finish its answer within 1 s/, /"outage".*did not finish its answer within 1 s/],
];

const flagsFor = (lie?: Lie) => [
  '--log-key',
  log.vkey,
  '--attempts',
  '1',
  '--timeout',
  lie === 'never-ends' ? '1' : '60',
];
const auditOf = (url: string, state: string, lie?: Lie): Promise<Run> =>
  runAssent(['audit', url, '--state', path.join(state, 'audit'), '--threads', '1', '--json', ...flagsFor(lie)]);
const monitorOf = (url: string, state: string, lie?: Lie): Promise<Run> => {
  const file = path.join(state, 'monitor.json');
  return runAssent(['monitor', url, '--state', file, '--once', '--outage-after', '0', ...flagsFor(lie)]);
};

describe('a log that lies', () => {
  it.each(CAUGHT)(
    'about %s is caught with %i, by audit and by monitor',
    async (lie, exitCode, auditWords, monitorWords) => {
      const state = temporaryFolder();
      const audit = await auditOf(log.urlOf(lie), state, lie);
      expect([audit.exitCode, audit.stdout]).toEqual([exitCode, expect.stringMatching(auditWords)]);
      const monitor = await monitorOf(log.urlOf(lie), state, lie);
      expect([monitor.exitCode, monitor.stdout]).toEqual([exitCode, expect.stringMatching(monitorWords)]);
      // Who told the truth before and after is believed again.
      expect((await monitorOf(log.url, state)).exitCode).toBe(0);
    },
  );

  it('about how far it is, is caught with 1 by whoever saw more', async () => {
    const state = temporaryFolder();
    expect([(await auditOf(log.url, state)).exitCode, (await monitorOf(log.url, state)).exitCode]).toEqual([0, 0]);
    const audit = await auditOf(log.urlOf('old-head'), state);
    expect([audit.exitCode, audit.stdout]).toEqual([1, expect.stringContaining('rollback')]);
    const monitor = await monitorOf(log.urlOf('old-head'), state);
    expect([monitor.exitCode, monitor.stdout]).toEqual([
      1,
      expect.stringMatching(/"rollback".*shows a head of size 300/),
    ]);
  });

  it('with proofs for other sizes misleads nobody who reads the tree', async () => {
    const state = temporaryFolder();
    const lying = log.urlOf('other-sizes-proof');
    expect([(await auditOf(lying, state)).exitCode, (await monitorOf(lying, state)).exitCode]).toEqual([0, 0]);
    log.grow(7);
    expect([(await auditOf(lying, state)).exitCode, (await monitorOf(lying, state)).exitCode]).toEqual([0, 0]);
    expect(log.requests.filter((asked) => asked.includes('consistency'))).toEqual([]);
  });

  it('by refusing connections is away, with 3', async () => {
    const state = temporaryFolder();
    await log.refuse();
    const audit = await auditOf(log.url, state);
    const monitor = await monitorOf(log.url, state).finally(() => log.listen());
    expect([audit.exitCode, audit.stdout]).toEqual([3, expect.stringContaining('connection refused')]);
    expect([monitor.exitCode, monitor.stdout]).toEqual([3, expect.stringMatching(/"outage".*connection refused/)]);
  });
});

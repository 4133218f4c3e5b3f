import { createTestWitness } from '@assent/test-support';
import { type WitnessFault, witnessFaults } from '@assent/test-support/witness-server';
import { verifyReceipt } from '@assent/verifier';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WitnessFiles } from '../src/witness/open-witnessing.ts';
import {
  checkpointIn,
  createWitnessedHome,
  EVERYTHING,
  eventually,
  readCheckpoint,
  recordEvents,
  submission,
  type WitnessedHome,
} from './support/witnessed-log.ts';

const ANY_TWO = 'group two 2 good fine bad\nquorum two\n';

describe('a witness that misbehaves', () => {
  let home: WitnessedHome;
  let close: () => Promise<void>;
  beforeAll(async () => {
    home = await createWitnessedHome(['good', 'fine', 'bad']);
  });
  afterEach(async () => {
    await close();
    home.witnesses.bad!.fault = undefined;
  });
  afterAll(() => home.remove());
  const open = async (witnesses: Omit<WitnessFiles, 'intervalMs'>) => {
    const opened = await home.open({ witnesses: { ...witnesses, intervalMs: 0 } });
    close = opened.close;
    return opened;
  };

  const stranger = createTestWitness({ name: 'witness.test/bad' });
  const faults: readonly [string, (home: WitnessedHome) => WitnessFault, string][] = [
    ['hangs up', () => witnessFaults.hangsUp(), 'unreachable'],
    ['does not know the log', () => witnessFaults.status(404), 'refused'],
    ['does not know the key', () => witnessFaults.status(403), 'refused'],
    ['finds the request malformed', () => witnessFaults.status(400), 'refused'],
    ['is broken', () => witnessFaults.status(500), 'refused'],
    ['sends elsewhere', () => witnessFaults.status(302), 'refused'],
    ['finds the tree inconsistent', () => witnessFaults.status(422), 'conflict'],
    ['always has another size', () => witnessFaults.alwaysConflict(0), 'conflict'],
    ['claims a size beyond ours', () => witnessFaults.alwaysConflict(4_000_000), 'conflict'],
    ['has a size that is no number', () => witnessFaults.conflictBody('0x10\n', 'text/x.tlog.size'), 'conflict'],
    ['has a size in another type', () => witnessFaults.conflictBody('0\n', 'text/plain'), 'conflict'],
    ['has a size without a line end', () => witnessFaults.conflictBody('0', 'text/x.tlog.size'), 'conflict'],
    ['answers garbage', () => witnessFaults.garbage(), 'invalid'],
    ['answers nothing', () => witnessFaults.nothing(), 'invalid'],
    ['answers a megabyte', () => witnessFaults.huge(1_000_000), 'invalid'],
    ['signs wrongly', () => witnessFaults.invalidSignature(), 'invalid'],
    ['signs under another name', () => witnessFaults.wrongName(), 'invalid'],
    ['signs with another key', () => witnessFaults.otherKey(stranger), 'invalid'],
    [
      'signs another checkpoint',
      ({ witnesses }) => witnessFaults.otherCheckpoint(witnesses.bad!.witness, 'log.test/approvals\n1\nAAAA\n'),
      'invalid',
    ],
    ['signs without a time', ({ witnesses }) => witnessFaults.timeZero(witnesses.bad!.witness), 'invalid'],
  ];

  it.each(faults)('is counted, never published and in nobody’s way: it %s', async (_, fault, reason) => {
    home.witnesses.bad!.fault = fault(home);
    const events = recordEvents();
    const { log, witnessing } = await open({ policy: home.policyFile(ANY_TWO), events });
    const { index } = await log.append(submission(), EVERYTHING);
    expect(await witnessing.waitFor(index + 1, 30_000)).toBe(true);
    const failure = await eventually('the failure was counted', () => events.failed[0]);
    expect(failure).toEqual({ name: 'bad', reason });
    expect(events.answered.some(({ name }) => name === 'bad')).toBe(false);
    const receipt = await log.receipt(`${index}`);
    expect(checkpointIn(receipt).signers).not.toContain('witness.test/bad');
    expect(readCheckpoint((await log.head()).checkpoint).signers).not.toContain('witness.test/bad');
    expect((await verifyReceipt(receipt, { logPolicy: home.policy(ANY_TWO) })).verdict).toBe('authentic');
    expect(log.stopReason).toBeUndefined();
  });

  it('is asked again, and counts when it does what it should', async () => {
    home.witnesses.bad!.fault = witnessFaults.status(503);
    const events = recordEvents();
    const { log, witnessing } = await open({ policy: home.policyFile('quorum bad\n'), events });
    const { index } = await log.append(submission(), EVERYTHING);
    await eventually('it failed', () => events.failed.length > 0);
    home.witnesses.bad!.fault = undefined;
    expect(await witnessing.waitFor(index + 1, 30_000)).toBe(true);
  });

  it('is given up after a while when it never answers, and others get newer heads meanwhile', async () => {
    const letGo = home.witnesses.bad!.hold();
    const events = recordEvents();
    const { log, witnessing } = await open({ policy: home.policyFile(ANY_TWO), timeoutMs: 300, events });
    for (let i = 0; i < 3; i++) {
      const { index } = await log.append(submission(), EVERYTHING);
      expect(await witnessing.waitFor(index + 1, 30_000)).toBe(true);
    }
    // On a busy machine a good witness may be too slow as well, once.
    const failure = await eventually('it was given up', () => events.failed.find(({ name }) => name === 'bad'));
    expect(failure).toEqual({ name: 'bad', reason: 'timeout' });
    letGo();
  });
});

describe('nested groups and witnesses outside the quorum', () => {
  it('reach the quorum as the policy says, and the others are asked too', async () => {
    const home = await createWitnessedHome(['X1', 'X2', 'Y1', 'Y2']);
    try {
      const other = home.witnesses.Y2!;
      const lines = ['X1', 'X2', 'Y1'].map((name) => home.witnesses[name]!.policyLine).join('');
      const text = `${lines}group X 2 X1 X2\ngroup Y any Y1\ngroup both all X Y\nquorum both\n`;
      const release = home.witnesses.X2!.hold();
      const { log, witnessing } = await home.open({
        witnesses: { policy: { name: 'p', text }, others: { name: 'o', text: other.policyLine }, intervalMs: 0 },
      });
      const { index } = await log.append(submission(), EVERYTHING);
      await eventually('the others cosigned', () => {
        const cosigned = witnessing.status().filter((w) => w.cosigned?.size !== undefined);
        return cosigned.length === 3;
      });
      expect(witnessing.kept.newest).toBeUndefined();
      release();
      expect(await witnessing.waitFor(index + 1, 30_000)).toBe(true);
      expect(
        await eventually('outside the quorum too', () =>
          readCheckpoint(witnessing.kept.newest!.checkpoint).signers.includes('witness.test/Y2'),
        ),
      ).toBe(true);
      expect(witnessing.status().map(({ name, inQuorum }) => [name, inQuorum])).toEqual([
        ['X1', true],
        ['X2', true],
        ['Y1', true],
        ['Y2', false],
      ]);
    } finally {
      await home.remove();
    }
  });
});

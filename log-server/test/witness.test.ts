import { mlDsaPrimitives } from '@assent/test-support/ml-dsa';
import { verifyReceipt } from '@assent/verifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkpointIn,
  createWitnessedHome,
  EVERYTHING,
  eventually,
  readCheckpoint,
  submission,
  type WitnessedHome,
} from './support/witnessed-log.ts';

const QUORUM = 'group two 2 A B C\nquorum two\n';

describe('a log with witnesses', () => {
  let home: WitnessedHome;
  beforeEach(async () => {
    home = await createWitnessedHome(['A', 'B', 'C']);
  });
  afterEach(() => home.remove());

  const open = (intervalMs = 0) => home.open({ witnesses: { policy: home.policyFile(QUORUM), intervalMs } });

  it('upgrades receipts to the first checkpoint that the quorum cosigned, and keeps that one', async () => {
    const { log, witnessing } = await open();
    const release = Object.values(home.witnesses).map((witness) => witness.hold());
    const { index, receipt } = await log.append(submission(), EVERYTHING);
    const logPolicy = home.policy(QUORUM);
    const before = await verifyReceipt(receipt, { logPolicy });
    expect(before.verdict).toBe('incomplete');
    expect(before.checks.find(({ id }) => id === 'witnesses')).toMatchObject({ code: 'quorum_not_reached' });
    expect(await log.receipt(`${index}`)).toBe(receipt);

    for (const letGo of release) letGo();
    expect(await witnessing.waitFor(index + 1, 30_000)).toBe(true);
    const upgraded = await log.receipt(`${index}`);
    const after = await verifyReceipt(upgraded, { logPolicy });
    expect(after.checks.find(({ id }) => id === 'witnesses')).toMatchObject({ status: 'pass' });
    expect(after.verdict).toBe('authentic');
    expect(Date.parse(after.log!.seen_by!)).toBeGreaterThan(Date.now() - 120_000);

    const first = checkpointIn(upgraded);
    for (let i = 0; i < 3; i++) {
      const { index: later } = await log.append(submission(), EVERYTHING);
      expect(await witnessing.waitFor(later + 1, 30_000)).toBe(true);
    }
    const again = checkpointIn(await log.receipt(`${index}`));
    expect(again).toMatchObject({ size: first.size, root: first.root });
    expect((await verifyReceipt(await log.receipt('2'), { logPolicy })).verdict).toBe('authentic');
  });

  it('appends cosignatures to the newest checkpoint as they arrive', async () => {
    const { log, witnessing } = await open();
    const { index } = await log.append(submission(), EVERYTHING);
    await witnessing.waitFor(index + 1, 30_000);
    const signers = await eventually('all three cosigned', async () => {
      const found = readCheckpoint((await log.head()).checkpoint).signers;
      return found.length === 4 ? found : undefined;
    });
    expect([...signers].sort()).toEqual(['log.test/approvals', 'witness.test/A', 'witness.test/B', 'witness.test/C']);
    expect(
      await eventually('the late one was added', () => witnessing.kept.newest?.checkpoint.match(/— w/g)?.length === 3),
    ).toBe(true);
  });

  it('answers an append while every witness hangs, and offers them only the newest head afterwards', async () => {
    const { log, witnessing } = await open();
    await eventually('the first head was offered', () => home.witnesses.A!.offers.length > 0);
    await eventually('at rest', () => witnessing.status().every(({ cosigned }) => cosigned !== undefined));
    const offered = home.witnesses.A!.offers.length;
    const release = Object.values(home.witnesses).map((witness) => witness.hold());
    // Not one of these waits for a witness: none answers before all of them are done.
    for (let i = 0; i < 5; i++) await log.append(submission(), EVERYTHING);
    expect(checkpointIn(await log.receipt('0')).signers).toEqual(['log.test/approvals']);
    for (const letGo of release) letGo();
    expect(await witnessing.waitFor(5, 30_000)).toBe(true);
    expect(home.witnesses.A!.offers.length - offered).toBeLessThanOrEqual(2);
  });

  it('keeps everything through a restart', async () => {
    const first = await open();
    const { index } = await first.log.append(submission(), EVERYTHING);
    await first.witnessing.waitFor(index + 1, 30_000);
    const kept = await first.log.receipt(`${index}`);
    await first.close();
    for (const witness of Object.values(home.witnesses)) witness.hold();
    const second = await open();
    expect(checkpointIn(await second.log.receipt(`${index}`)).size).toBe(checkpointIn(kept).size);
    expect(
      (await verifyReceipt(await second.log.receipt(`${index}`), { logPolicy: home.policy(QUORUM) })).verdict,
    ).toBe('authentic');
    expect(readCheckpoint((await second.log.head()).checkpoint).signers.length).toBeGreaterThanOrEqual(3);
  });

  it('catches up from the size that a witness names', async () => {
    const alone = await home.open();
    for (let i = 0; i < 3; i++) await alone.log.append(submission(), EVERYTHING);
    // The witness knows the log already, and the log does not know that.
    home.witnesses.A!.state.adopt((await alone.log.head()).checkpoint);
    for (let i = 0; i < 2; i++) await alone.log.append(submission(), EVERYTHING);
    await alone.close();
    const { witnessing } = await open();
    expect(await witnessing.waitFor(5, 30_000)).toBe(true);
    await eventually('A cosigned', () => home.witnesses.A!.state.sizeOf('log.test/approvals') === 5);
    expect(home.witnesses.A!.offers.map((body) => body.split('\n')[0])).toEqual(['old 0', 'old 3']);
  });
});

describe('a log with witnesses that cosign with ML-DSA-44', () => {
  it('asks them, counts them, and hands their cosignatures out', async () => {
    const home = await createWitnessedHome(['A', 'Q'], ['Q']);
    try {
      const quorum = 'group both all A Q\nquorum both\n';
      const { log, witnessing } = await home.open({ witnesses: { policy: home.policyFile(quorum), intervalMs: 0 } });
      const { index } = await log.append(submission(), EVERYTHING);
      expect(await witnessing.waitFor(index + 1, 10_000)).toBe(true);
      const receipt = await log.receipt(`${index}`);
      expect([...checkpointIn(receipt).signers].sort()).toEqual([
        'log.test/approvals',
        'witness.test/A',
        'witness.test/Q',
      ]);
      const report = await verifyReceipt(receipt, { logPolicy: home.policy(quorum), primitives: mlDsaPrimitives });
      expect(report.verdict).toBe('authentic');
      expect(report.log!.witnesses.map(({ name }) => name).sort()).toEqual(['A', 'Q']);
    } finally {
      await home.remove();
    }
  });
});

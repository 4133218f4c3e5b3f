import { witnessFaults } from '@assent/test-support/witness-server';
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

const QUORUM = 'group all-three all A B C\nquorum all-three\n';

describe('witnesses of a log', () => {
  let home: WitnessedHome;
  beforeEach(async () => {
    home = await createWitnessedHome(['A', 'B', 'C']);
  });
  afterEach(() => home.remove());

  const open = (options: { now?: () => number; idleMs?: number; lines?: string } = {}) => {
    const { lines = QUORUM, ...rest } = options;
    return home.open({ ...rest, witnesses: { policy: home.policyFile(lines), intervalMs: 0 } });
  };

  it('serve several processes, which agree on the first cosigned checkpoint of every entry', async () => {
    const processes = [await open(), await open()];
    const logPolicy = home.policy(QUORUM);
    for (let i = 0; i < 6; i++) {
      const { log, witnessing } = processes[i % 2]!;
      const { index } = await log.append(submission(), EVERYTHING);
      if (i % 3 === 2) expect(await witnessing.waitFor(index + 1, 30_000)).toBe(true);
    }
    for (const { witnessing } of processes) expect(await witnessing.waitFor(6, 30_000)).toBe(true);
    for (let index = 0; index < 6; index++) {
      const receipts = await Promise.all(processes.map(({ log }) => log.receipt(`${index}`)));
      expect(checkpointIn(receipts[0]!).size).toBe(checkpointIn(receipts[1]!).size);
      for (const receipt of receipts) {
        expect((await verifyReceipt(receipt, { logPolicy })).verdict).toBe('authentic');
      }
    }
    const { rows } = await processes[0]!.database.pool.query('SELECT seq, size FROM cosigned ORDER BY seq');
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1));
    expect(rows.every(({ size }, i) => i === 0 || size > rows[i - 1].size)).toBe(true);
  });

  it('are asked again about an idle log’s renewed head, and receipts keep the first cosignatures', async () => {
    let now = Date.now();
    const { log, witnessing, idleHeads } = await open({ now: () => now });
    const { index } = await log.append(submission(), EVERYTHING);
    expect(await witnessing.waitFor(index + 1, 30_000)).toBe(true);
    const kept = witnessing.kept.newest!.checkpoint;
    now += 601_000;
    for (const witness of Object.values(home.witnesses)) witness.now = () => now;
    const offered = home.witnesses.A!.offers.length;
    expect(await idleHeads.renew()).toBe(true);
    await eventually('they were asked again', () => home.witnesses.A!.offers.length > offered);
    await eventually('and answered', () => witnessing.status().every(({ cosigned }) => cosigned!.time >= now - 1_000));
    expect(witnessing.kept.newest!.checkpoint).toBe(kept);
    expect(JSON.parse(await log.receipt(`${index}`)).proof.endsWith(kept)).toBe(true);
    const newest = (await log.head()).checkpoint;
    expect(readCheckpoint(newest).signers).toHaveLength(4);
    expect(newest).not.toBe(kept);
  });

  it('stop appends while three of them say that the clock is wrong, and let them pass when it is right', async () => {
    let now = Date.now();
    const { log, witnessing } = await open({ now: () => now });
    for (const witness of Object.values(home.witnesses)) witness.now = () => now + 90_000;
    const { index } = await log.append(submission(), EVERYTHING);
    expect(await witnessing.waitFor(index + 1, 30_000)).toBe(true);
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'clock' });
    expect(witnessing.clockProblem()).toMatch(/clock is (89|90) s behind its witnesses'/);
    // Nobody sets the clock right: what they said is too old to count after ten minutes.
    now += 601_000;
    expect(witnessing.clockProblem()).toBeUndefined();
  });

  it('notice at the next answer that the clock was set right', async () => {
    for (const witness of Object.values(home.witnesses)) witness.now = () => Date.now() + 90_000;
    const { log, witnessing } = await open();
    await eventually('they complain', () => witnessing.clockProblem());
    await expect(log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'clock' });
    for (const witness of Object.values(home.witnesses)) witness.now = Date.now;
    expect(await eventually('they are content', () => witnessing.clockProblem() === undefined)).toBe(true);
    await log.append(submission(), EVERYTHING);
  });

  it('keep what an earlier policy’s quorum saw, where it would be enough for the new one too', async () => {
    const first = await open();
    await first.log.append(submission(), EVERYTHING);
    expect(await first.witnessing.waitFor(1, 30_000)).toBe(true);
    await first.close();

    const looser = await open({ lines: 'quorum A\n' });
    expect(checkpointIn(await looser.log.receipt('0')).signers).toContain('witness.test/C');
    await looser.log.append(submission(), EVERYTHING);
    expect(await looser.witnessing.waitFor(2, 30_000)).toBe(true);
    expect(checkpointIn(await looser.log.receipt('0')).size).toBe(1);
    await looser.close();
  });

  it('replace what an earlier policy’s quorum saw, where that is not enough for the new one', async () => {
    for (const name of ['B', 'C']) home.witnesses[name]!.fault = witnessFaults.status(500);
    const first = await open({ lines: 'quorum A\n' });
    await first.log.append(submission(), EVERYTHING);
    expect(await first.witnessing.waitFor(1, 30_000)).toBe(true);
    await first.close();
    for (const name of ['B', 'C']) home.witnesses[name]!.fault = undefined;

    const stricter = await open();
    await stricter.log.append(submission(), EVERYTHING);
    expect(await stricter.witnessing.waitFor(2, 30_000)).toBe(true);
    const receipt = await stricter.log.receipt('0');
    expect((await verifyReceipt(receipt, { logPolicy: home.policy(QUORUM) })).verdict).toBe('authentic');
  });
});

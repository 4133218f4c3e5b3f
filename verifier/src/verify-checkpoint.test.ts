import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { appendLines, createTestWitness } from '@assent/test-support/witnesses';
import { describe, expect, it } from 'vitest';
import { hexEncode } from './bytes.ts';
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts';
import { type LogProofReport, verifyCheckpoint, verifyTlogProof } from './verify-checkpoint.ts';

const time = Date.parse('2026-04-03T12:00:00.000Z');
const log = createTestLog({ origin: 'log.example.com/approvals' });
const { envelope } = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
for (let i = 0; i < 6; i++) log.append({ content: envelope, loggedAt: time + i });
const { proof, entry, index } = log.receipt(3);
const logKeys = [log.vkey];
const checkpoint = log.checkpoint();
const witness = createTestWitness({ name: 'witness.example.com/x1', seed: 1 });
const logPolicy = `log ${log.vkey}\nwitness X1 ${witness.vkey}\nquorum X1\n`;

function outcome({ verdict, checks }: LogProofReport): readonly string[] {
  return [
    verdict,
    ...checks.map(({ id, status, code }) => [id, status, ...(code === undefined ? [] : [code])].join(' ')),
  ];
}

describe('verifyCheckpoint', () => {
  it('says who signed, and what', async () => {
    const report = await verifyCheckpoint(checkpoint, { logKeys });
    expect(outcome(report)).toEqual(['authentic', 'checkpoint pass', 'witnesses pass no_quorum']);
    expect(report.log).toEqual({
      origin: log.origin,
      size: 6,
      root: `sha256:${hexEncode(log.tree.root(6))}`,
      witnesses: [],
    });
    expect(await verifyCheckpoint(Buffer.from(checkpoint), { logKeys })).toEqual(report);
  });

  it('asks for the quorum of a policy', async () => {
    const alone = await verifyCheckpoint(checkpoint, { logPolicy });
    expect(outcome(alone)).toEqual(['incomplete', 'checkpoint pass', 'witnesses skip quorum_not_reached']);
    const cosigned = appendLines(checkpoint, [witness.cosign(checkpoint, time)]);
    const report = await verifyCheckpoint(cosigned, { logPolicy });
    expect(outcome(report)).toEqual(['authentic', 'checkpoint pass', 'witnesses pass']);
    expect(report.log).toMatchObject({ seen_by: '2026-04-03T12:00:00.000Z' });
  });

  it.each([
    ['no key', checkpoint, [], ['incomplete', 'checkpoint skip no_log_key', 'witnesses skip no_log_key']],
    ['another key', checkpoint, [createTestLog({ origin: log.origin }).vkey], 'log_signature_missing'],
    ['another log', checkpoint, [createTestLog({ origin: 'other.example' }).vkey], 'origin_mismatch'],
    ['another size', checkpoint.replace('\n6\n', '\n7\n'), logKeys, 'note_signature_invalid'],
    ['no note', 'x', logKeys, 'note_malformed'],
    ['no checkpoint', log.signNote('x\n'), logKeys, 'checkpoint_malformed'],
  ])('does not believe %s', async (_, note, keys, expected) => {
    const report = await verifyCheckpoint(note, { logKeys: keys });
    const failed = ['invalid', `checkpoint fail ${expected}`, 'witnesses skip premise_failed'];
    expect(outcome(report)).toEqual(typeof expected === 'string' ? failed : expected);
    expect(report.log).toBeUndefined();
  });

  it('rejects a bad option', async () => {
    await expect(verifyCheckpoint(checkpoint, { logKeys: ['x'] })).rejects.toThrow(TypeError);
    await expect(verifyCheckpoint(checkpoint, { logPolicy: 'quorum' })).rejects.toThrow(TypeError);
  });
});

describe('verifyTlogProof', () => {
  it('shows the place of these bytes', async () => {
    const report = await verifyTlogProof(proof, { entry, logKeys });
    expect(outcome(report)).toEqual(['authentic', 'inclusion pass', 'checkpoint pass', 'witnesses pass no_quorum']);
    expect(report.log).toMatchObject({ origin: log.origin, size: 6, index });
  });

  it('is incomplete without them, however well the head is signed', async () => {
    const report = await verifyTlogProof(proof, { logKeys });
    expect(outcome(report)).toEqual([
      'incomplete',
      'inclusion skip premise_failed',
      'checkpoint pass',
      'witnesses pass no_quorum',
    ]);
    expect([report.log, report.unverified_log]).toEqual([undefined, expect.objectContaining({ index, size: 6 })]);
  });

  it('notices other bytes, another index, and each hash that is changed', async () => {
    const parsed = unwrap(parseTlogProof(proof));
    const bad = ['invalid', 'inclusion fail inclusion_mismatch', 'checkpoint pass', 'witnesses pass no_quorum'];
    expect(outcome(await verifyTlogProof(proof, { entry: new Uint8Array(0), logKeys }))).toEqual(bad);
    expect(outcome(await verifyTlogProof(formatTlogProof({ ...parsed, index: 2 }), { entry, logKeys }))).toEqual(bad);
    for (let i = 0; i < parsed.proof.length; i++) {
      const hashes = parsed.proof.map((hash, at) => (at === i ? hash.map((byte) => byte ^ 1) : hash));
      const report = await verifyTlogProof(formatTlogProof({ ...parsed, proof: hashes }), { entry, logKeys });
      expect(outcome(report)).toEqual(bad);
      expect(report.log).toBeUndefined();
    }
    const short = formatTlogProof({ ...parsed, proof: parsed.proof.slice(1) });
    expect(outcome(await verifyTlogProof(short, { entry, logKeys }))[1]).toBe('inclusion fail inclusion_length');
  });

  it('says what is wrong with a proof that cannot be read, with the entry and without', async () => {
    for (const options of [{ logKeys }, { logKeys, entry }]) {
      expect(outcome(await verifyTlogProof('x', options))).toEqual([
        'invalid',
        'inclusion fail proof_malformed',
        'checkpoint skip premise_failed',
        'witnesses skip premise_failed',
      ]);
      const headless = formatTlogProof({ index: 0, proof: [], checkpoint: 'x' });
      expect(outcome(await verifyTlogProof(headless, options)).slice(0, 3)).toEqual([
        'invalid',
        'inclusion skip premise_failed',
        'checkpoint fail note_malformed',
      ]);
    }
  });
});

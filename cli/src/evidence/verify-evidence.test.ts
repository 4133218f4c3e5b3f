/** Evidence that is no receipt, judged by the functions themselves; `test/verify-kinds.test.ts` runs the program. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createTestLog, type TestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { createTestWitness } from '@assent/test-support/witnesses';
import {
  base64Encode,
  formatSignedTreeHead,
  formatTreeHead,
  parseLogPolicy,
  proveConsistency,
  utf8Encode,
} from '@assent/verifier';
import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
import { describe, expect, it } from 'vitest';
import type { LogSource } from '../log-source/log-source.ts';
import type { EvidenceReport } from './evidence-report.ts';
import { evidenceText } from './evidence-report.ts';
import { type ProofSource, verifyConsistency } from './verify-consistency.ts';
import { verifyHead } from './verify-head.ts';
import { verifyEntryProof, verifyMisbehaviourProof } from './verify-log-proof.ts';

const SIZE = 300;
const FORK = 100;

function grow(log: TestLog, from: number, branch: number): TestLog {
  for (let i = from; i < SIZE; i++) log.appendBytes(utf8Encode(`entry ${i} of history ${i < FORK ? 0 : branch}`));
  return log;
}

const { privateKey } = generateKeyPairSync('ed25519');
const log = grow(createTestLog({ privateKey }), 0, 1);
const other = grow(createTestLog({ privateKey }), 0, 2);
const pinned = { logKeys: [log.vkey] };
const checkpoint = (note: string) => ({ kind: 'checkpoint', bytes: utf8Encode(note) }) as const;
const sth = (text: string) => ({ kind: 'sth', bytes: utf8Encode(text) }) as const;
const file = (text: string): ProofSource => ({ kind: 'file', bytes: utf8Encode(text) });
const outcomes = ({ checks }: EvidenceReport) =>
  checks.map(({ id, status, code }) => [id, status, ...(code === undefined ? [] : [code])].join(' '));

/** Its tiles as a log would serve them. */
function tilesOf({ tree }: TestLog): ProofSource {
  const source: LogSource = {
    name: 'memory',
    checkpoint: () => Promise.reject(new Error('not asked for')),
    witnessedCheckpoint: () => Promise.reject(new Error('not asked for')),
    bundle: () => Promise.reject(new Error('not asked for')),
    tile: async (level, index, width) =>
      Buffer.concat(
        tree.hashes(Array.from({ length: width }, (_, i) => ({ level: level * 8, index: index * 256 + i }))),
      ),
    close: async () => undefined,
  };
  return { kind: 'log', source };
}

async function proofOf({ tree }: TestLog, from: number, to: number): Promise<readonly string[]> {
  return (await proveConsistency(from, to, tree)).map(base64Encode);
}

describe('verifyConsistency', () => {
  it('believes a proof from a log, and from either form of a file', async () => {
    const [older, newer] = [checkpoint(log.checkpoint(120)), checkpoint(log.checkpoint(300))];
    const hashes = await proofOf(log, 120, 300);
    for (const from of [
      tilesOf(log),
      file(JSON.stringify({ consistency: hashes })),
      file(hashes.map((hash) => `${hash}\n`).join('')),
      file(hashes.join('\n')),
    ]) {
      const { report, misbehaviour } = await verifyConsistency(older, newer, from, pinned);
      expect([report.verdict, outcomes(report).at(-1), misbehaviour]).toEqual([
        'authentic',
        'consistency pass',
        undefined,
      ]);
    }
  });

  it.each([
    ['nothing', { kind: 'none' } as const, 'incomplete', 'skip premise_failed'],
    ['an empty file', file(''), 'invalid', 'fail consistency_length'],
    ['a hash of 31 bytes', file(base64Encode(new Uint8Array(31))), 'invalid', 'fail hash_length'],
    ['no base64', file('?\n'), 'invalid', 'fail bad_base64'],
    ['another document', file('{"proof":[]}'), 'invalid', 'fail missing_member'],
    ['numbers', file('{"consistency":[7]}'), 'invalid', 'fail wrong_type'],
    ['no text', { kind: 'file', bytes: Uint8Array.of(0xff) } as const, 'invalid', 'fail not_utf8'],
    ['the tiles of another tree', tilesOf(other), 'invalid', 'fail consistency_mismatch'],
  ])('shows nothing by %s', async (_, from, verdict, outcome) => {
    const heads = [checkpoint(log.checkpoint(120)), checkpoint(log.checkpoint(300))] as const;
    const { report, misbehaviour } = await verifyConsistency(...heads, from, pinned);
    expect([report.verdict, outcomes(report).at(-1), misbehaviour]).toEqual([
      verdict,
      `consistency ${outcome}`,
      undefined,
    ]);
  });

  it('finds the fork that the newer tree itself shows, and makes a proof of it', async () => {
    for (const [older, newer, from] of [
      [log.checkpoint(120), other.checkpoint(300), tilesOf(other)],
      [log.checkpoint(300), other.checkpoint(300), { kind: 'none' }],
    ] as const) {
      const { report, misbehaviour } = await verifyConsistency(checkpoint(older), checkpoint(newer), from, pinned);
      expect([report.verdict, outcomes(report).at(-1)]).toEqual(['invalid', 'consistency fail consistency_mismatch']);
      expect(report.summary).toContain('two histories');
      expect(unwrap(await verifyMisbehaviour(misbehaviour!, pinned)).newer.size).toBe(300);
      expect(report.misbehaviour).toEqual(JSON.parse(misbehaviour!));
    }
  });

  it('compares STHs with checkpoints, and says when they were signed', async () => {
    const head = { size: 120, root: log.tree.root(120), timestamp: 1_775_235_662_123 };
    const signed = formatSignedTreeHead(head, new Uint8Array(sign(null, formatTreeHead(head), privateKey)));
    const { report } = await verifyConsistency(sth(signed), checkpoint(log.checkpoint(300)), tilesOf(log), pinned);
    expect(outcomes(report)).toEqual(['older pass', 'checkpoint pass', 'witnesses pass no_quorum', 'consistency pass']);
    expect(report.older).toMatchObject({ origin: log.origin, size: 120, timestamp: '2026-04-03T17:01:02.123Z' });
    const alone = await verifyHead(sth(signed), { logKeys: [createTestLog({ origin: 'a.example' }).vkey, log.vkey] });
    expect([alone.verdict, alone.summary]).toEqual([
      'authentic',
      `${log.origin} signed a tree of 120 entries at 2026-04-03T17:01:02.123Z.`,
    ]);
    // Nobody cosigns an STH, so a quorum that is asked for is not there.
    const witness = createTestWitness({ name: 'witness.example.com' });
    const logPolicy = unwrap(parseLogPolicy(`log ${log.vkey}\nwitness W ${witness.vkey}\nquorum W\n`));
    const asked = await verifyHead(sth(signed), { ...pinned, logPolicy });
    expect([asked.verdict, outcomes(asked).at(-1)]).toEqual(['incomplete', 'witnesses skip quorum_not_reached']);
  });

  it('takes no head on trust', async () => {
    const newer = checkpoint(log.checkpoint(300));
    const stranger = createTestLog({ origin: log.origin });
    const { report } = await verifyConsistency(checkpoint(stranger.checkpoint()), newer, tilesOf(log), pinned);
    expect(outcomes(report)).toEqual([
      'older fail log_signature_missing',
      'checkpoint pass',
      'witnesses pass no_quorum',
      'consistency skip premise_failed',
    ]);
    const elsewhere = createTestLog({ origin: 'other.example.com' });
    const keys = { logKeys: [log.vkey, elsewhere.vkey] };
    const mixed = await verifyConsistency(checkpoint(elsewhere.checkpoint()), newer, tilesOf(log), keys);
    expect(outcomes(mixed.report).at(-1)).toBe('consistency fail origin_mismatch');
    await expect(verifyConsistency(newer, checkpoint(log.checkpoint(120)), tilesOf(log), pinned)).rejects.toThrow(
      'the other way round',
    );
  });
});

describe('verifyHead', () => {
  const treeHead = '{"tree_size":3,"timestamp":1775235662123,"sha256_root_hash":"AA==","tree_head_signature":"AA=="}';

  it('says what is wrong with an STH, and does not guess whose it is', async () => {
    expect(outcomes(await verifyHead(sth(treeHead), pinned))).toEqual(['checkpoint fail hash_length']);
    expect(outcomes(await verifyHead(sth('{}'), pinned))).toEqual(['checkpoint fail missing_member']);
    expect(outcomes(await verifyHead(sth(treeHead), { logKeys: [] }))).toEqual(['checkpoint skip no_log_key']);
    const bytes = Uint8Array.of(0xff);
    expect(outcomes(await verifyHead({ kind: 'sth', bytes }, pinned))).toEqual(['checkpoint fail not_utf8']);
  });

  it('escapes what a head says', async () => {
    const hostile = log.signNote(`evil\u202e\u009b[2J\n3\n${base64Encode(new Uint8Array(32))}\n`);
    const text = evidenceText(await verifyHead(checkpoint(hostile), pinned), process.stdout);
    expect(text).toContain('\\u{202e}');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('asks for witnesses that a policy names', async () => {
    const witness = createTestWitness({ name: 'witness.example.com' });
    const logPolicy = unwrap(parseLogPolicy(`log ${log.vkey}\nwitness W ${witness.vkey}\nquorum W\n`));
    const alone = await verifyHead(checkpoint(log.checkpoint()), { ...pinned, logPolicy });
    expect([alone.verdict, outcomes(alone).at(-1)]).toEqual(['incomplete', 'witnesses skip quorum_not_reached']);
    const seen = await verifyHead(checkpoint(witness.append(log.checkpoint())), { ...pinned, logPolicy });
    expect([seen.verdict, seen.summary]).toEqual(['authentic', expect.stringContaining('a quorum of witnesses')]);
  });
});

describe('verifyEntryProof and verifyMisbehaviourProof', () => {
  it('show what they are given, and nothing else', async () => {
    const { proof, entry } = log.receipt(5);
    expect((await verifyEntryProof(utf8Encode(proof), entry, pinned)).verdict).toBe('authentic');
    const wrong = await verifyEntryProof(utf8Encode(proof), entry.subarray(1), pinned);
    expect([wrong.verdict, outcomes(wrong)[0]]).toEqual(['invalid', 'inclusion fail inclusion_mismatch']);
    const without = await verifyEntryProof(utf8Encode(proof), undefined, pinned);
    expect([without.verdict, outcomes(without)[0]]).toEqual(['incomplete', 'inclusion skip premise_failed']);
    expect(outcomes(await verifyEntryProof(Uint8Array.of(0xff), entry, pinned))).toEqual(['inclusion fail not_utf8']);
  });

  it('accuse nobody without the key of the log, nor in a format of a later version', async () => {
    const heads = [checkpoint(log.checkpoint(300)), checkpoint(other.checkpoint(300))] as const;
    const { misbehaviour } = await verifyConsistency(...heads, { kind: 'none' }, pinned);
    const judge = async (text: string, logKeys = [log.vkey]) =>
      outcomes(await verifyMisbehaviourProof(utf8Encode(text), { logKeys }));
    expect(await judge(misbehaviour!)).toEqual(['misbehaviour pass']);
    expect(await judge(misbehaviour!, [])).toEqual(['misbehaviour skip no_log_key']);
    expect(await judge(misbehaviour!, [createTestLog().vkey])).toEqual(['misbehaviour fail log_signature_missing']);
    expect(await judge('{"type":"assent/misbehaviour/v2"}')).toEqual(['misbehaviour skip unsupported']);
  });
});

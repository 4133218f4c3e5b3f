import { createHash } from 'node:crypto';
import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { mlDsaPrimitives, withoutMlDsa } from '@assent/test-support/ml-dsa';
import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { appendLines, createTestWitness, withCheckpoint } from '@assent/test-support/witnesses';
import { describe, expect, it } from 'vitest';
import { utf8Encode } from './bytes.ts';
import { formatTimestampedSignature } from './cosignature.ts';
import { parseLogPolicy } from './log-policy.ts';
import { type Primitives, type VerifySignature, webCryptoPrimitives } from './primitives.ts';
import { CHECK_TITLES, type CheckId, NO_QUORUM_TITLE, type Report } from './report.ts';
import { formatSignatureLine, parseNote } from './signed-note.ts';
import { parseTlogProof } from './tlog-proof.ts';
import { type VerifyOptions, verifyReceipt } from './verify-receipt.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const approval = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
for (let i = 0; i < 3; i++) log.append({ content: approval.envelope });
const { receipt: uncosigned, proof } = log.append({ content: approval.envelope });
const { checkpoint } = unwrap(parseTlogProof(proof));

const [x1, x2, y] = ['witness.example.com/x1', 'witness.example.com/x2', 'witness.example.org/y'].map((name, i) =>
  createTestWitness({ name, seed: i + 1 }),
) as [ReturnType<typeof createTestWitness>, ReturnType<typeof createTestWitness>, ReturnType<typeof createTestWitness>];
const WITNESSES = `witness X1 ${x1.vkey}\nwitness X2 ${x2.vkey}\nwitness Y ${y.vkey}\n`;
const LOG = `log ${log.vkey}\n`;
const POLICY = `${LOG}${WITNESSES}group X any X1 X2\ngroup X-and-Y all X Y\nquorum X-and-Y\n`;

const at = (seconds: number) => Date.parse('2026-04-03T12:00:00.000Z') + 1000 * seconds;
const iso = (seconds: number) => new Date(at(seconds)).toISOString();
const cosigned = (...lines: readonly string[]) => withCheckpoint(uncosigned, (note) => appendLines(note, lines));
const verify = (receipt: string | Uint8Array, options: VerifyOptions = { logPolicy: POLICY }) =>
  verifyReceipt(receipt, options);

function check({ checks }: Report, wanted: CheckId = 'witnesses') {
  return checks.find(({ id }) => id === wanted)!;
}

function outcome(report: Report, id?: CheckId): string {
  const { status, code } = check(report, id);
  return code === undefined ? status : `${status} ${code}`;
}

describe('a quorum that is reached', () => {
  it('passes, and names the witnesses and the time', async () => {
    const receipt = cosigned(y.cosign(checkpoint, at(20)), x2.cosign(checkpoint, at(5)), x1.cosign(checkpoint, at(30)));
    const report = await verify(receipt);
    expect(report.verdict).toBe('authentic');
    expect(outcome(report)).toBe('pass');
    expect(check(report)).toMatchObject({
      title: CHECK_TITLES.witnesses,
      detail: `Cosigned by X2 (${iso(5)}), Y (${iso(20)}), X1 (${iso(30)}): the quorum "X-and-Y" was reached at ${iso(20)}.`,
    });
    expect(report.log).toMatchObject({
      witnesses: [
        { name: 'X2', time: iso(5) },
        { name: 'Y', time: iso(20) },
        { name: 'X1', time: iso(30) },
      ],
      seen_by: iso(20),
    });
  });

  it('is the same with a parsed policy, and with the log key beside a policy', async () => {
    const receipt = cosigned(y.cosign(checkpoint, at(20)), x1.cosign(checkpoint, at(5)));
    const expected = await verify(receipt);
    expect(outcome(expected)).toBe('pass');
    expect(await verify(receipt, { logPolicy: unwrap(parseLogPolicy(POLICY)) })).toEqual(expected);
    expect(await verify(receipt, { logKeys: [log.vkey], logPolicy: POLICY })).toEqual(expected);
    expect(await verify(receipt, { logKeys: [log.vkey], logPolicy: POLICY.replace(LOG, '') })).toEqual(expected);
  });

  it('is not spoilt by bad lines, whoever appended them, up to a hundred', async () => {
    const good = [y.cosign(checkpoint, at(20)), x1.cosign(checkpoint, at(5))];
    const bytes = unwrap(parseNote(`x\n\n${good[0]}`)).signatures[0]!.signature;
    const bad = [
      formatSignatureLine(y.name, y.cosigner.keyId, formatTimestampedSignature(at(0) / 1000, bytes.subarray(8))),
      formatSignatureLine(y.name, y.cosigner.keyId, Uint8Array.of(1)),
      formatSignatureLine('stranger.example', 7, new Uint8Array(5000)),
      y.cosign(log.checkpoint(2), at(1)),
      y.cosign(checkpoint, 0),
    ];
    const fill = Array.from({ length: 92 }, (_, i) => formatSignatureLine(x1.name, i, new Uint8Array(72)));
    const report = await verify(cosigned(...bad, ...fill, ...good));
    expect(outcome(report)).toBe('pass');
    expect(report.log).toMatchObject({ seen_by: iso(20), witnesses: [{ name: 'X1' }, { name: 'Y', time: iso(20) }] });
  });
});

describe('a quorum that is not reached', () => {
  it('is incomplete, and says what is missing', async () => {
    const report = await verify(cosigned(x1.cosign(checkpoint, at(5))));
    expect(report.verdict).toBe('incomplete');
    expect(outcome(report)).toBe('skip quorum_not_reached');
    expect(check(report).detail).toBe('The quorum is not reached yet: X-and-Y needs 2 and has 1 (missing: Y).');
    expect(report.log!.witnesses).toEqual([{ name: 'X1', time: iso(5) }]);
    expect(report.log).not.toHaveProperty('seen_by');
    expect(check(await verify(uncosigned)).detail).toBe(
      'The quorum is not reached yet: X-and-Y needs 2 and has 0 (missing: X, Y); X needs 1 and has 0 (missing: X1, X2).',
    );
    const single = await verify(uncosigned, { logPolicy: `${LOG}${WITNESSES}quorum Y\n` });
    expect(check(single).detail).toBe('The quorum is not reached yet: Y has not cosigned.');
  });

  it('says which lines do not count, and why', async () => {
    const pq = createTestWitness({ name: 'pq.example', seed: 1, mlDsa: true });
    const self = createTestWitness({ name: log.origin });
    const logPolicy = `${LOG}${WITNESSES}witness PQ ${pq.vkey}\nwitness self ${self.vkey}\ngroup g 2 Y PQ self X1\nquorum g\n`;
    const lines = [
      pq.cosign(checkpoint, at(4)),
      self.cosign(checkpoint, at(1)),
      y.cosign(log.checkpoint(1), at(2)),
      x1.cosign(checkpoint, at(3)),
    ];
    const report = await verify(cosigned(...lines), { logPolicy, primitives: withoutMlDsa });
    expect(outcome(report)).toBe('skip quorum_not_reached');
    expect(check(report).detail).toBe(
      'The quorum is not reached yet: g needs 2 and has 1 (missing: Y, PQ, self). Lines that do not count: Y (signature_invalid), PQ (unsupported), self (own_cosignature).',
    );
  });

  it('is reached with ML-DSA-44 by whoever can verify it, and stays open to whoever cannot', async () => {
    const pq = createTestWitness({ name: 'pq.example', seed: 1, mlDsa: true });
    const logPolicy = `${LOG}witness PQ ${pq.vkey}\nquorum PQ\n`;
    const receipt = cosigned(pq.cosign(checkpoint, at(4)));
    const reached = await verify(receipt, { logPolicy, primitives: mlDsaPrimitives });
    expect(outcome(reached)).toBe('pass');
    expect(reached.log!.seen_by).toBe(iso(4));
    expect(outcome(await verify(receipt, { logPolicy, primitives: withoutMlDsa }))).toBe('skip quorum_not_reached');
  });

  it('does not outweigh evidence that fails', async () => {
    const withEntry = (receipt: string) => {
      const document = JSON.parse(receipt);
      return JSON.stringify({ ...document, entry: document.entry.replace('"logged_at":1', '"logged_at":2') });
    };
    const report = await verify(withEntry(uncosigned));
    expect([outcome(report), outcome(report, 'inclusion'), report.verdict]).toEqual([
      'skip quorum_not_reached',
      'fail inclusion_mismatch',
      'invalid',
    ]);
    // Who saw the tree head says nothing about an entry that is not in the tree.
    const spoilt = await verify(withEntry(cosigned(y.cosign(checkpoint, at(20)), x1.cosign(checkpoint, at(5)))));
    expect([outcome(spoilt), spoilt.verdict]).toEqual(['pass', 'invalid']);
    expect(spoilt).not.toHaveProperty('log');
    expect(spoilt.unverified_log).not.toHaveProperty('witnesses');
  });
});

describe('a policy that asks for no witness', () => {
  it('passes with a reservation, and claims no witnesses', async () => {
    const logPolicy = `${LOG}${WITNESSES}quorum none\n`;
    for (const options of [{ logPolicy }, { logKeys: [log.vkey] }]) {
      const report = await verify(uncosigned, options);
      expect(report.verdict).toBe('authentic');
      expect(outcome(report)).toBe('pass no_quorum');
      expect(check(report).title).toBe(NO_QUORUM_TITLE);
      expect(check(report).title).not.toMatch(/saw/);
      expect(report.log!.witnesses).toEqual([]);
      expect(report.log).not.toHaveProperty('seen_by');
    }
  });

  it('still says which witnesses of the policy cosigned', async () => {
    const report = await verify(cosigned(x1.cosign(checkpoint, at(5))), {
      logPolicy: `${LOG}${WITNESSES}quorum none\n`,
    });
    expect(outcome(report)).toBe('pass no_quorum');
    expect(check(report).detail).toContain(`It was cosigned all the same, by X1 (${iso(5)}).`);
    expect(report.log!.witnesses).toEqual([{ name: 'X1', time: iso(5) }]);
    expect(report.log).not.toHaveProperty('seen_by');
  });
});

describe('a tree head that the log did not sign', () => {
  const lines = [y.cosign(checkpoint, at(20)), x1.cosign(checkpoint, at(5))];

  it('has no witnesses, however many cosigned it', async () => {
    const other = createTestLog({ origin: log.origin });
    const logPolicy = POLICY.replace(log.vkey, other.vkey);
    const report = await verify(cosigned(...lines), { logPolicy });
    expect([outcome(report, 'checkpoint'), outcome(report)]).toEqual([
      'fail log_signature_missing',
      'skip premise_failed',
    ]);
    expect(report).not.toHaveProperty('log');
    expect(report.unverified_log).not.toHaveProperty('witnesses');
  });

  it('may be of a log that the policy does not list', async () => {
    const other = createTestLog({ origin: 'log.example.org/other' });
    const report = await verify(cosigned(...lines), { logPolicy: POLICY.replace(log.vkey, other.vkey) });
    expect([outcome(report, 'checkpoint'), outcome(report)]).toEqual(['fail origin_mismatch', 'skip premise_failed']);
  });

  it('cannot be told from one that it did without a log key', async () => {
    const report = await verify(cosigned(...lines), { logPolicy: POLICY.replace(LOG, '') });
    expect([outcome(report, 'checkpoint'), outcome(report)]).toEqual(['skip no_log_key', 'skip no_log_key']);
    expect(report.verdict).toBe('incomplete');
  });
});

describe('a policy or key that contradicts or cannot be read', () => {
  it('is the caller’s mistake', async () => {
    const { vkey } = createTestLog({ origin: 'log.example.org/other' });
    await expect(verify(uncosigned, { logPolicy: 'quorum\n' })).rejects.toThrow(/^logPolicy: line 1/);
    await expect(verify(uncosigned, { logKeys: [vkey], logPolicy: POLICY })).rejects.toThrow(TypeError);
  });
});

describe('one flipped bit in a cosignature line of a receipt', () => {
  const known = new Map<string, ReturnType<VerifySignature>>();
  const primitives: Primitives = {
    sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
    verifySignature: (key, signature, message) => {
      const id = `${key.keyid} ${Buffer.from(signature).toString('hex')} ${Buffer.from(message).toString('hex')}`;
      const verified = known.get(id) ?? webCryptoPrimitives.verifySignature(key, signature, message);
      known.set(id, verified);
      return verified;
    },
  };
  const kept = x1.cosign(checkpoint, at(5));
  const line = y.cosign(checkpoint, at(20));

  const flip = (bytes: Uint8Array, bit: number) => {
    const flipped = new Uint8Array(bytes);
    flipped[Math.floor(bit / 8)]! ^= 2 ** (bit % 8);
    return flipped;
  };

  it.each([
    ['a quorum that needs it', POLICY, 'incomplete'],
    ['no quorum', `${LOG}${WITNESSES}quorum none\n`, 'authentic'],
  ])('gives the verdict without the line in timestamp and signature: %s', async (_, logPolicy, without) => {
    expect((await verify(cosigned(kept), { logPolicy })).verdict).toBe(without);
    const { signature } = unwrap(parseNote(`x\n\n${line}`)).signatures[0]!;
    for (let bit = 0; bit < 8 * signature.length; bit++) {
      const flipped = formatSignatureLine(y.name, y.cosigner.keyId, flip(signature, bit));
      const report = await verify(cosigned(kept, flipped), { logPolicy, primitives });
      expect([bit, report.verdict]).toEqual([bit, without]);
      expect(report.log!.witnesses).toEqual([{ name: 'X1', time: iso(5) }]);
    }
  });

  it('gives that or invalid anywhere in its text', async () => {
    const receipt = utf8Encode(cosigned(kept, line));
    expect((await verify(receipt)).verdict).toBe('authentic');
    const start = Buffer.from(receipt).indexOf(JSON.stringify(line).slice(1, -1));
    expect(start).toBeGreaterThan(0);
    const verdicts = new Map<string, number>();
    for (let bit = 8 * start; bit < 8 * (start + utf8Encode(line).length + 1); bit++) {
      const { verdict } = await verify(flip(receipt, bit), { logPolicy: POLICY, primitives });
      verdicts.set(verdict, 1 + (verdicts.get(verdict) ?? 0));
    }
    expect([...verdicts.keys()].sort()).toEqual(['incomplete', 'invalid']);
    expect(verdicts.get('incomplete')).toBeGreaterThan(200);
  });
});

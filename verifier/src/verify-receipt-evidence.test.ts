/** What verifyReceipt says of frames, entries and proofs that are not good. */
import { type ApprovalOptions, createApproval } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { createTestLog } from '@assent/test-support/receipts';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { hexEncode, utf8Encode } from './bytes.ts';
import { canonicalBytes, type JsonObject } from './canonical-json.ts';
import { formatReceipt } from './receipt.ts';
import { CHECK_IDS, type CheckId, type Report } from './report.ts';
import { sha256 } from './sha256.ts';
import { type VerifyOptions, verifyReceipt } from './verify-receipt.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const authenticator = createAuthenticator({ rpId: 'approvals.example.com' });
const approve = (options: Partial<ApprovalOptions> = {}) =>
  createApproval({ origin: log.origin, authenticator, ...options });
const verify = (receipt: string | Uint8Array, options: VerifyOptions = {}) =>
  verifyReceipt(receipt, { logKeys: [log.vkey], ...options });

for (let i = 0; i < 5; i++) log.append({ content: approve().envelope });
const approval = approve({ display: 'Refund 42.00 USD' });
const appended = log.append({ content: approval.envelope });
for (let i = 0; i < 5; i++) log.append({ content: approve().envelope });
const { receipt, entry, proof } = log.receipt(appended.index);

function digestOf(value: JsonObject): string {
  return `sha256:${hexEncode(sha256(canonicalBytes(value)))}`;
}

/** "pass", "fail code", "skip code" of some checks. */
function outcomes(report: Report, ...ids: readonly CheckId[]): readonly string[] {
  expect(report.checks.map(({ id }) => id)).toEqual(CHECK_IDS);
  return ids.map((wanted) => {
    const { status, code } = report.checks.find(({ id }) => id === wanted)!;
    return code === undefined ? status : `${status} ${code}`;
  });
}

function change(changes: JsonObject): string {
  return JSON.stringify({ ...JSON.parse(receipt), ...changes });
}

describe('the frame', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['20 MB', new Uint8Array(20_000_000).fill(0x5b), 'too_large'],
    ['a million levels', '['.repeat(1_000_000), 'json_too_deep'],
    ['the wrong type', '"receipt"', 'wrong_type'],
    ['nothing', '', 'json_syntax'],
    ['null bytes', '\u0000\u0000', 'json_syntax'],
    ['a lone surrogate', '"\ud800"', 'json_lone_surrogate'],
    ['bytes that are no text', Uint8Array.of(0xff), 'not_utf8'],
  ])('%s: a report with thirteen checks', async (_, bytes, code) => {
    const report = await verify(bytes, { intent: approval.intent, at: Date.now() });
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, ...CHECK_IDS)).toEqual([`fail ${code}`, ...Array(12).fill('skip premise_failed')]);
  });

  it('of a later version is incomplete, never valid', async () => {
    const report = await verify(change({ type: 'assent/receipt/v2', more: 1 }));
    expect(report.verdict).toBe('incomplete');
    expect(outcomes(report, ...CHECK_IDS)).toEqual(Array(13).fill('skip unsupported'));
  });

  it.each([{ content: approval.envelope }, { salt: base64Encode(new Uint8Array(32)) }])(
    'may not open what is open: %#',
    async (disclosures) => {
      const report = await verify(change({ disclosures }));
      expect(report.verdict).toBe('invalid');
      expect(outcomes(report, 'receipt', 'entry', 'content')).toEqual(['fail bad_value', 'pass', 'pass']);
    },
  );

  it('may carry trust and consumption, which make nothing pass', async () => {
    const trust = [{ envelope: {}, members: {} }];
    const report = await verify(change({ trust, consumption: JSON.parse(receipt) }));
    expect(report.verdict).toBe('authentic');
    expect(outcomes(report, 'trust', 'revocation', 'use')).toEqual([
      'skip no_trust_root',
      'skip no_trust_root',
      'skip no_boundary',
    ]);
  });

  it('is told apart by what it carries', async () => {
    const mentions = async (text: string) =>
      (await verify(text)).checks.filter(({ detail }) => detail.includes('receipt brings')).map(({ id }) => id);
    expect(await mentions(receipt)).toEqual([]);
    expect(await mentions(change({ trust: [] }))).toEqual(['trust', 'revocation']);
    expect(await mentions(change({ consumption: {} }))).toEqual(['use']);
    const policy = { type: 'assent/policy/v1' };
    const named = approve({ overrides: { policy: { digest: digestOf(policy), rule: 'r' } } });
    const withPolicy = { ...JSON.parse(log.append({ content: named.envelope }).receipt), policy };
    expect(await mentions(JSON.stringify(withPolicy))).toEqual(['policy']);
  });

  it('may not carry a policy that the statement does not name', async () => {
    const report = await verify(change({ policy: {} }));
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, 'content', 'policy')).toEqual(['fail policy_mismatch', 'skip premise_failed']);
  });
});

describe('the entry', () => {
  const logged = (bytes: Uint8Array) =>
    verify(log.appendBytes(bytes).receipt, { intent: approval.intent, at: Date.now() });
  const document = JSON.parse(new TextDecoder().decode(entry));

  it('that cannot be read is in the tree all the same, and nothing is said of what it decides', async () => {
    const report = await logged(utf8Encode(JSON.stringify(document, null, 1)));
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, 'entry', 'inclusion', 'checkpoint', 'content', 'signatures', 'intent', 'window')).toEqual([
      'fail json_not_canonical',
      'pass',
      'pass',
      ...Array(4).fill('skip premise_failed'),
    ]);
    expect(report).not.toHaveProperty('approval');
    expect(report).toHaveProperty('unverified_log');
  });

  it('of a later version is incomplete', async () => {
    const report = await logged(canonicalBytes({ ...document, type: 'assent/entry/v2', more: 1 }));
    expect(report.verdict).toBe('incomplete');
    expect(outcomes(report, 'entry', 'inclusion', 'checkpoint', 'witnesses', 'content', 'signatures', 'use')).toEqual([
      'skip unsupported',
      'pass',
      'pass',
      'pass no_quorum',
      'skip unsupported',
      'skip unsupported',
      'skip unsupported',
    ]);
  });

  it('that is sealed is incomplete', async () => {
    const { content: _, ...rest } = document;
    const report = await logged(canonicalBytes({ ...rest, sealed: `sha256:${'00'.repeat(32)}` }));
    expect(report.verdict).toBe('incomplete');
    expect(outcomes(report, ...CHECK_IDS)).toEqual([
      'pass',
      'pass',
      'pass',
      'pass',
      'pass no_quorum',
      ...Array(8).fill('skip sealed'),
    ]);
  });

  it.each([['approval', 'application/vnd.assent.approval.v2+json']] as const)(
    '%s of %s is incomplete, as it is no approval',
    async (kind, payloadType) => {
      const content = { payloadType, payload: 'e30=', signatures: [] };
      const report = await verify(log.append({ kind, content }).receipt);
      expect(report.verdict).toBe('incomplete');
      expect(outcomes(report, 'entry', 'content', 'signatures', ...CHECK_IDS.slice(7))).toEqual([
        'pass',
        'skip unsupported',
        'skip unsupported',
        ...Array(6).fill('skip not_an_approval'),
      ]);
    },
  );

  it('with another kind than its payload type has is invalid', async () => {
    const report = await verify(log.append({ kind: 'consumption', content: approval.envelope }).receipt);
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, 'content')).toEqual(['fail kind_mismatch']);
  });

  it('whose statement is for another log is invalid, and its facts are called unverified', async () => {
    const { envelope, digest } = createApproval({ origin: 'other.example/log', authenticator });
    const report = await verify(log.append({ content: envelope }).receipt);
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, 'content', 'signatures', 'window')).toEqual([
      'fail log_mismatch',
      'pass',
      'skip premise_failed',
    ]);
    expect(report).not.toHaveProperty('approval');
    expect(report.unverified_approval).toMatchObject({ statement_digest: digest });
  });

  it('with a signature that does not verify is invalid, and its facts are called unverified', async () => {
    const [signature] = approve().envelope.signatures as readonly JsonObject[];
    const report = await verify(log.append({ content: { ...approval.envelope, signatures: [signature!] } }).receipt);
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, 'content', 'signatures')).toEqual(['pass', 'fail challenge_mismatch']);
    expect(report).not.toHaveProperty('approval');
    expect(report).toHaveProperty('unverified_approval');
  });

  it('has at most 65,535 bytes, even if a log took more', async () => {
    const report = await logged(utf8Encode(`"${'x'.repeat(70_000)}"`));
    expect(outcomes(report, 'entry', 'inclusion')).toEqual(['fail too_large', 'pass']);
  });
});

describe('the proof', () => {
  it.each<[string, (text: string) => string, readonly string[]]>([
    ['is empty', () => '', ['fail proof_malformed', 'skip premise_failed', 'skip premise_failed']],
    [
      'has another index',
      (text) => text.replace('index 5', 'index 4'),
      ['fail inclusion_mismatch', 'pass', 'pass no_quorum'],
    ],
    [
      'has an index beyond the tree',
      (text) => text.replace('index 5', 'index 99'),
      ['fail index_out_of_range', 'pass', 'pass no_quorum'],
    ],
    [
      'has an index with a zero before it',
      (text) => text.replace('index 5', 'index 05'),
      ['fail proof_malformed', 'skip premise_failed', 'skip premise_failed'],
    ],
    [
      'lacks a hash',
      (text) => text.replace(/(index 5\n).*\n/, '$1'),
      ['fail inclusion_length', 'pass', 'pass no_quorum'],
    ],
    [
      'has a hash too many',
      (text) => text.replace(/(index 5\n)(.*\n)/, '$1$2$2'),
      ['fail inclusion_length', 'pass', 'pass no_quorum'],
    ],
    [
      'has a larger tree head than the log signed',
      (text) => text.replace('\n11\n', '\n12\n'),
      ['pass', 'fail note_signature_invalid', 'skip premise_failed'],
    ],
    [
      'has a tree head of no size',
      (text) => text.replace('\n11\n', '\n-1\n'),
      ['skip premise_failed', 'fail checkpoint_malformed', 'skip premise_failed'],
    ],
    [
      'has a tree head without signature',
      (text) => text.replace(/— .*\n/, ''),
      ['skip premise_failed', 'fail note_malformed', 'skip premise_failed'],
    ],
  ])('fails when it %s', async (_, tamper, expected) => {
    const tampered = tamper(proof);
    expect(tampered).not.toBe(proof);
    const report = await verify(change({ proof: tampered }));
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, 'inclusion', 'checkpoint', 'witnesses')).toEqual(expected);
  });

  it('of one entry does not do for another', async () => {
    const other = log.receipt(4);
    const report = await verify(formatReceipt({ entry, proof: other.proof }));
    expect(outcomes(report, 'inclusion', 'checkpoint', 'signatures')).toEqual([
      'fail inclusion_mismatch',
      'pass',
      'pass',
    ]);
    expect(report).not.toHaveProperty('log');
  });

  it('leads to every later tree head as well', async () => {
    for (let size = 6; size <= 11; size++) {
      expect((await verify(log.receipt(appended.index, undefined, size).receipt)).verdict).toBe('authentic');
    }
  });
});

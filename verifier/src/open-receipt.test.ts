import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createTestLog } from '@assent/test-support/receipts';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import type { JsonObject } from './canonical-json.ts';
import { closeReceipt, openReceipt } from './open-receipt.ts';
import { type Disclosures, parseReceipt } from './receipt.ts';
import { CHECK_IDS, type Report } from './report.ts';
import { createSalt, sealContent } from './sealed.ts';
import { verifyReceipt } from './verify-receipt.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const display = 'Refund 42.00 USD';
const approval = createApproval({ origin: log.origin, serviceKey: createServiceKey(), display });
const other = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
const saltBytes = createSalt();
const salt = base64Encode(saltBytes);
const content = approval.envelope;
const { receipt: sealed } = log.append({ content, salt: saltBytes });
const { receipt: open } = log.append({ content: other.envelope });

const verify = (receipt: string) => verifyReceipt(receipt, { logKeys: [log.vkey], at: Date.now() });
const outcomes = ({ checks }: Report, ...ids: string[]) =>
  checks.filter(({ id }) => ids.includes(id)).map(({ status, code }) => (code ? `${status} ${code}` : status));
/** A receipt that discloses whatever it is told to. */
const disclosing = (receipt: string, disclosures: unknown) => JSON.stringify({ ...JSON.parse(receipt), disclosures });

describe('the receipt of a sealed entry', () => {
  it('is incomplete while nothing is disclosed, and says so', async () => {
    for (const receipt of [sealed, disclosing(sealed, {})]) {
      const report = await verify(receipt);
      expect(report.verdict).toBe('incomplete');
      expect(outcomes(report, ...CHECK_IDS)).toEqual([
        'pass',
        'pass',
        'pass',
        'pass',
        'pass no_quorum',
        ...Array(8).fill('skip sealed'),
      ]);
      expect(report.summary).toContain('ealed and not disclosed');
      expect(report.log?.sealed).toBe(sealContent(content, saltBytes));
      expect(report).not.toHaveProperty('approval');
      expect(report).not.toHaveProperty('unverified_approval');
    }
  });

  it('is judged as any other once content and salt are disclosed', async () => {
    const opened = unwrap(openReceipt(sealed, { content, salt }));
    const report = await verify(opened);
    expect(report.verdict).toBe('authentic');
    expect(report.approval).toMatchObject({ statement_digest: approval.digest, id: approval.statement.id });
    expect(report.approval).not.toHaveProperty('intent');
    const asOpen = await verify(log.append({ content }).receipt);
    expect(report.checks.map(({ id, status, code }) => [id, status, code])).toEqual(
      asOpen.checks.map(({ id, status, code }) => [id, status, code]),
    );
    const more = unwrap(openReceipt(opened, { intent: approval.intent, display }));
    expect((await verify(more)).approval).toMatchObject({ intent: { args: approval.intent.args }, display });
  });

  it.each<[string, unknown, string[]]>([
    ['the content of another', { content: other.envelope, salt }, ['pass', 'fail commitment_mismatch']],
    ['another salt', { content, salt: base64Encode(createSalt()) }, ['pass', 'fail commitment_mismatch']],
    ['content that is no envelope', { content: {}, salt }, ['pass', 'fail commitment_mismatch']],
    ['content without salt', { content }, ['fail missing_member', 'skip premise_failed']],
    ['salt without content', { salt }, ['fail missing_member', 'skip premise_failed']],
    ['an intent alone', { intent: approval.intent }, ['fail missing_member', 'skip sealed']],
    ['a text alone', { display }, ['fail missing_member', 'skip sealed']],
    ['the intent of another', { content, salt, intent: other.intent }, ['pass', 'fail intent_mismatch']],
    [
      'another text',
      { content, salt, intent: approval.intent, display: `${display}!` },
      ['pass', 'fail display_mismatch'],
    ],
  ])('is invalid with %s', async (_, disclosures, expected) => {
    const report = await verify(disclosing(sealed, disclosures));
    expect(report.verdict).toBe('invalid');
    expect(outcomes(report, 'receipt', 'content')).toEqual(expected);
    expect(report).not.toHaveProperty('approval');
  });

  it('shows both commitments where they differ, and nothing that a forger put there', async () => {
    const report = await verify(disclosing(sealed, { content: other.envelope, salt }));
    const check = report.checks.find(({ id }) => id === 'content');
    expect(check).toMatchObject({
      expected: sealContent(content, saltBytes),
      computed: sealContent(other.envelope, saltBytes),
    });
    expect(report).not.toHaveProperty('unverified_approval');
  });

  it('is invalid when what was sealed is bad evidence: a commitment makes nothing true', async () => {
    const signatures = (other.envelope.signatures as JsonObject[]).map((item) => ({ ...item }));
    const cases: [JsonObject, string[]][] = [
      [{ ...content, signatures }, ['pass', 'fail signature_invalid']],
      [{ a: 1 }, ['fail missing_member', 'skip premise_failed']],
      [
        createApproval({ origin: 'other.example.com', serviceKey: createServiceKey() }).envelope,
        ['fail log_mismatch', 'pass'],
      ],
      [
        { ...content, payloadType: 'application/vnd.assent.consumption.v1+json' },
        ['fail kind_mismatch', 'skip premise_failed'],
      ],
    ];
    for (const [bad, expected] of cases) {
      const { receipt } = log.append({ content: bad, salt: saltBytes }, { content: bad, salt });
      const report = await verify(receipt);
      expect(report.verdict).toBe('invalid');
      expect(outcomes(report, 'content', 'signatures')).toEqual(expected);
    }
  });
});

describe('openReceipt', () => {
  it('keeps what the receipt had, and puts the new in the place of the old', () => {
    const carried = JSON.stringify({ ...JSON.parse(sealed), policy: { a: 1 }, disclosures: { display: 'old' } });
    const receipt = unwrap(parseReceipt(unwrap(openReceipt(carried, { content, salt, display }))));
    expect(receipt).toEqual({ ...JSON.parse(carried), disclosures: { content, salt, display } });
  });

  it.each<[string, string, unknown, string]>([
    ['content that was not sealed', sealed, { content: other.envelope, salt }, 'commitment_mismatch'],
    ['content alone', sealed, { content }, 'missing_member'],
    ['nothing', sealed, {}, 'sealed'],
    ['a salt of 31 bytes', sealed, { content, salt: base64Encode(new Uint8Array(31)) }, 'bad_value'],
    ['a lone surrogate', sealed, { content, salt, display: '\ud800' }, 'json_lone_surrogate'],
    ['an unknown member', sealed, { content, salt, more: 1 }, 'unknown_member'],
    ['an open entry', open, { content: other.envelope, salt }, 'bad_value'],
    ['no receipt', '{}', { content, salt }, 'missing_member'],
  ])('refuses %s', (_, receipt, disclosures, code) => {
    expect(codeOf(openReceipt(receipt, disclosures as Disclosures))).toBe(code);
  });

  it('adds intent and text to the receipt of an open entry', async () => {
    const opened = unwrap(openReceipt(open, { intent: other.intent }));
    expect((await verify(opened)).approval?.intent?.args).toEqual(other.intent.args);
  });
});

describe('closeReceipt', () => {
  it('leaves what the log hands out', () => {
    const opened = unwrap(openReceipt(sealed, { content, salt, intent: approval.intent }));
    expect(JSON.parse(unwrap(closeReceipt(opened)))).toEqual(JSON.parse(sealed));
    expect(JSON.parse(unwrap(closeReceipt(open)))).toEqual(JSON.parse(open));
  });

  it('refuses what is no receipt', () => {
    expect(codeOf(closeReceipt('[]'))).toBe('wrong_type');
  });
});

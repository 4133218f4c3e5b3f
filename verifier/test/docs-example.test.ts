/** The worked example in docs/formats.md is what the code makes, and verifies; an example that drifted would teach a wrong format. */
import { readFileSync } from 'node:fs';
import { FAILURE_CODES, formatReceipt, parseReceipt, type Report, verifyReceipt } from '@assent/verifier';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  FORMATS_PAGE,
  INTENT_FILE,
  makeWorkedExample,
  RECEIPT_FILE,
  renderExample,
  type WorkedExample,
} from '../../examples/worked-example.ts';

const AT = Date.parse('2026-04-03T17:02:00.000Z');
const page = readFileSync(FORMATS_PAGE, 'utf8');
const receiptFile = readFileSync(RECEIPT_FILE, 'utf8');
const intentFile = readFileSync(INTENT_FILE, 'utf8');
let example: WorkedExample;

beforeAll(async () => {
  example = await makeWorkedExample();
});

const statuses = (report: Report) => Object.fromEntries(report.checks.map(({ id, status }) => [id, status]));
const failures = (report: Report) =>
  report.checks.flatMap(({ id, status, code }) => (status === 'fail' ? [[id, code]] : []));

describe('docs/formats.md', () => {
  it('shows every part of the example as the code makes it', () => {
    expect(renderExample(page, example)).toBe(page);
  });

  it('lists every failure code, and no other', () => {
    const table = page.slice(page.indexOf('\n| About | Codes |'), page.indexOf('\n**One flipped bit**'));
    const listed = [...table.matchAll(/`([a-z0-9_]+)`/g)].map(([, code]) => code);
    expect(listed.sort()).toEqual([...FAILURE_CODES].sort());
  });

  it('shows how to verify the example, with its own key', () => {
    expect(page).toContain(`--log-key ${example.vkey} `);
  });

  it('would be found out if it showed anything else', () => {
    const root = example.parts.get('root')!;
    const drifted = page.replace(root, root.replace('8', '9'));
    expect(drifted).not.toBe(page);
    expect(renderExample(drifted, example)).not.toBe(drifted);
    expect(() => renderExample('a page without it', example)).toThrow(/does not show intent/);
    expect(() => renderExample('<!-- example: nothing -->\n```\nx\n```\n', example)).toThrow(/no part "nothing"/);
  });
});

describe('the receipt beside the example', () => {
  it('is what the code makes', () => {
    expect(JSON.parse(receiptFile)).toEqual(JSON.parse(example.receipt));
    expect(JSON.parse(intentFile)).toEqual(example.intent);
  });

  it('verifies with the key and the intent that the page shows', async () => {
    const report = await verifyReceipt(receiptFile, { logKeys: [example.vkey], intent: intentFile, at: AT });
    expect(failures(report)).toEqual([]);
    expect(statuses(report)).toEqual({
      receipt: 'pass',
      entry: 'pass',
      inclusion: 'pass',
      checkpoint: 'pass',
      witnesses: 'pass',
      content: 'pass',
      signatures: 'pass',
      intent: 'pass',
      trust: 'skip',
      revocation: 'skip',
      policy: 'skip',
      window: 'pass',
      use: 'skip',
    });
    expect(report.verdict).toBe('authentic');
    expect(report.approval?.statement_digest).toBe(example.parts.get('statement-digest'));
    expect(report.approval?.signers.map(({ kind }) => kind)).toEqual(['key', 'passkey']);
    expect(report.log).toMatchObject({ origin: 'log.example.com/approvals', index: 1, size: 2 });
  });

  it('is refused for another amount, and invalid with another one in it', async () => {
    const other = intentFile.replace('42.00', '42.01');
    const refused = await verifyReceipt(receiptFile, { logKeys: [example.vkey], intent: other, at: AT });
    expect(refused.verdict).toBe('refused');
    expect(failures(refused)).toEqual([['intent', 'intent_mismatch']]);

    const parsed = parseReceipt(receiptFile);
    if (!parsed.ok) throw new Error(parsed.detail);
    const disclosures = { intent: JSON.parse(other) };
    const invalid = await verifyReceipt(formatReceipt({ ...parsed.value, disclosures }), { logKeys: [example.vkey] });
    expect(invalid.verdict).toBe('invalid');
    expect(failures(invalid)).toContainEqual(['content', 'intent_mismatch']);
  });
});

import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { formatStatement, parseStatement, type Statement, statementDigest } from './approval.ts';
import { utf8Encode } from './bytes.ts';
import { canonicalBytes, type Json } from './canonical-json.ts';

/** The example of the doc comment. */
const EXAMPLE =
  '{"decision":"approved","expires_at":"2026-04-03T17:15:00.000Z","id":"req_8f2","intent":{"action":"payment.refund",' +
  '"connector":"stripe/acct_1A2b","digest":"sha256:2ba59369b7a3a6e1b93ae012f16285f1c0d3a31d1bb5d039eb8bd01847b775ec"},' +
  '"issued_at":"2026-04-03T17:00:00.000Z","log":"log.example.com/approvals","requester":"agent:support-bot",' +
  '"service":"approvals.example.com","type":"assent/approval/v1","use":"single"}';
const example: Statement = JSON.parse(EXAMPLE);

const A = `sha256:${'aa'.repeat(32)}`;
const B = `sha256:${'bb'.repeat(32)}`;
const alice = {
  approver: 'alice@example.com',
  role: 'finance',
  method: 'totp',
  at: '2026-04-03T17:00:01.000Z',
} as const;
const full: Statement = {
  ...example,
  organization: A,
  decision: 'rejected',
  intent: { ...example.intent, schema: B },
  policy: { digest: A, rule: 'refund-over-100' },
  display: B,
  use: 'multiple',
  boundaries: [A, B],
  attested: [alice, { ...alice, method: 'sso' }],
};

function parse(changes: { readonly [name: string]: unknown }, from: Statement = example) {
  const members = Object.entries({ ...from, ...changes }).filter(([, value]) => value !== undefined);
  return parseStatement(canonicalBytes(Object.fromEntries(members) as Json));
}

describe('parseStatement', () => {
  it('reads the example of its doc comment, and its digest', () => {
    const payload = utf8Encode(EXAMPLE);
    expect(unwrap(parseStatement(payload))).toEqual(example);
    expect(statementDigest(payload)).toBe('sha256:27a78ca622fbb25de1a113815863c8684b6e73d5d78251b60354ea3ad08835e7');
  });

  it('reads every member that there is', () => {
    expect(unwrap(parse({}, full))).toEqual(full);
  });

  it.each(['type', 'log', 'service', 'id', 'decision', 'intent', 'requester', 'issued_at', 'expires_at', 'use'])(
    'needs %s',
    (member) => {
      expect(codeOf(parse({ [member]: undefined }, full))).toBe('missing_member');
    },
  );

  it.each(['organization', 'policy', 'display', 'boundaries', 'attested'])('does without %s', (member) => {
    expect(codeOf(parse({ [member]: undefined }, full))).toBeUndefined();
  });

  it.each(Object.keys(full))('refuses %s of the wrong type', (member) => {
    expect(codeOf(parse({ [member]: 7 }, full))).toBe('wrong_type');
    expect(codeOf(parse({ [member]: null }, full))).toBe('wrong_type');
  });

  it.each<[string, { readonly [name: string]: unknown }, string]>([
    ['an unknown member', { note: 'x' }, 'unknown_member'],
    ['another version', { type: 'assent/approval/v2' }, 'unsupported'],
    ['a log with a space', { log: 'log example' }, 'bad_identifier'],
    ['a service with a slash', { service: 'a/b' }, 'bad_identifier'],
    ['an id with a slash', { id: 'a/b' }, 'bad_identifier'],
    ['an empty id', { id: '' }, 'bad_identifier'],
    ['a requester of 129 characters', { requester: 'r'.repeat(129) }, 'bad_identifier'],
    ['an organization that is no digest', { organization: 'acme' }, 'bad_value'],
    ['another decision', { decision: 'maybe' }, 'bad_value'],
    ['another use', { use: 'twice' }, 'bad_value'],
    ['a display that is no digest', { display: 'Refund' }, 'bad_value'],
    ['an intent without digest', { intent: { action: 'a', connector: 'c' } }, 'missing_member'],
    ['an intent with args', { intent: { ...example.intent, args: {} } }, 'unknown_member'],
    ['an intent with a bad action', { intent: { ...example.intent, action: 'a.' } }, 'bad_value'],
    ['a policy without rule', { policy: { digest: A } }, 'missing_member'],
    ['a policy without digest', { policy: { rule: 'r' } }, 'missing_member'],
    ['a time with a zone', { issued_at: '2026-04-03T17:00:00.000+00:00' }, 'bad_time'],
    ['a day that is none', { expires_at: '2026-02-30T17:00:00.000Z' }, 'bad_time'],
    ['an expiry at the issue', { expires_at: example.issued_at }, 'bad_value'],
    ['an expiry before the issue', { expires_at: '2026-04-03T16:59:59.999Z' }, 'bad_value'],
    ['no boundaries in a list', { boundaries: [] }, 'bad_value'],
    ['boundaries out of order', { boundaries: [B, A] }, 'bad_value'],
    ['a boundary twice', { boundaries: [A, A] }, 'bad_value'],
    ['a boundary that is no keyid', { boundaries: ['payments-gw-3'] }, 'bad_value'],
    ['nobody attested in a list', { attested: [] }, 'bad_value'],
    ['an attested method that is unknown', { attested: [{ ...alice, method: 'sms' }] }, 'bad_value'],
    ['an attested item without time', { attested: [{ approver: 'a', role: 'r', method: 'totp' }] }, 'missing_member'],
    ['an attested item with more', { attested: [{ ...alice, ip: '::1' }] }, 'unknown_member'],
    ['an attested name with a space', { attested: [{ ...alice, approver: 'Alice A' }] }, 'bad_identifier'],
  ])('refuses %s', (_, changes, code) => {
    expect(codeOf(parse(changes, full))).toBe(code);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'json_syntax'],
    ['no object', '[]', 'wrong_type'],
    ['a space too many', EXAMPLE.replace(':', ': '), 'json_not_canonical'],
    ['a newline at the end', `${EXAMPLE}\n`, 'json_not_canonical'],
    [
      'members out of order',
      EXAMPLE.replace('"decision":"approved",', '').replace(/}$/, ',"decision":"approved"}'),
      'json_not_canonical',
    ],
    ['a key twice', EXAMPLE.replace('"id":', '"decision":"approved","id":'), 'json_duplicate_key'],
    ['an escape that is not needed', EXAMPLE.replace('req_8f2', '\\u0072eq_8f2'), 'json_not_canonical'],
    ['a byte order mark', `\ufeff${EXAMPLE}`, 'json_syntax'],
    ['bytes that are no text', Uint8Array.of(0x7b, 0xff, 0x7d), 'not_utf8'],
    ['a million levels', '['.repeat(1_000_000), 'json_too_deep'],
  ])('refuses a payload with %s', (_, payload, code) => {
    expect(codeOf(parseStatement(typeof payload === 'string' ? utf8Encode(payload) : payload))).toBe(code);
  });
});

describe('formatStatement', () => {
  it('makes what parses back, in canonical form', () => {
    expect(new TextDecoder().decode(formatStatement(example))).toBe(EXAMPLE);
    expect(unwrap(parseStatement(formatStatement(full)))).toEqual(full);
  });

  it('throws on a mistake of the caller, and names it', () => {
    expect(() => formatStatement({ ...example, id: 'a/b' })).toThrow(/statement\.id .*bad_identifier/);
    expect(() => formatStatement({ ...example, expires_at: example.issued_at })).toThrow(/expires_at/);
    expect(() => formatStatement({ ...example, extra: 1 } as Statement)).toThrow(/unknown_member/);
  });
});

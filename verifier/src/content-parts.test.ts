import { type ApprovalOptions, createApproval } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { describe, expect, it } from 'vitest';
import { hexEncode } from './bytes.ts';
import { canonicalBytes, type Json, type JsonObject } from './canonical-json.ts';
import { checkContent, type UnverifiedContent } from './content.ts';
import { intentDigest } from './intent.ts';
import { sha256 } from './sha256.ts';

const origin = 'log.example.com/approvals';
const authenticator = createAuthenticator();

function approve(options: Partial<ApprovalOptions> = {}) {
  return createApproval({ origin, authenticator, ...options });
}

async function outcome(unverified: Partial<UnverifiedContent> & { readonly content: Json }) {
  const { content, signatures } = await checkContent({ kind: 'approval', origin, ...unverified });
  const say = ({ status, code }: typeof content) => (code === undefined ? status : `${status} ${code}`);
  return [say(content), say(signatures)];
}

const policy = { type: 'assent/policy/v1', name: 'p', rules: [] };
const policyDigest = `sha256:${hexEncode(sha256(canonicalBytes(policy)))}`;

describe('matchParts, by way of checkContent', () => {
  const { envelope, intent, statement } = approve({ intent: { schema: policyDigest } });

  it('passes everything that may be disclosed', async () => {
    const { envelope, intent } = approve({
      display: 'Refund 42',
      overrides: { policy: { digest: policyDigest, rule: 'r' } },
    });
    const disclosed = { intent, display: 'Refund 42', policy };
    expect(await outcome({ content: envelope, disclosed })).toEqual(['pass', 'pass']);
    expect(await outcome({ content: envelope, intent, disclosed })).toEqual(['pass', 'pass']);
    expect(await outcome({ content: envelope, intent, disclosed: { display: 'Refund 42' } })).toEqual(['pass', 'pass']);
  });

  it.each<[string, JsonObject | string, string]>([
    ['another argument', { ...intent, args: { ...intent.args, amount: '42.01' } }, 'fail intent_mismatch'],
    ['another salt', { ...intent, salt: 'AAECAwQFBgcICQoLDA0ODw' }, 'fail intent_mismatch'],
    ['a member more', { ...intent, note: '' }, 'fail intent_mismatch'],
    ['text', JSON.stringify(intent), 'fail intent_mismatch'],
    ['a lone surrogate', { ...intent, args: { a: '\ud800' } }, 'fail json_lone_surrogate'],
    ['minus zero', { ...intent, args: { a: -0 } }, 'fail json_number'],
  ])('fails for an intent with %s, revealed or disclosed', async (_, other, expected) => {
    expect(await outcome({ content: envelope, intent: other })).toEqual([expected, 'pass']);
    expect(await outcome({ content: envelope, disclosed: { intent: other } })).toEqual([expected, 'pass']);
    expect(await outcome({ content: envelope, intent, disclosed: { intent: other } })).toEqual([expected, 'pass']);
    expect(await outcome({ content: envelope, intent: other, disclosed: { intent } })).toEqual([expected, 'pass']);
  });

  it('shows both digests where they differ', async () => {
    const other = { ...intent, args: {} };
    const { content } = await checkContent({ kind: 'approval', content: envelope, intent: other, origin });
    expect(content).toMatchObject({ expected: intentDigest(intent), computed: intentDigest(other) });
  });

  it.each<[string, JsonObject]>([
    ['action', { action: 'payment.payout' }],
    ['connector', { connector: 'stripe/acct_2' }],
    ['schema', { schema: `sha256:${'00'.repeat(32)}` }],
  ])('fails where the statement names another %s than the intent that it has the digest of', async (_, change) => {
    const lying = approve({ overrides: { intent: { ...statement.intent, ...change } }, intent });
    expect(lying.statement.intent.digest).toBe(intentDigest(lying.intent));
    expect(await outcome({ content: lying.envelope })).toEqual(['pass', 'pass']);
    expect(await outcome({ content: lying.envelope, intent })).toEqual(['fail intent_mismatch', 'pass']);
  });

  it('fails where the intent has a schema and the statement has none, and the reverse', async () => {
    const { schema: _, ...bare } = statement.intent;
    const lying = approve({ overrides: { intent: bare }, intent });
    expect(await outcome({ content: lying.envelope, intent })).toEqual(['fail intent_mismatch', 'pass']);
    const plain = approve();
    const schema = `sha256:${'00'.repeat(32)}`;
    const reverse = approve({ intent: plain.intent, overrides: { intent: { ...plain.statement.intent, schema } } });
    expect(await outcome({ content: reverse.envelope, intent: plain.intent })).toEqual([
      'fail intent_mismatch',
      'pass',
    ]);
  });

  it('fails for a malformed intent even if its digest was signed', async () => {
    const digestOf = (value: JsonObject) => `sha256:${hexEncode(sha256(canonicalBytes(value)))}`;
    const signedDigest = (value: JsonObject) =>
      outcome({
        content: approve({ overrides: { intent: { ...statement.intent, digest: digestOf(value) } } }).envelope,
        intent: value,
      });
    expect(await signedDigest({ ...intent, note: 1 })).toEqual(['fail unknown_member', 'pass']);
    expect(await signedDigest({ ...intent, salt: 'AA' })).toEqual(['fail bad_value', 'pass']);
    expect(await signedDigest({ ...intent, type: 'assent/intent/v2' })).toEqual(['skip unsupported', 'pass']);
  });

  it('fails for an intent of 33 levels', async () => {
    const nested = (depth: number): JsonObject => (depth === 1 ? {} : { a: nested(depth - 1) });
    const deep = (depth: number) => approve({ intent: { args: nested(depth - 1) } });
    const fits = deep(32);
    expect(await outcome({ content: fits.envelope, intent: fits.intent })).toEqual(['pass', 'pass']);
    expect(await outcome({ content: fits.envelope, intent: { ...intent, args: nested(32) } })).toEqual([
      'fail json_too_deep',
      'pass',
    ]);
  });

  it('fails for what is wrong, whatever else could not be judged', async () => {
    const later = { ...intent, type: 'assent/intent/v2' };
    const digestOf = `sha256:${hexEncode(sha256(canonicalBytes(later)))}`;
    const signed = approve({ display: 'x', overrides: { intent: { ...statement.intent, digest: digestOf } } }).envelope;
    expect(await outcome({ content: signed, intent: later })).toEqual(['skip unsupported', 'pass']);
    const withText = { intent: later, disclosed: { display: 'x' } };
    expect(await outcome({ content: signed, ...withText })).toEqual(['skip unsupported', 'pass']);
    expect(await outcome({ content: signed, ...withText, origin: 'x' })).toEqual(['fail log_mismatch', 'pass']);
    const withPolicy = { intent: later, disclosed: { policy } };
    expect(await outcome({ content: signed, ...withPolicy })).toEqual(['fail policy_mismatch', 'pass']);
    const { content } = await checkContent({ kind: 'approval', content: envelope, intent: { ...intent, note: 1 } });
    expect(content).toMatchObject({ status: 'fail', code: 'intent_mismatch' });
  });

  it('fails for a displayed text that was not committed to, or cannot be compared', async () => {
    const shown = approve({ display: 'Refund 42' });
    const disclose = (display: string, more = {}) =>
      outcome({ content: shown.envelope, disclosed: { display, ...more } });
    expect(await disclose('Refund 43', { intent: shown.intent })).toEqual(['fail display_mismatch', 'pass']);
    expect(await disclose('Refund 42')).toEqual(['fail missing_member', 'pass']);
    expect(await outcome({ content: envelope, disclosed: { display: '' } })).toEqual(['fail display_mismatch', 'pass']);
    expect(await outcome({ content: envelope, disclosed: { intent, display: '' } })).toEqual([
      'fail display_mismatch',
      'pass',
    ]);
  });

  it('fails for a displayed text that has no UTF-8', async () => {
    const shown = approve({ display: 'Refund 42' });
    const disclosed = { intent: shown.intent, display: '\ud800' };
    expect(await outcome({ content: shown.envelope, disclosed })).toEqual(['fail json_lone_surrogate', 'pass']);
  });

  it('fails for a policy of another digest, and for one that no one named', async () => {
    const named = approve({ overrides: { policy: { digest: policyDigest, rule: 'r' } } });
    const bring = (text: Json) => outcome({ content: named.envelope, disclosed: { policy: text } });
    expect(await bring({ ...policy, name: 'q' })).toEqual(['fail policy_mismatch', 'pass']);
    expect(await bring({ ...policy, name: '\ud800' })).toEqual(['fail json_lone_surrogate', 'pass']);
    expect(await outcome({ content: envelope, disclosed: { policy } })).toEqual(['fail policy_mismatch', 'pass']);
  });
});

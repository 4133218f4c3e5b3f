import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { formatPolicy, type PolicyRule, parsePolicy, pinPolicy, policyDigest } from './approval-policy.ts';
import { utf8Decode, utf8Encode } from './bytes.ts';
import type { Json, JsonObject } from './canonical-json.ts';
import { sha256 } from './sha256.ts';

const OLDER = `sha256:${'00'.repeat(32)}`;
/** The example of the doc comment. */
const example = {
  type: 'assent/policy/v1',
  name: 'acme-payments',
  rules: [
    {
      id: 'refund-over-100',
      action: 'payment.*',
      connector: 'stripe/*',
      reason: 'Refunds over 100 need finance and security',
      when: [{ path: '/args/amount', gt: '100' }],
      effect: 'approve',
      require: {
        approvals: 2,
        roles: ['finance', 'security'],
        distinct_roles: true,
        methods: ['passkey'],
        user_verification: true,
        max_ttl_seconds: 900,
        use: 'single',
      },
      accepts: [OLDER],
    },
  ],
} satisfies JsonObject;
const [rule] = example.rules;
const bare = { id: 'r', action: '*', connector: '*', effect: 'deny' } satisfies PolicyRule;

const withRule = (changes: JsonObject): Json => ({ ...example, rules: [{ ...rule, ...changes }] });
const withRequire = (changes: JsonObject): Json => withRule({ require: { ...rule!.require, ...changes } });
const without = (of: JsonObject, member: string) =>
  Object.fromEntries(Object.entries(of).filter(([m]) => m !== member));

describe('parsePolicy', () => {
  it('reads the example as value, text and bytes, however the text is spaced', () => {
    for (const policy of [example, JSON.stringify(example, null, 2), utf8Encode(JSON.stringify(example))]) {
      expect(unwrap(parsePolicy(policy))).toEqual(example);
    }
  });

  it('reads rules with nothing but what is needed, and no rules', () => {
    const require = { approvals: 1, roles: ['finance'] };
    const rules = [
      { ...bare, effect: 'allow' },
      { ...bare, id: 's', effect: 'approve', require },
      { ...bare, id: 't' },
    ];
    expect(codeOf(parsePolicy({ ...example, rules }))).toBeUndefined();
    expect(codeOf(parsePolicy({ ...example, rules: [] }))).toBeUndefined();
  });

  it.each(['type', 'name', 'rules'])('needs %s', (member) => {
    expect(codeOf(parsePolicy(without(example, member)))).toBe('missing_member');
  });

  it.each(['id', 'action', 'connector', 'effect', 'require'])('needs %s of a rule that asks people', (member) => {
    expect(codeOf(parsePolicy({ ...example, rules: [without(rule!, member)] }))).toBe('missing_member');
  });

  it.each(['approvals', 'roles'])('needs %s in what is required', (member) => {
    expect(codeOf(parsePolicy(withRule({ require: without(rule!.require, member) })))).toBe('missing_member');
  });

  it.each<[string, Json, string]>([
    ['another type', { ...example, type: 'assent/policy/v2' }, 'unsupported'],
    ['an unknown member', { ...example, note: '' }, 'unknown_member'],
    ['an unknown member of a rule', withRule({ note: '' }), 'unknown_member'],
    ['an unknown requirement', withRequire({ quorum: 2 }), 'unknown_member'],
    ['an unknown operator', withRule({ when: [{ path: '/args/a', like: 'x' }] }), 'unknown_member'],
    ['two rules of one id', { ...example, rules: [bare, bare] }, 'bad_value'],
    ['a name with a space', { ...example, name: 'a b' }, 'bad_identifier'],
    ['a rule id with a space', withRule({ id: 'a b' }), 'bad_identifier'],
    ['a star that is not last', withRule({ action: '*.refund' }), 'bad_value'],
    ['a star that is not last, in a connector', withRule({ connector: 's*e' }), 'bad_value'],
    ['another effect', withRule({ effect: 'ask' }), 'bad_value'],
    ['no conditions in a list', withRule({ when: [] }), 'bad_value'],
    ['requirements of a rule that allows', withRule({ effect: 'allow' }), 'bad_value'],
    ['requirements of a rule that denies', withRule({ effect: 'deny' }), 'bad_value'],
    ['no approvals', withRequire({ approvals: 0 }), 'bad_value'],
    ['half an approval', withRequire({ approvals: 1.5 }), 'bad_value'],
    ['approvals as text', withRequire({ approvals: '2' }), 'wrong_type'],
    ['more approvals than there can be', withRequire({ approvals: 101 }), 'bad_value'],
    ['no roles in a list', withRequire({ roles: [] }), 'bad_value'],
    ['a role twice', withRequire({ roles: ['a', 'a'] }), 'bad_value'],
    ['a role that is no name', withRequire({ roles: ['a b'] }), 'bad_identifier'],
    ['distinct roles as text', withRequire({ distinct_roles: 'true' }), 'wrong_type'],
    ['an unknown method', withRequire({ methods: ['sms'] }), 'bad_value'],
    ['an attested method without the word', withRequire({ methods: ['totp'] }), 'bad_value'],
    ['an unknown attested method', withRequire({ methods: ['attested:sms'] }), 'bad_value'],
    ['no methods in a list', withRequire({ methods: [] }), 'bad_value'],
    ['user verification as a word', withRequire({ user_verification: 'required' }), 'wrong_type'],
    ['no time at all', withRequire({ max_ttl_seconds: 0 }), 'bad_value'],
    ['another use', withRequire({ use: 'twice' }), 'bad_value'],
    ['a digest that is none', withRule({ accepts: ['sha256:00'] }), 'bad_value'],
    ['a digest twice', withRule({ accepts: [OLDER, OLDER] }), 'bad_value'],
    ['no digests in a list', withRule({ accepts: [] }), 'bad_value'],
    ['a reason that is too long', withRule({ reason: 'a'.repeat(1001) }), 'too_large'],
    ['too many conditions', withRule({ when: Array(101).fill({ path: '/a', eq: '' }) }), 'too_large'],
    ['too many rules', { ...example, rules: Array(1001).fill(bare) }, 'too_large'],
    ['too many bytes', withRule({ when: [{ path: '/a', eq: 'a'.repeat(1024 * 1024) }] }), 'too_large'],
    ['a lone surrogate', withRule({ reason: '\ud800' }), 'json_lone_surrogate'],
    ['text with a key twice', JSON.stringify(example).replace('"name"', '"name":"b","name"'), 'json_duplicate_key'],
    ['text that is no JSON', '{', 'json_syntax'],
    ['too many bytes of text', ' '.repeat(1024 * 1024 + 1), 'too_large'],
    ['text that nests too deep', '['.repeat(100_000), 'json_too_deep'],
    ['null', null, 'wrong_type'],
  ])('refuses %s', (_, policy, code) => {
    expect(codeOf(parsePolicy(policy))).toBe(code);
  });

  it('says where a mistake is', () => {
    expect(parsePolicy(withRequire({ methods: ['sms'] }))).toMatchObject({
      detail: expect.stringMatching(
        /^policy\.rules\[0\]\.require\.methods\[0\] is none of passkey, key, attested:totp/,
      ),
    });
  });
});

describe('policyDigest', () => {
  it('is that of the canonical form, with no defaults filled in', () => {
    const canonical = unwrap(utf8Decode(formatPolicy({ name: 'p', rules: [bare] })));
    expect(canonical).toBe(
      '{"name":"p","rules":[{"action":"*","connector":"*","effect":"deny","id":"r"}],"type":"assent/policy/v1"}',
    );
    expect(policyDigest(unwrap(parsePolicy(canonical)))).toBe(
      'sha256:0a25b1f60849f3d06c9836a49ac28b44d243a71e9eb4624c50c6debea1e302f6',
    );
  });
});

describe('formatPolicy', () => {
  it("throws on the caller's mistake, and names it", () => {
    const { type: _, ...fields } = unwrap(parsePolicy(example));
    expect(unwrap(parsePolicy(formatPolicy(fields)))).toEqual(example);
    expect(() => formatPolicy({ name: 'p', rules: [bare, bare] })).toThrow(/policy\.rules holds two rules.*bad_value/);
  });
});

describe('pinPolicy', () => {
  it('keeps the digest, and throws TypeError on a policy that is none', () => {
    expect(pinPolicy(undefined, sha256)).toBeUndefined();
    expect(pinPolicy(JSON.stringify(example), sha256)).toEqual({ policy: example, digest: policyDigest(example) });
    for (const bad of ['', '{}', {}, null, withRule({ effect: 'ask' })]) {
      expect(() => pinPolicy(bad, sha256)).toThrow(/^approvalPolicy: policy/);
      expect(() => pinPolicy(bad, sha256)).toThrow(TypeError);
    }
  });
});

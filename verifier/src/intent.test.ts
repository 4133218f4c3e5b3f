import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from './canonical-json.ts';
import { createIntent, displayDigest, type Intent, intentDigest, parseIntent, readIntent } from './intent.ts';

/** The example of the doc comment. */
const EXAMPLE = `{ "type": "assent/intent/v1", "action": "payment.refund", "connector": "stripe/acct_1A2b",
  "args": { "amount": "42.00", "charge": "ch_9", "currency": "usd" }, "salt": "AAECAwQFBgcICQoLDA0ODw" }`;
const example: JsonObject = JSON.parse(EXAMPLE);

function without(member: string): JsonObject {
  return Object.fromEntries(Object.entries(example).filter(([name]) => name !== member));
}

describe('parseIntent', () => {
  it('gives the digest that its doc comment shows, whatever the text looks like', () => {
    const digest = 'sha256:2ba59369b7a3a6e1b93ae012f16285f1c0d3a31d1bb5d039eb8bd01847b775ec';
    const spaced = JSON.stringify(Object.fromEntries(Object.entries(example).reverse()), null, 3);
    for (const text of [EXAMPLE, spaced, new TextEncoder().encode(EXAMPLE)]) {
      expect(intentDigest(unwrap(parseIntent(text)))).toBe(digest);
    }
    expect(intentDigest(unwrap(parseIntent(example)))).toBe(digest);
  });

  it.each(['type', 'action', 'connector', 'args', 'salt'])('needs %s', (member) => {
    expect(codeOf(parseIntent(without(member)))).toBe('missing_member');
  });

  it.each<[string, JsonObject, string]>([
    ['an unknown member', { note: '' }, 'unknown_member'],
    ['another type', { type: 'assent/intent/v2' }, 'unsupported'],
    ['a type that is no text', { type: 1 }, 'wrong_type'],
    ['an action in upper case', { action: 'Payment.refund' }, 'bad_value'],
    ['a connector with a space', { connector: 'a b' }, 'bad_identifier'],
    ['args that are an array', { args: [] }, 'wrong_type'],
    ['args that are text', { args: '{}' }, 'wrong_type'],
    ['args that are null', { args: null }, 'wrong_type'],
    ['a schema that is no digest', { schema: 'sha256:00' }, 'bad_value'],
    ['a salt of 15 bytes', { salt: 'AAECAwQFBgcICQoLDA0O' }, 'bad_value'],
    ['a salt with padding', { salt: 'AAECAwQFBgcICQoLDA0ODw==' }, 'bad_base64'],
    ['a salt in the other alphabet', { salt: 'AAECAwQFBgcICQoLDA0O//' }, 'bad_base64'],
    ['a salt that is no text', { salt: 0 }, 'wrong_type'],
    ['args with a lone surrogate', { args: { a: '\ud800' } }, 'json_lone_surrogate'],
    ['args with minus zero', { args: { a: -0 } }, 'json_number'],
  ])('refuses %s', (_, change, code) => {
    expect(codeOf(parseIntent({ ...example, ...change }))).toBe(code);
  });

  it.each<[string, string, string]>([
    ['no JSON', '{', 'json_syntax'],
    ['a key twice', EXAMPLE.replace('"charge"', '"amount"'), 'json_duplicate_key'],
    ['a number that would be rounded', EXAMPLE.replace('"42.00"', '9007199254740993'), 'json_number'],
    ['minus zero', EXAMPLE.replace('"42.00"', '-0'), 'json_number'],
    ['an escaped lone surrogate', EXAMPLE.replace('usd', '\\ud800'), 'json_lone_surrogate'],
    ['an array', '[]', 'wrong_type'],
    ['null', 'null', 'wrong_type'],
  ])('refuses text with %s', (_, text, code) => {
    expect(codeOf(parseIntent(text))).toBe(code);
  });

  it('nests at most 32 deep, whether as text or as a value', () => {
    const nested = (depth: number): Json => (depth === 0 ? 1 : { a: nested(depth - 1) });
    const deep = (depth: number) => ({ ...example, args: nested(depth - 1) });
    for (const as of [(value: Json) => value, JSON.stringify]) {
      expect(codeOf(parseIntent(as(deep(32))))).toBeUndefined();
      expect(codeOf(parseIntent(as(deep(33))))).toBe('json_too_deep');
    }
    expect(codeOf(parseIntent('['.repeat(1_000_000)))).toBe('json_too_deep');
  });

  it('keeps any argument as it is, even one that is named __proto__', () => {
    const text = EXAMPLE.replace('"charge"', '"__proto__"');
    const intent = unwrap(parseIntent(text));
    expect(Object.keys(intent.args)).toContain('__proto__');
    expect(intentDigest(intent)).not.toBe(intentDigest(unwrap(parseIntent(EXAMPLE))));
  });
});

describe('readIntent', () => {
  it('takes no text, even if it holds an intent: a member of a receipt is an object', () => {
    expect(codeOf(readIntent(EXAMPLE))).toBe('wrong_type');
  });
});

describe('createIntent', () => {
  const fields = { action: 'payment.refund', connector: 'stripe/acct_1A2b', args: { amount: '42.00' } };

  it('makes what parses back, with a salt of its own each time', () => {
    const intent = createIntent(fields);
    expect(unwrap(parseIntent(JSON.stringify(intent)))).toEqual(intent);
    expect(createIntent(fields).salt).not.toBe(intent.salt);
    expect(intent.salt).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it('keeps a salt and a schema that are given', () => {
    const schema = `sha256:${'00'.repeat(32)}`;
    expect(createIntent({ ...fields, salt: 'AAECAwQFBgcICQoLDA0ODw', schema })).toEqual({
      type: 'assent/intent/v1',
      ...fields,
      schema,
      salt: 'AAECAwQFBgcICQoLDA0ODw',
    });
  });

  it('throws on a mistake of the caller, and names it', () => {
    expect(() => createIntent({ ...fields, action: 'Refund!' })).toThrow(/intent\.action .*bad_value/);
    expect(() => createIntent({ ...fields, salt: 'AA' })).toThrow(/intent\.salt .*bad_value/);
  });
});

describe('displayDigest', () => {
  const intent: Pick<Intent, 'salt'> = { salt: 'AAECAwQFBgcICQoLDA0ODw' };

  it('hashes the bytes of the salt and the text', () => {
    const text = 'Refund 42.00 USD of charge ch_9';
    expect(displayDigest(intent, text)).toBe('sha256:6694cc8a0fc17e84d79f08043da93617d9a9de8b85e48d89bfe617758f1d0c4e');
  });

  it('throws on what cannot be hashed', () => {
    expect(() => displayDigest({ salt: '=' }, '')).toThrow(/intent\.salt/);
    expect(() => displayDigest(intent, '\ud800')).toThrow(TypeError);
  });
});

import { codeOf } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import type { Json } from './canonical-json.ts';
import {
  actionName,
  arrayOf,
  base64Bytes,
  boolean,
  checkJson,
  digest,
  documentType,
  type Field,
  identifier,
  integer,
  named,
  nonEmpty,
  object,
  oneOf,
  optional,
  setOf,
  slashlessIdentifier,
  text,
  time,
} from './document.ts';

const point = object({ x: text, label: optional(text) });

/** What a developer would read. */
function complaint(field: Field<unknown>, value: Json): string | undefined {
  const result = named('point', field(value));
  return result.ok ? undefined : `${result.code}: ${result.detail}`;
}

describe('object', () => {
  it('reads known members', () => {
    expect(point({ x: 'a' })).toEqual({ ok: true, value: { x: 'a' } });
    expect(point({ label: 'l', x: 'a' })).toEqual({ ok: true, value: { x: 'a', label: 'l' } });
  });

  it('names what is wrong, as its doc comment shows', () => {
    expect(complaint(point, { x: 1 })).toBe('wrong_type: point.x is not a string');
    expect(complaint(point, {})).toBe('missing_member: point.x is missing');
    expect(complaint(point, { x: '', y: 2 })).toBe(
      'unknown_member: point has a member that its format does not define: "y"',
    );
  });

  it.each([null, 1, 'x', true, [], [{ x: 'a' }]])('refuses %j', (value) => {
    expect(codeOf(point(value))).toBe('wrong_type');
  });

  it('takes nothing from the prototype', () => {
    expect(codeOf(object({ toString: text })({}))).toBe('missing_member');
    expect(codeOf(point(JSON.parse('{"x":"a","__proto__":{"label":"l"}}')))).toBe('unknown_member');
  });

  it('tells a member that is null from one that is missing', () => {
    expect(codeOf(point({ x: 'a', label: null }))).toBe('wrong_type');
  });

  it('does not repeat a long name of an unknown member', () => {
    expect(complaint(point, { x: 'a', ['n'.repeat(1000)]: 1 })?.length).toBeLessThan(150);
  });

  it('judges the type before members that another version may have changed', () => {
    const document = object({ type: documentType('a/v1'), x: text });
    expect(codeOf(document({ type: 'a/v2', y: 1 }))).toBe('unsupported');
    expect(codeOf(document({ type: 7, y: 1 }))).toBe('wrong_type');
    expect(codeOf(document({ y: 1 }))).toBe('missing_member');
  });
});

describe('arrays', () => {
  it('names the item that is wrong', () => {
    expect(complaint(arrayOf(text), ['a', 1])).toBe('wrong_type: point[1] is not a string');
    expect(complaint(object({ items: arrayOf(point) }), { items: [{ x: 'a' }, {}] })).toBe(
      'missing_member: point.items[1].x is missing',
    );
    expect(codeOf(arrayOf(text)({ 0: 'a' }))).toBe('wrong_type');
  });

  it('can refuse to be empty', () => {
    expect(arrayOf(text)([])).toEqual({ ok: true, value: [] });
    expect(codeOf(nonEmpty(arrayOf(text))([]))).toBe('bad_value');
    expect(codeOf(nonEmpty(arrayOf(text))([1]))).toBe('wrong_type');
  });
});

describe('setOf', () => {
  const roles = setOf(text, 2);
  it.each<[Json, string | undefined]>([
    [['a', 'b'], undefined],
    [['a', 'a'], 'bad_value'],
    [[], 'bad_value'],
    [['a', 'b', 'c'], 'too_large'],
    [['a', 1], 'wrong_type'],
    ['ab', 'wrong_type'],
  ])('%j', (value, code) => {
    expect(codeOf(roles(value))).toBe(code);
  });
});

describe('numbers and truth', () => {
  it.each([1, 2, 3])('takes %d', (value) => {
    expect(integer(1, 3)(value)).toEqual({ ok: true, value });
  });

  it.each<[Json, string]>([
    [0, 'bad_value'],
    [4, 'bad_value'],
    [1.5, 'bad_value'],
    [Number.NaN, 'bad_value'],
    ['1', 'wrong_type'],
    [null, 'wrong_type'],
  ])('refuses %j as a whole number from 1 to 3', (value, code) => {
    expect(codeOf(integer(1, 3)(value))).toBe(code);
  });

  it('takes true and false, and nothing that is like them', () => {
    for (const value of [true, false]) expect(boolean(value)).toEqual({ ok: true, value });
    for (const value of ['true', 0, null, []]) expect(codeOf(boolean(value))).toBe('wrong_type');
  });
});

describe('values', () => {
  const d = `sha256:${'0a'.repeat(32)}`;
  it.each<[string, Field<unknown>, readonly string[], readonly string[], string]>([
    [
      'identifier',
      identifier,
      ['a', 'A-z_0.9:/@+', 'x'.repeat(128)],
      ['', 'x'.repeat(129), 'a b', 'ä', 'a\n'],
      'bad_identifier',
    ],
    ['slashless', slashlessIdentifier, ['a', 'A-z_0.9:@+'], ['', 'a/b', 'x'.repeat(129), 'a\n'], 'bad_identifier'],
    [
      'action',
      actionName,
      ['a', 'a_1.b2', 'payment.refund'],
      ['', '.', 'a.', '.a', 'a..b', 'A', 'a-b', 'a\n'],
      'bad_value',
    ],
    [
      'digest',
      digest,
      [d],
      ['', d.toUpperCase(), d.slice(7), `${d}0`, d.slice(0, -1), `${d}\n`, `SHA256:${d.slice(7)}`],
      'bad_value',
    ],
    [
      'time',
      time,
      ['2026-04-03T17:00:00.000Z'],
      ['', '2026-04-03T17:00:00Z', '2026-02-30T17:00:00.000Z', '2026-04-03T17:00:00.000+00:00'],
      'bad_time',
    ],
    ['base64', base64Bytes, ['', 'AA==', '+/+/'], ['A', 'AA', 'AB==', '-_-_', 'AA==\n', ' '], 'bad_base64'],
    ['enumeration', oneOf('a', 'b'), ['a', 'b'], ['', 'c', 'A', 'toString'], 'bad_value'],
    ['text', text, ['', 'ä', '\u0000', '😀'], ['\ud83d', 'a\udc00b'], 'json_lone_surrogate'],
  ])('%s', (_, field, good, bad, code) => {
    for (const value of good) expect(codeOf(field(value)), JSON.stringify(value)).toBeUndefined();
    for (const value of bad) expect(codeOf(field(value)), JSON.stringify(value)).toBe(code);
    for (const value of [null, 1, true, [], {}]) expect(codeOf(field(value)), JSON.stringify(value)).toBe('wrong_type');
  });
});

describe('actionName', () => {
  it('reads a text of millions of words, which is bad taste and no crash', () => {
    expect(codeOf(actionName(`${'a.'.repeat(6_000_000)}a`))).toBeUndefined();
    expect(codeOf(actionName('a.'.repeat(6_000_000)))).toBe('bad_value');
  });
});

describe('checkJson', () => {
  const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);

  it('counts the value itself as the first level', () => {
    expect(codeOf(checkJson(nested(32)))).toBeUndefined();
    expect(codeOf(checkJson(nested(33)))).toBe('json_too_deep');
    expect(codeOf(checkJson({ a: {} }, 2))).toBeUndefined();
    expect(codeOf(checkJson({ a: {} }, 1))).toBe('json_too_deep');
  });

  it('ends on a cycle', () => {
    const cycle: Json[] = [];
    cycle.push(cycle);
    expect(codeOf(checkJson(cycle))).toBe('json_too_deep');
  });

  it('refuses what our parsers would not have let through', () => {
    expect(codeOf(checkJson(['\ud800']))).toBe('json_lone_surrogate');
    expect(codeOf(checkJson({ '\udc00': 1 }))).toBe('json_lone_surrogate');
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY, -0])
      expect(codeOf(checkJson([number]))).toBe('json_number');
    for (const value of [undefined, () => 1, 1n, Symbol('s'), new Date(0), new Uint8Array(1), new Map()]) {
      expect(codeOf(checkJson([value] as unknown as Json))).toBe('wrong_type');
    }
    expect(codeOf(checkJson({ a: [null, true, 0, 'x'], b: Object.create(null) }))).toBeUndefined();
  });
});

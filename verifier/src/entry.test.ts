import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { utf8Decode, utf8Encode } from './bytes.ts';
import { canonicalBytes, canonicalJson, type Json, type JsonObject } from './canonical-json.ts';
import { formatEntry, formatEntryAround, parseEntry } from './entry.ts';
import { MAX_ENTRY_SIZE } from './entry-bundle.ts';

const sealed = `sha256:${'ab'.repeat(32)}`;
const open = { type: 'assent/entry/v1', kind: 'approval', logged_at: 1775235662123, content: { z: 1, a: 'ä' } };
const closed = { type: 'assent/entry/v1', kind: 'approval', logged_at: 1775235662123, sealed };

function parse(document: Json) {
  return parseEntry(canonicalBytes(document));
}

function without(document: JsonObject, member: string): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== member));
}

describe('parseEntry', () => {
  it('reads the form that its doc comment shows', () => {
    const text = '{"content":{"a":1},"kind":"approval","logged_at":1775235662123,"type":"assent/entry/v1"}';
    expect(unwrap(parseEntry(utf8Encode(text)))).toEqual({
      kind: 'approval',
      loggedAt: 1775235662123,
      content: { a: 1 },
    });
  });

  it('reads open, revealed and sealed entries of each kind that may be so', () => {
    expect(unwrap(parse({ ...open, kind: 'trust-root' }))).toMatchObject({ kind: 'trust-root' });
    expect(unwrap(parse({ ...open, kind: 'consumption' }))).toMatchObject({ kind: 'consumption' });
    expect(unwrap(parse({ ...open, reveal: { intent: { a: 1 } } }))).toMatchObject({ reveal: { intent: { a: 1 } } });
    expect(unwrap(parse(closed))).toEqual({ kind: 'approval', loggedAt: 1775235662123, sealed });
  });

  it.each<[string, Json, string]>([
    ['that is no object', [], 'wrong_type'],
    ['without type', without(open, 'type'), 'missing_member'],
    ['of another type', { ...open, type: 'assent/entry/v2', more: 1 }, 'unsupported'],
    ['without time', without(open, 'logged_at'), 'missing_member'],
    ['with a time that is text', { ...open, logged_at: '1' }, 'wrong_type'],
    ['with a fraction of a millisecond', { ...open, logged_at: 0.5 }, 'bad_time'],
    ['before the epoch', { ...open, logged_at: -1 }, 'bad_time'],
    ['after the year 9999', { ...open, logged_at: 253402300800000 }, 'bad_time'],
    ['without kind', without(open, 'kind'), 'missing_member'],
    ['of an unknown kind', { ...open, kind: 'note' }, 'bad_value'],
    ['without content', without(open, 'content'), 'missing_member'],
    ['with content and sealed', { ...open, sealed }, 'unknown_member'],
    ['with content that is text', { ...open, content: '{}' }, 'wrong_type'],
    ['with content that is an array', { ...open, content: [] }, 'wrong_type'],
    ['with a commitment that is no digest', { ...closed, sealed: 'x' }, 'bad_value'],
    ['sealed and revealed', { ...closed, reveal: { intent: {} } }, 'unknown_member'],
    ['sealed, of another kind', { ...closed, kind: 'consumption' }, 'bad_value'],
    ['that reveals nothing', { ...open, reveal: {} }, 'missing_member'],
    ['that reveals text', { ...open, reveal: { intent: '{}' } }, 'wrong_type'],
    ['that reveals more', { ...open, reveal: { intent: {}, display: '' } }, 'unknown_member'],
    ['with an unknown member', { ...open, index: 1 }, 'unknown_member'],
  ])('refuses an entry %s', (_, document, code) => {
    expect(codeOf(parse(document))).toBe(code);
  });

  it.each<[string, Uint8Array, string]>([
    ['with a space', utf8Encode(JSON.stringify(open, null, 1)), 'json_not_canonical'],
    ['with bytes that are no text', Uint8Array.of(0xff), 'not_utf8'],
    ['that is empty', new Uint8Array(), 'json_syntax'],
    ['of 60,000 levels', utf8Encode('['.repeat(60_000)), 'json_too_deep'],
  ])('refuses bytes %s', (_, bytes, code) => {
    expect(codeOf(parseEntry(bytes))).toBe(code);
  });

  it('takes 65,535 bytes and not one more', () => {
    const padded = (size: number) => {
      const empty = canonicalBytes({ ...open, content: { pad: '' } }).length;
      return canonicalBytes({ ...open, content: { pad: 'x'.repeat(size - empty) } });
    };
    expect(codeOf(parseEntry(padded(MAX_ENTRY_SIZE)))).toBeUndefined();
    expect(codeOf(parseEntry(padded(MAX_ENTRY_SIZE + 1)))).toBe('too_large');
  });

  it('leaves room for an intent of 32 levels, which are counted from its own root', () => {
    const nested = (depth: number): JsonObject => (depth === 1 ? {} : { a: nested(depth - 1) });
    expect(codeOf(parse({ ...open, reveal: { intent: nested(32) } }))).toBeUndefined();
    expect(codeOf(parse({ ...open, reveal: { intent: nested(33) } }))).toBe('json_too_deep');
  });
});

describe('formatEntry', () => {
  const entry = { kind: 'approval', loggedAt: 1775235662123, content: { z: 1, a: 'ä' } } as const;

  it('makes what parses back', () => {
    expect(unwrap(parseEntry(formatEntry(entry)))).toEqual(entry);
    const revealed = { ...entry, reveal: { intent: { b: 1, a: [] } } };
    expect(unwrap(parseEntry(formatEntry(revealed)))).toEqual(revealed);
  });

  it('is canonical JSON, whichever way it is made', () => {
    const intent = { b: 1, a: [] };
    const expected = canonicalJson({ ...open, reveal: { intent } });
    expect(unwrap(utf8Decode(formatEntry({ ...entry, reveal: { intent } })))).toBe(expected);
    const around = formatEntryAround(canonicalJson(entry.content), 'approval', entry.loggedAt, canonicalJson(intent));
    expect(around).toBe(expected);
    expect(formatEntryAround(canonicalJson(entry.content), 'approval', entry.loggedAt)).toBe(canonicalJson(open));
  });

  it('makes entries of up to 65,535 bytes', () => {
    const made = (pad: number) => formatEntry({ ...entry, content: { pad: 'x'.repeat(pad) } });
    const room = MAX_ENTRY_SIZE - made(0).length;
    expect(made(room)).toHaveLength(MAX_ENTRY_SIZE);
    expect(() => made(room + 1)).toThrow(RangeError);
  });

  it('throws where there would be no entry', () => {
    expect(() => formatEntry({ ...entry, loggedAt: 0.5 })).toThrow(/loggedAt/);
    expect(() => formatEntry({ ...entry, loggedAt: Number.MAX_SAFE_INTEGER })).toThrow(/loggedAt/);
    expect(() => formatEntry({ ...entry, content: { pad: 'ä'.repeat(40_000) } })).toThrow(/65535 bytes/);
    expect(() => formatEntry({ ...entry, content: { a: '\ud800' } })).toThrow(TypeError);
  });
});

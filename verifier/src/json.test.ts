import { unwrap } from '@assent/test-support/results';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { type Json, parseJson, parseJsonForm } from './json.ts';
import { exactNumber } from './json-number.ts';

const anyJson = fc
  .jsonValue({ stringUnit: 'binary', maxDepth: 6 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe('parseJson: what it takes', () => {
  it.each([
    'null',
    ' true ',
    '\t\r\n false',
    '0',
    '-1',
    '0.5',
    '1.0',
    '1e2',
    '1E+2',
    '10.50',
    '100e-2',
    '0e5',
    '0.000',
    '9007199254740992',
    '1e21',
    '0.1',
    '1000000000000000000000',
    '""',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9"',
    '"\\ud83d\\ude00 \\uD83D\\uDE00 😀"',
    '"\u007f\u0080\u2028\ufeff"',
    '[]',
    '[ ]',
    '{}',
    '{ }',
    '[1,[2,[3]],{"a":[{}]}]',
    ' { "a" : 1 , "b" : [ null , "x" ] } ',
    '{"":0," ":1,"1":2,"0":3}',
  ])('%s', (text) => {
    expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
    expect(parseJson(new TextEncoder().encode(text))).toEqual({ ok: true, value: JSON.parse(text) });
  });
});

describe('parseJson: what it refuses', () => {
  it.each([
    // syntax
    ['', 'json_syntax'],
    [' ', 'json_syntax'],
    ['{', 'json_syntax'],
    ['[', 'json_syntax'],
    ['"', 'json_syntax'],
    ['[1', 'json_syntax'],
    ['[1,', 'json_syntax'],
    ['[1,]', 'json_syntax'],
    ['[,1]', 'json_syntax'],
    ['[1 2]', 'json_syntax'],
    ['[1}', 'json_syntax'],
    ['{"a"}', 'json_syntax'],
    ['{"a":}', 'json_syntax'],
    ['{"a":1', 'json_syntax'],
    ['{"a":1,}', 'json_syntax'],
    ['{,"a":1}', 'json_syntax'],
    ['{"a" 1}', 'json_syntax'],
    ['{"a":1 "b":2}', 'json_syntax'],
    ['{"a":1]', 'json_syntax'],
    ['{a:1}', 'json_syntax'],
    ["{'a':1}", 'json_syntax'],
    ['{1:1}', 'json_syntax'],
    ['undefined', 'json_syntax'],
    ['NaN', 'json_syntax'],
    ['Infinity', 'json_syntax'],
    ['-Infinity', 'json_syntax'],
    ['True', 'json_syntax'],
    ['nul', 'json_syntax'],
    ['nulll', 'json_syntax'],
    ['// comment\n1', 'json_syntax'],
    ['/* comment */ 1', 'json_syntax'],
    // trailing bytes, byte order mark, other white space
    ['{} x', 'json_syntax'],
    ['{}{}', 'json_syntax'],
    ['1 2', 'json_syntax'],
    ['{}\0', 'json_syntax'],
    ['\ufeff{}', 'json_syntax'],
    ['{}\ufeff', 'json_syntax'],
    ['\u00a01', 'json_syntax'],
    ['\u20281', 'json_syntax'],
    ['\v1', 'json_syntax'],
    ['\f1', 'json_syntax'],
    // numbers that are no JSON
    ['01', 'json_syntax'],
    ['00', 'json_syntax'],
    ['+1', 'json_syntax'],
    ['.5', 'json_syntax'],
    ['5.', 'json_syntax'],
    ['1e', 'json_syntax'],
    ['1e+', 'json_syntax'],
    ['1.e2', 'json_syntax'],
    ['-', 'json_syntax'],
    ['- 1', 'json_syntax'],
    ['0x10', 'json_syntax'],
    ['1_000', 'json_syntax'],
    ['1n', 'json_syntax'],
    // numbers that would change
    ['-0', 'json_number'],
    ['-01', 'json_number'], // a -0 comes first
    ['-0.0', 'json_number'],
    ['-0e1', 'json_number'],
    ['1e999', 'json_number'],
    ['-1e999', 'json_number'],
    ['1E400', 'json_number'],
    ['1e-400', 'json_number'],
    ['-1e-400', 'json_number'],
    ['9007199254740993', 'json_number'],
    ['-9007199254740993', 'json_number'],
    ['1.00000000000000000001', 'json_number'],
    ['0.1000000000000000055511151231257827', 'json_number'],
    ['333333333.33333329', 'json_number'],
    ['1e99999999999999999999999', 'json_number'],
    ['1e-99999999999999999999999', 'json_number'],
    ['{"a":[1e999]}', 'json_number'],
    // strings
    ['"\n"', 'json_syntax'],
    ['"\t"', 'json_syntax'],
    ['"\0"', 'json_syntax'],
    ['"\u001f"', 'json_syntax'],
    ['{"\n":1}', 'json_syntax'],
    ['"\\x41"', 'json_syntax'],
    ['"\\u12"', 'json_syntax'],
    ['"\\u12g4"', 'json_syntax'],
    ['"\\u+123"', 'json_syntax'],
    ['"\\u 123"', 'json_syntax'],
    ['"\\U0041"', 'json_syntax'],
    ['"\\\'"', 'json_syntax'],
    ['"\\', 'json_syntax'],
    ['"\\"', 'json_syntax'],
    // lone surrogates, raw and escaped, in values and in keys
    ['"\ud800"', 'json_lone_surrogate'],
    ['"\udc00"', 'json_lone_surrogate'],
    ['"\\ud800"', 'json_lone_surrogate'],
    ['"\\uDC00"', 'json_lone_surrogate'],
    ['"\\udc00\\ud800"', 'json_lone_surrogate'],
    ['"\\ud83dx\\ude00"', 'json_lone_surrogate'],
    ['"\\ud83d\\ud83d\\ude00"', 'json_lone_surrogate'],
    ['"\ud83d\\ude00"', 'json_lone_surrogate'],
    ['"\\ud83d\ude00"', 'json_lone_surrogate'],
    ['{"\\ud800":1}', 'json_lone_surrogate'],
    // duplicate keys, however they are spelled
    ['{"a":1,"a":2}', 'json_duplicate_key'],
    ['{"a":1,"b":2,"a":1}', 'json_duplicate_key'],
    ['{"a":1,"\\u0061":2}', 'json_duplicate_key'],
    ['{"/":1,"\\/":2}', 'json_duplicate_key'],
    ['{"\\n":1,"\\u000A":2}', 'json_duplicate_key'],
    ['{"😀":1,"\\ud83d\\ude00":2}', 'json_duplicate_key'],
    ['{"":1,"":2}', 'json_duplicate_key'],
    ['[{"x":{"a":1,"a":2}}]', 'json_duplicate_key'],
    ['{"__proto__":1,"__proto__":2}', 'json_duplicate_key'],
    ['{"__proto__":{"a":1},"__pro\\u0074o__":2}', 'json_duplicate_key'],
    ['{"constructor":1,"constructor":2}', 'json_duplicate_key'],
  ])('%j', (text, code) => {
    expect(parseJson(text)).toMatchObject({ ok: false, code });
  });

  it('bytes that are not UTF-8', () => {
    expect(parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).toMatchObject({ ok: false, code: 'not_utf8' });
    expect(parseJson(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22))).toMatchObject({ ok: false, code: 'not_utf8' });
  });

  it('keeps the text out of the detail', () => {
    const refused = parseJson('{"password":"hunter2","password":1}');
    expect(refused).toMatchObject({ ok: false, detail: 'the same key twice in one object at character 22' });
  });
});

describe('parseJson: names that objects inherit', () => {
  it('keeps __proto__ as a member and pollutes nothing', () => {
    const parsed = parseJson('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"toString":1}');
    if (!parsed.ok) throw new Error(parsed.code);
    const value = parsed.value as Record<string, Json>;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('admin' in value).toBe(false);
    expect('admin' in {}).toBe(false);
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf'])('is no duplicate: %s', (key) => {
    const text = JSON.stringify({ [key]: 1 });
    expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });
});

describe('parseJson: limits', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  it('counts nesting from the root: 32 levels by default', () => {
    expect(parseJson(nested(32))).toMatchObject({ ok: true });
    expect(parseJson(nested(33))).toMatchObject({ ok: false, code: 'json_too_deep' });
    expect(parseJson('1', { maxDepth: 1 })).toMatchObject({ ok: true });
    expect(parseJson('[{}]', { maxDepth: 1 })).toMatchObject({ ok: false, code: 'json_too_deep' });
    expect(parseJson('[[],[],{},[]]', { maxDepth: 2 })).toMatchObject({ ok: true });
  });

  it('overflows no stack at the deepest limit', () => {
    expect(parseJson(nested(1000), { maxDepth: 1000 })).toMatchObject({ ok: true });
    expect(parseJson(nested(1001), { maxDepth: 1000 })).toMatchObject({ ok: false, code: 'json_too_deep' });
  });

  it.each([
    ['a million [', '['.repeat(1_000_000)],
    ['a million {"a":', '{"a":'.repeat(1_000_000)],
    ['a million nested arrays', nested(1_000_000)],
    ['a million nested objects', `${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_000)}`],
  ])('refuses %s', (_, text) => {
    expect(parseJson(text)).toMatchObject({ ok: false, code: 'json_too_deep' });
  });

  it('refuses a 20 MB string, and takes it where the caller wants it', () => {
    const text = `"${'x'.repeat(20_000_000)}"`;
    expect(parseJson(text)).toMatchObject({ ok: false, code: 'too_large' });
    expect(parseJson(new TextEncoder().encode(text))).toMatchObject({ ok: false, code: 'too_large' });
    expect(parseJson(text, { maxBytes: 20_000_002 }).ok).toBe(true);
    expect(parseJson(text, { maxBytes: 20_000_001 })).toMatchObject({ ok: false, code: 'too_large' });
  });

  it('counts bytes of UTF-8 and not characters', () => {
    expect(parseJson('"€€"', { maxBytes: 8 })).toMatchObject({ ok: true });
    expect(parseJson('"€€"', { maxBytes: 7 })).toMatchObject({ ok: false, code: 'too_large' });
    expect(parseJson('"😀"', { maxBytes: 6 })).toMatchObject({ ok: true });
    expect(parseJson('"😀"', { maxBytes: 5 })).toMatchObject({ ok: false, code: 'too_large' });
  });

  // The square of these lengths would take minutes: the suite's time limit judges.
  it('takes time in proportion to length where an expression could take its square', () => {
    for (const text of [
      `0.${'0'.repeat(1_000_000)}1`,
      `1${'0'.repeat(1_000_000)}1`,
      `"${'\\n'.repeat(1_000_000)}"`,
      `[${' '.repeat(1_000_000)}`,
      `"${'\\ud83d\\ude00'.repeat(100_000)}"`,
    ]) {
      parseJson(text);
    }
  });

  it.each([0, -1, 1.5, 1001, Number.NaN])('throws RangeError on a maxDepth of %d', (maxDepth) => {
    expect(() => parseJson('1', { maxDepth })).toThrow(RangeError);
  });
});

describe('parseJson against JSON.parse', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(anyJson, fc.constantFrom('', ' ', '\t\n'), (value, space) => {
        expect(parseJson(JSON.stringify(value, null, space))).toEqual({ ok: true, value });
      }),
    );
  });

  it('takes nothing that JSON.parse refuses, reads the rest alike, and refuses more only for reasons of its own', () => {
    const token = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', '\\', '0', '1', '-', '.', 'e', 'E', '+', 'true', 'null', ' ', '\n', 'a'],
      ...[
        '"a"',
        '"b"',
        '"\\u0061"',
        '"\\ud800"',
        '\\u',
        '-0',
        '1e5',
        '1e999',
        '\u0001',
        '\ufeff',
        '{"a":',
        '"a":1,',
        '[1,',
      ],
    );
    const ours = ['json_duplicate_key', 'json_lone_surrogate', 'json_number'];
    let taken = 0;
    fc.assert(
      fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
        const text = tokens.join('');
        const parsed = parseJson(text);
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(parsed.ok, text).toBe(false);
          return;
        }
        if (parsed.ok) {
          taken++;
          expect(parsed.value, text).toEqual(expected);
        } else {
          expect(ours, text).toContain(parsed.code);
        }
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

describe('parseJsonForm', () => {
  const formOf = (text: string) => parseJsonForm(text);
  const isCanonical = (text: string) => {
    const parsed = parseJson(text);
    return parsed.ok && canonicalJson(parsed.value) === text;
  };

  it.each([
    '{"a":1,"b":[true,null,"x"]}',
    '{"a":1, "b":2}',
    ' 1',
    '{"b":1,"a":2}',
    '{"aa":1,"a":2,"b":3}',
    '1.0',
    '1e2',
    '1e21',
    '1e+21',
    '"\\u0041"',
    '"\\/"',
    '"\\n\\u001f"',
    '"\\u000a"',
    '"\\u001F"',
    '"é\\u2028"',
    '{"é":1,"z":2}',
    '{"\\ud83d\\ude00":1}',
    '{"😀":1,"ﬁ":2}',
    '{"ﬁ":1,"😀":2}',
    '{"":{"":[]},"\\"":0}',
  ])('%s: canonical exactly if it serializes to itself', (text) => {
    expect(formOf(text)).toMatchObject({ ok: true, value: { isCanonical: isCanonical(text) } });
    const bytes = new TextEncoder().encode(text);
    expect(parseJsonForm(bytes)).toEqual(formOf(text));
  });

  it('agrees with the serializer on whatever comes of one edit in a canonical text', () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.constantFrom('', ' ', '\\', '"', ',', '0', '.0', 'e1', 'a', '\\u0061', '{}', '\n', 'é'),
    );
    fc.assert(
      fc.property(anyJson, edit, fc.boolean(), (value, [place, inserted], replaces) => {
        const text = canonicalJson(value);
        const at = place % (text.length + 1);
        const edited = text.slice(0, at) + inserted + text.slice(at + (replaces ? 1 : 0));
        const parsed = formOf(edited);
        if (parsed.ok) expect(parsed.value.isCanonical).toBe(isCanonical(edited));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('texts with nothing to spare, which the engine reads', () => {
  /** With a space behind it the strict parser reads the same. */
  const both = (text: string) => [parseJsonForm(text), parseJsonForm(`${text} `)] as const;
  const agrees = (text: string) => {
    const [tight, spaced] = both(text);
    if (tight.ok && spaced.ok) {
      expect(tight.value.value).toStrictEqual(spaced.value.value);
      expect(tight.value.isCanonical).toBe(canonicalJson(spaced.value.value) === text);
    } else expect(tight.ok ? 'ok' : tight.code).toBe(spaced.ok ? 'ok' : spaced.code);
  };

  it.each([
    ['a number that is written shorter, and as many spaces', '{"a":1e5,"b":1   }'],
    ['the same, with its canonical form elsewhere', '{"a":1e5,"o":{"a":100000}   }'],
    ['the same, and elsewhere in front', '{"o":{"a":100000},"z":{"a":1e5   }}'],
    ['the same, in a member that was overwritten', '{"a":100000,"a":1e5}'],
    ['the same, overwritten with what holds it', '{"o":{"a":100000},"o":{"a":1e5}}'],
    ['the same, in a string', '{"a":1e5,"b":"a:100000,"   }'],
    ['the same, between two strings that look like a member', '{",":1e5   ,"-":"b",":100000,x":1}'],
    ['the same, between brackets', '[{"}":1e5   },["b"],":100000}"]'],
    ['the same, behind an empty key', '{"":1e5   ,"a":"",":100000,":""}'],
    ['a number that is the beginning of another one', '{"a":1e5,"o":{"a":1000001}   }'],
    ['numbers that are equal, behind keys that are', '{"a":1,"o":{"a":1}}'],
    ['numbers in an array', '[1e5,1   ]'],
    ['a number alone', '1e5'],
    ['minus zero', '{"a":-0,"b":{"a":0}}'],
    ['a number beyond all numbers', '{"a":1e999}'],
    ['a number that is rounded', '{"a":9007199254740993}'],
    ['a rounded number, and what it is rounded to', '{"a":9007199254740993,"b":{"a":9007199254740992}}'],
    ['keys that are numbers', '{"10":"","9":""}'],
    ['keys that are numbers, not in order', '{"9":"","10":""}'],
    ['keys that are numbers behind others', '{"!":"","10":"","a":"","b":""}'],
    ['a key twice', '{"a":"","a":""}'],
    ['__proto__', '{"__proto__":{"a":true},"a":null}'],
    ['__proto__ twice', '{"__proto__":{},"__proto__":{}}'],
    ['an empty key', '{"":"","a":[[],{}]}'],
    ['keys not in order', '{"b":"","a":""}'],
    ['a control character', '{"a":"\n"}'],
    ['a byte order mark', '\ufeff{}'],
    ['text that is none', '{"a":}'],
    ['nothing', ''],
  ])('%s: as the strict parser does', (_, text) => agrees(text));

  it('reads whatever comes of two edits as the strict parser does', () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.constantFrom(
        '',
        ' ',
        '  ',
        '"',
        ',',
        '0',
        '1',
        '.0',
        'e1',
        'e2',
        '"a":1,',
        '"a":100,',
        '"a":1e2,',
        '"0":"",',
        '[',
        '{}',
        '-',
      ),
    );
    const members = fc.dictionary(
      fc.constantFrom('a', 'b', 'B', '0', '10', '', '__proto__', 'é'),
      fc.oneof(fc.constantFrom(1, 100, 1e21, 0.5, 'a', true, null), anyJson),
      { noNullPrototype: true },
    );
    // Of what stands between strings: their pieces look like members, and members like pieces.
    const between = fc.string({ unit: fc.constantFrom(...',:}]"1e5 a0'), maxLength: 10 });
    const seams = fc.dictionary(between, fc.oneof(between, fc.constantFrom(1e5, 100_000, 15, 1)), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.oneof(anyJson, members, seams), edit, edit, fc.boolean(), (value, first, second, replaces) => {
        let text = JSON.stringify(value);
        for (const [place, inserted] of [first, second]) {
          const at = place % (text.length + 1);
          text = text.slice(0, at) + inserted + text.slice(at + (replaces ? inserted.length : 0));
        }
        agrees(text);
      }),
      { numRuns: 5000 },
    );
  });

  it('searches for few numbers, however many there are', () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `n${String(i).padStart(4, '0')}`);
    const text = canonicalJson(Object.fromEntries(names.map((name, i) => [name, i])));
    const search = vi.spyOn(String.prototype, 'includes');
    try {
      const parsed = unwrap(parseJsonForm(text));
      const searches = search.mock.calls.length;
      expect(searches).toBeLessThan(50);
      expect(parsed.isCanonical).toBe(true);
      expect(canonicalJson(parsed.value)).toBe(text);
    } finally {
      search.mockRestore();
    }
  });

  it('takes nothing between two strings for a member: every key and seam of two characters', () => {
    const characters = [',', ':', '}', ']', '{', 'a', ' '];
    const seams = ['', ...characters, ...characters.flatMap((a) => characters.map((b) => a + b))];
    let taken = 0;
    for (const key of seams) {
      for (const seam of seams) {
        for (const end of [',', '}', ',x', '}x']) {
          const text = `{"${key}":1e5   ,"-":"b"${seam}":100000${end}":1}`;
          if (parseJsonForm(text).ok) taken++;
          agrees(text);
        }
      }
    }
    expect(taken).toBeGreaterThan(100);
  });

  it('counts levels', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}""${']'.repeat(levels)}`;
    expect(parseJsonForm(nested(5), { maxDepth: 5 })).toMatchObject({ ok: true, value: { isCanonical: true } });
    expect(parseJsonForm(nested(6), { maxDepth: 5 })).toMatchObject({ ok: false, code: 'json_too_deep' });
    expect(parseJsonForm('['.repeat(65_536))).toMatchObject({ ok: false, code: 'json_too_deep' });
  });
});

describe('whole numbers', () => {
  it.each([
    '0',
    '7',
    '-7',
    '-0',
    '00',
    '01',
    '999999999999999',
    '1000000000000000',
    '9007199254740991',
    '9007199254740993',
    '1.',
    '1.0',
    '1e2',
    '1E2',
    '12a',
  ])('%s: as the rules for any number say', (text) => {
    const wrapped = parseJson(`[${text}]`);
    const value = exactNumber(text);
    const isToken = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text);
    if (isToken && value !== undefined) expect(wrapped).toEqual({ ok: true, value: [Number(text)] });
    else expect(wrapped).toMatchObject({ ok: false });
  });
});

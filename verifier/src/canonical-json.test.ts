import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listVectorFiles, readVectorFile, reportVectors } from '../test/third-party-vectors.ts';
import { canonicalBytes, canonicalJson, type Json, parseCanonicalJson } from './canonical-json.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
/** Values as JSON.parse gives them, `__proto__` keys and all of Unicode included; -0 has no JSON text of its own. */
const anyJson = fc
  .jsonValue({ stringUnit: 'binary', maxDepth: 6 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

function doubleOf(hex: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${hex}`));
  return view.getFloat64(0);
}

describe('canonicalJson: RFC 8785', () => {
  // Appendix B
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('prints the double %s as %s', (hex, text) => {
    expect(canonicalJson(doubleOf(hex))).toBe(text);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('throws on the double %s', (hex) => {
    expect(() => canonicalJson(doubleOf(hex))).toThrow(TypeError);
  });

  it('sorts keys by UTF-16 code units (§3.2.3)', () => {
    const text = canonicalJson({
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    });
    expect(text.match(/(?<=:")[^"]*/g)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('gives the example of §3.2.2', () => {
    const value = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`) as Json;
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('escapes what must be escaped and nothing else', () => {
    const all = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code)).join('');
    const controls = Array.from({ length: 0x20 }, (_, code) => {
      const short = new Map([
        [8, '\\b'],
        [9, '\\t'],
        [10, '\\n'],
        [12, '\\f'],
        [13, '\\r'],
      ]).get(code);
      return short ?? `\\u00${code.toString(16).padStart(2, '0')}`;
    });
    expect(canonicalJson(`${all}\u2028/`)).toBe(
      `"${controls.join('')} !\\"${all.slice(0x23, 0x5c)}\\\\${all.slice(0x5d)}\u2028/"`,
    );
  });
});

describe('canonicalJson: what has no canonical form', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['a hole in an array', new Array(1)],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['NaN', [Number.NaN]],
    ['Infinity', { a: Number.POSITIVE_INFINITY }],
    ['a lone surrogate', ['\ud800']],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', new Uint8Array(2)],
    ['an instance of a class', new (class Point {})()],
    ['a boxed string', Object('text')],
    ['a cycle', cyclic],
  ])('throws TypeError on %s', (_, value) => {
    expect(() => canonicalJson(value as Json)).toThrow(TypeError);
  });

  it('throws TypeError, and overflows no stack, on a million nested arrays', () => {
    let value: Json = [];
    for (let i = 0; i < 1_000_000; i++) value = [value];
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('takes an object without a prototype', () => {
    expect(canonicalJson(Object.assign(Object.create(null), { b: 1, a: 2 }) as Json)).toBe('{"a":2,"b":1}');
  });
});

describe('canonicalJson: properties', () => {
  it('says the same as its input: JSON.parse gives it back', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });

  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('is idempotent, and its bytes are accepted', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const bytes = canonicalBytes(value);
        const parsed = parseCanonicalJson(bytes);
        expect(parsed).toEqual({ ok: true, value });
        if (parsed.ok) expect(canonicalBytes(parsed.value)).toEqual(bytes);
      }),
    );
  });

  it('accepts no other spelling: any text that means the same and differs is refused', () => {
    fc.assert(
      fc.property(anyJson, fc.constantFrom(' ', '\n', '\t'), (value, space) => {
        const loose = JSON.stringify(value, null, space);
        if (loose === canonicalJson(value)) return;
        expect(parseCanonicalJson(utf8(loose))).toMatchObject({ ok: false, code: 'json_not_canonical' });
      }),
    );
  });
});

/** The same value with every object's members inserted in the opposite order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  const copy = {};
  for (const [key, member] of Object.entries(value as Record<string, Json>).reverse()) {
    Object.defineProperty(copy, key, { value: reversed(member), enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

describe('parseCanonicalJson', () => {
  it.each(['null', 'true', '0', '-1', '1e+21', '1e-7', '0.000001', '""', '[]', '{}', '{"a":[1,{"b":null}],"c":"é"}'])(
    'takes %s',
    (text) => {
      expect(parseCanonicalJson(utf8(text))).toEqual({ ok: true, value: JSON.parse(text) });
    },
  );

  it.each([
    ['space', '{"a": 1}', 'json_not_canonical'],
    ['a trailing line feed', '{}\n', 'json_not_canonical'],
    ['unsorted keys', '{"b":1,"a":2}', 'json_not_canonical'],
    ['keys sorted by code point', '{"\ufb33":1,"\u{1f600}":2}', 'json_not_canonical'],
    ['an escape that is not needed', '"\\u0041"', 'json_not_canonical'],
    ['an escaped slash', '"\\/"', 'json_not_canonical'],
    ['a long escape for a short one', '"\\u000a"', 'json_not_canonical'],
    ['upper case in an escape', '"\\u001F"', 'json_not_canonical'],
    ['a number with a superfluous zero', '1.0', 'json_not_canonical'],
    ['a number with an exponent', '1e2', 'json_not_canonical'],
    ['an exponent without its sign', '1e21', 'json_not_canonical'],
    ['1e21 in digits', '1000000000000000000000', 'json_not_canonical'],
    ['1e-7 in digits', '0.0000001', 'json_not_canonical'],
    ['a duplicate key', '{"a":1,"a":1}', 'json_duplicate_key'],
    ['a duplicate key, escaped', '{"a":1,"\\u0061":1}', 'json_duplicate_key'],
    ['a lone surrogate', '"\\ud800"', 'json_lone_surrogate'],
    ['-0', '-0', 'json_number'],
    ['1e999', '1e999', 'json_number'],
    ['9007199254740993', '9007199254740993', 'json_number'],
    ['a byte order mark', '\ufeff{}', 'json_syntax'],
    ['two values', '{}{}', 'json_syntax'],
    ['nothing', '', 'json_syntax'],
    ['33 levels', '['.repeat(33) + ']'.repeat(33), 'json_too_deep'],
    ['a million levels', '['.repeat(1_000_000), 'json_too_deep'],
  ])('refuses %s', (_, text, code) => {
    expect(parseCanonicalJson(utf8(text))).toMatchObject({ ok: false, code });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(parseCanonicalJson(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ ok: false, code: 'not_utf8' });
  });

  it('takes exactly maxBytes and maxDepth', () => {
    expect(parseCanonicalJson(utf8('"1234"'), { maxBytes: 6 })).toMatchObject({ ok: true });
    expect(parseCanonicalJson(utf8('"1234"'), { maxBytes: 5 })).toMatchObject({ ok: false, code: 'too_large' });
    expect(parseCanonicalJson(utf8('[[{}]]'), { maxDepth: 3 })).toMatchObject({ ok: true });
    expect(parseCanonicalJson(utf8('[[{}]]'), { maxDepth: 2 })).toMatchObject({ ok: false, code: 'json_too_deep' });
  });

  it('keeps a __proto__ key, in its place', () => {
    const text = '{"__proto__":{"admin":true},"a":1}';
    const parsed = parseCanonicalJson(utf8(text));
    expect(parsed.ok && canonicalJson(parsed.value)).toBe(text);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });
});

describe('third-party vectors', () => {
  it('gives the outputs of cyberphone/json-canonicalization', () => {
    const inputs = listVectorFiles('jcs/testdata/input');
    for (const path of inputs) {
      const input = readVectorFile(path)!.toString('utf8');
      const output = new Uint8Array(readVectorFile(path.replace('/input/', '/output/'))!);
      const hex = readVectorFile(path.replace('/input/', '/outhex/').replace('.json', '.txt'))!.toString('utf8');
      expect(canonicalBytes(JSON.parse(input) as Json), path).toEqual(output);
      expect(Buffer.from(hex.replace(/\s/g, ''), 'hex').equals(output), path).toBe(true);
      expect(parseCanonicalJson(output), path).toEqual({ ok: true, value: JSON.parse(input) });
      expect(parseCanonicalJson(utf8(input)), path).toMatchObject({ ok: false });
    }
    reportVectors('JCS documents', 6, inputs.length);
  });

  it('prints and takes 10,000 numbers as they are written there', () => {
    const file = readVectorFile('jcs/testdata/es6testfile-first-10000-lines.txt');
    const lines = file === undefined ? [] : file.toString('utf8').trimEnd().split('\n');
    for (const line of lines) {
      const [hex = '', text = ''] = line.split(',');
      const value = doubleOf(hex.padStart(16, '0'));
      if (canonicalJson(value) !== text) expect(canonicalJson(value), line).toBe(text);
      const parsed = parseCanonicalJson(utf8(text));
      if (!parsed.ok || parsed.value !== value) expect(parsed, line).toEqual({ ok: true, value });
    }
    reportVectors('JCS numbers', 10_000, lines.length);
  });
});

/** Cases of the formats that everything else is written in: base64, hex, time, decimal, json, jcs, cbor. */
import { bytes, hex, text, vectorFile } from '../cases.ts';
import type { VectorFile } from '../vectors.ts';

/** RFC 4648 §10, and what its decoders are known to let through. */
export function base64Cases(): VectorFile {
  const about = 'Strict base64 (RFC 4648 §4) and base64url without padding (§5). `result` is hexadecimal.';
  return vectorFile('base64', about, ({ good, bad }) => {
    const rfc: readonly [string, string][] = [
      ['', ''],
      ['f', 'Zg=='],
      ['fo', 'Zm8='],
      ['foo', 'Zm9v'],
      ['foob', 'Zm9vYg=='],
      ['fooba', 'Zm9vYmE='],
      ['foobar', 'Zm9vYmFy'],
    ];
    for (const [plain, encoded] of rfc) {
      const expected = Buffer.from(plain).toString('hex');
      good(`RFC 4648: "${plain}"`, 'decode', { text: encoded }, expected);
      good(`RFC 4648 without padding: "${plain}"`, 'decode_url', { text: encoded.replace(/=/g, '') }, expected);
    }
    good('characters 62 and 63', 'decode', { text: '+/+/' }, 'fbffbf');
    good('characters 62 and 63 of base64url', 'decode_url', { text: '-_-_' }, 'fbffbf');
    const refused: readonly [string, string, string][] = [
      ['padding is missing', 'decode', 'Zg'],
      ['padding is too short', 'decode', 'Zg='],
      ['padding is too long', 'decode', 'Zm8=='],
      ['padding alone', 'decode', '===='],
      ['padding in the middle', 'decode', 'Zg==Zg=='],
      ['trailing bits are not zero, one byte', 'decode', 'Zh=='],
      ['trailing bits are not zero, two bytes', 'decode', 'Zm9='],
      ['a newline at the end', 'decode', 'Zm9v\n'],
      ['a newline in the middle', 'decode', 'Zm9v\nYmFy'],
      ['a space before', 'decode', ' Zm9v'],
      ['the alphabet of base64url', 'decode', '-_-_'],
      ['one character alone', 'decode', 'Z'],
      ['a character outside the alphabet', 'decode', 'Zm9*'],
      ['a character beyond ASCII', 'decode', 'Zm9ö'],
      ['a NUL', 'decode', 'Zm9\u0000'],
      ['base64url with padding', 'decode_url', 'Zg=='],
      ['base64url in the alphabet of base64', 'decode_url', '+/+/'],
      ['base64url whose trailing bits are not zero', 'decode_url', 'Zh'],
      ['base64url of one character alone', 'decode_url', 'Z'],
      ['base64url with white space', 'decode_url', 'Zm 9v'],
    ];
    for (const [name, operation, encoded] of refused) bad(name, operation, { text: encoded }, 'bad_base64');
  });
}

export function hexCases(): VectorFile {
  return vectorFile('hex', 'Lower-case hexadecimal. `result` is base64.', ({ good, bad }) => {
    good('nothing', 'decode', { text: '' }, '');
    good('all digits', 'decode', { text: '0123456789abcdef' }, 'ASNFZ4mrze8=');
    bad('upper case', 'decode', { text: '0A' }, 'bad_hex');
    bad('an odd number of digits', 'decode', { text: '012' }, 'bad_hex');
    bad('a letter that is no digit', 'decode', { text: '0g' }, 'bad_hex');
    bad('a prefix', 'decode', { text: '0x01' }, 'bad_hex');
    bad('a space', 'decode', { text: '01 02' }, 'bad_hex');
  });
}

export function timeCases(): VectorFile {
  const about = 'Times: RFC 3339 in UTC with three decimals. `result` is milliseconds since 1970.';
  return vectorFile('time', about, ({ good, bad }) => {
    good('a time', 'parse', { text: '2026-04-03T17:00:00.000Z' }, 1_775_235_600_000);
    good('the epoch', 'parse', { text: '1970-01-01T00:00:00.000Z' }, 0);
    good('29 February of a leap year', 'parse', { text: '2028-02-29T23:59:59.999Z' }, 1_835_481_599_999);
    good('the last one', 'parse', { text: '9999-12-31T23:59:59.999Z' }, 253_402_300_799_999);
    good('the first one', 'parse', { text: '0000-01-01T00:00:00.000Z' }, -62_167_219_200_000);
    const refused: readonly [string, string][] = [
      ['without milliseconds', '2026-04-03T17:00:00Z'],
      ['with microseconds', '2026-04-03T17:00:00.000000Z'],
      ['with an offset', '2026-04-03T19:00:00.000+02:00'],
      ['with the offset zero', '2026-04-03T17:00:00.000+00:00'],
      ['with a space for the T', '2026-04-03 17:00:00.000Z'],
      ['with a small t', '2026-04-03t17:00:00.000Z'],
      ['with a small z', '2026-04-03T17:00:00.000z'],
      ['24 o’clock', '2026-04-03T24:00:00.000Z'],
      ['a leap second', '2016-12-31T23:59:60.000Z'],
      ['29 February of another year', '2026-02-29T00:00:00.000Z'],
      ['31 April', '2026-04-31T00:00:00.000Z'],
      ['month 13', '2026-13-01T00:00:00.000Z'],
      ['month 0', '2026-00-01T00:00:00.000Z'],
      ['a year of six digits', '+002026-04-03T17:00:00.000Z'],
      ['a space after it', '2026-04-03T17:00:00.000Z '],
      ['nothing', ''],
    ];
    for (const [name, value] of refused) bad(name, 'parse', { text: value }, 'bad_time');
  });
}

export function decimalCases(): VectorFile {
  const about = 'Sizes and indexes as text: canonical decimals from 0 to 2^53 - 1.';
  return vectorFile('decimal', about, ({ good, bad }) => {
    good('zero', 'parse', { text: '0' }, 0);
    good('a number', 'parse', { text: '1207' }, 1207);
    good('2^53 - 1', 'parse', { text: '9007199254740991' }, 9_007_199_254_740_991);
    const refused: readonly [string, string][] = [
      ['nothing', ''],
      ['2^53', '9007199254740992'],
      ['2^64', '18446744073709551616'],
      ['a leading zero', '07'],
      ['two zeros', '00'],
      ['a plus', '+7'],
      ['minus zero', '-0'],
      ['a negative number', '-1'],
      ['an exponent', '1e3'],
      ['a decimal point', '1.0'],
      ['hexadecimal', '0x10'],
      ['a space before', ' 7'],
      ['a newline after', '7\n'],
      ['digits of another script', '٧'],
    ];
    for (const [name, value] of refused) bad(name, 'parse', { text: value }, 'bad_value');
  });
}

export function jsonCases(): VectorFile {
  const about =
    'JSON that need not be canonical (RFC 8259, and stricter). Where it is taken, `result` is its canonical form (RFC 8785).';
  return vectorFile('json', about, ({ good, bad }) => {
    const parse = (name: string, json: string, result: string) => good(name, 'parse', { json: text(json) }, result);
    parse(
      'an object with white space',
      ' { "b" : 1 ,\n"a":\t[ true , false,null ] }\r\n',
      '{"a":[true,false,null],"b":1}',
    );
    parse('a number whose value a double keeps', '[1.0,1e2,1.50,100E-2,0.1]', '[1,100,1.5,1,0.1]');
    parse('zero in many ways', '[0,0.0,0e9]', '[0,0,0]');
    parse('every escape', '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u20ac"', '"\\"\\\\/\\b\\f\\n\\r\\t€"');
    parse('a surrogate pair as escapes', '"\\ud83d\\ude00"', '"😀"');
    parse('the key __proto__', '{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}');
    parse('an empty key', '{"":0}', '{"":0}');
    parse('keys that differ in normalization alone', '{"\\u00e9":1,"e\\u0301":2}', '{"e\u0301":2,"é":1}');
    good('as deep as is allowed', 'parse', { json: text('[[[]]]'), max_depth: 3 }, '[[[]]]');
    good('as long as is allowed', 'parse', { json: text('[1,2]'), max_bytes: 5 }, '[1,2]');
    bad('deeper than is allowed', 'parse', { json: text('[[[[]]]]'), max_depth: 3 }, 'json_too_deep');
    bad('deeper than 32', 'parse', { json: text(`${'['.repeat(33)}${']'.repeat(33)}`) }, 'json_too_deep');
    bad('longer than is allowed', 'parse', { json: text('[1,2]'), max_bytes: 4 }, 'too_large');
    bad('longer in UTF-8 than is allowed', 'parse', { json: text('"€€"'), max_bytes: 7 }, 'too_large');
    const refused: readonly [string, string, string][] = [
      ['a key twice', '{"a":1,"a":1}', 'json_duplicate_key'],
      ['a key twice, once as an escape', '{"a":1,"\\u0061":2}', 'json_duplicate_key'],
      ['a key twice, deep inside', '[{"x":{"a":1,"b":2,"a":3}}]', 'json_duplicate_key'],
      ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'json_duplicate_key'],
      ['a lone high surrogate', '"\\ud83d"', 'json_lone_surrogate'],
      ['a lone low surrogate', '"\\ude00"', 'json_lone_surrogate'],
      ['surrogates in the wrong order', '"\\ude00\\ud83d"', 'json_lone_surrogate'],
      ['a lone surrogate in a key', '{"\\ud800":1}', 'json_lone_surrogate'],
      ['minus zero', '-0', 'json_number'],
      ['minus zero with decimals', '[-0.0]', 'json_number'],
      ['minus zero with an exponent', '-0e5', 'json_number'],
      ['an integer that no double has', '9007199254740993', 'json_number'],
      ['a decimal that no double keeps', '0.1000000000000000055511151231257827', 'json_number'],
      ['a number beyond all doubles', '1e999', 'json_number'],
      ['a number that would become zero', '1e-999', 'json_number'],
      ['nothing', '', 'json_syntax'],
      ['white space alone', '  ', 'json_syntax'],
      ['two values', '1 2', 'json_syntax'],
      ['a comma after the last item', '[1,]', 'json_syntax'],
      ['a comma after the last member', '{"a":1,}', 'json_syntax'],
      ['a leading zero', '01', 'json_syntax'],
      ['a plus', '+1', 'json_syntax'],
      ['a point without digits', '1.', 'json_syntax'],
      ['a point without a zero before', '.5', 'json_syntax'],
      ['NaN', 'NaN', 'json_syntax'],
      ['Infinity', '-Infinity', 'json_syntax'],
      ['hexadecimal', '0x1', 'json_syntax'],
      ['single quotes', "'a'", 'json_syntax'],
      ['a key without quotes', '{a:1}', 'json_syntax'],
      ['a comment', '[1] // one', 'json_syntax'],
      ['an escape that there is not', '"\\x41"', 'json_syntax'],
      ['a short escape', '"\\u12"', 'json_syntax'],
      ['a bare newline in a string', '"a\nb"', 'json_syntax'],
      ['a bare control character in a string', '"\u0001"', 'json_syntax'],
      ['a string that is not closed', '"abc', 'json_syntax'],
      ['an array that is not closed', '[1', 'json_syntax'],
      ['a byte order mark', '\ufeff{}', 'json_syntax'],
      ['a form feed for white space', '\f1', 'json_syntax'],
      ['a no-break space for white space', '\u00a01', 'json_syntax'],
      ['a literal in capitals', 'True', 'json_syntax'],
    ];
    for (const [name, json, code] of refused) bad(name, 'parse', { json: text(json) }, code);
    bad('a byte that is not UTF-8', 'parse', { json: hex('22ff22') }, 'not_utf8');
    bad('an overlong encoding', 'parse', { json: hex('22c0af22') }, 'not_utf8');
    bad('a surrogate in UTF-8', 'parse', { json: hex('22eda08022') }, 'not_utf8');
    bad('a character cut short', 'parse', { json: hex('22e282') }, 'not_utf8');
  });
}

export function jcsCases(): VectorFile {
  const about = 'Canonical JSON (RFC 8785): `canonicalize` gives the canonical form, `parse` takes nothing but it.';
  return vectorFile('jcs', about, ({ good, bad }) => {
    const canonicalize = (name: string, json: string, result: string) =>
      good(name, 'canonicalize', { json: text(json) }, result);
    const sorted =
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin","€":"Euro","😀":"Emoji","דּ":"Hebrew"}';
    const unsorted =
      '{"€":"Euro","\\r":"Carriage Return","\ufb33":"Hebrew","1":"One","\\ud83d\\ude00":"Emoji","\\u0080":"Control","\\u00f6":"Latin"}';
    canonicalize('RFC 8785 §3.2.3: keys by UTF-16 code units', unsorted, sorted.replace('דּ', '\ufb33'));
    canonicalize(
      'exponents begin at 1e21',
      '[1e20,1e21,123456789012345680000]',
      '[100000000000000000000,1e+21,123456789012345680000]',
    );
    canonicalize('small exponents begin at 1e-7', '[0.000001,0.0000001]', '[0.000001,1e-7]');
    canonicalize('the shortest decimal', '[4.50,2e-3,5e-324]', '[4.5,0.002,5e-324]');
    canonicalize('control characters', '"\\u000f\\u000a\\u007f"', '"\\u000f\\n\u007f"');
    canonicalize('no escapes but those that must be', '"\\u0041\\/<>&\\u2028"', '"A/<>&\u2028"');
    canonicalize('arrays keep their order', '[3,1,{"b":0,"a":0},2]', '[3,1,{"a":0,"b":0},2]');
    const parse = (name: string, json: string) => good(name, 'parse', { json: text(json) }, 'canonical');
    parse('an object', '{"a":"€","b":1.5}');
    parse('a text', '"a"');
    parse('an empty object', '{}');
    parse('keys in order', sorted.replace('דּ', '\ufb33'));
    const refused: readonly [string, string, string][] = [
      ['white space', '{"a": 1}', 'json_not_canonical'],
      ['a newline at the end', '{"a":1}\n', 'json_not_canonical'],
      ['keys in another order', '{"b":1,"a":2}', 'json_not_canonical'],
      ['keys by code points', '{"\ufb33":1,"😀":2}', 'json_not_canonical'],
      ['an escape that need not be', '"\\u0061"', 'json_not_canonical'],
      ['an escaped slash', '"\\/"', 'json_not_canonical'],
      ['upper case in an escape', '"\\u001F"', 'json_not_canonical'],
      ['a number with a zero at its end', '[1.50]', 'json_not_canonical'],
      ['an exponent too early', '[1e20]', 'json_not_canonical'],
      ['an exponent without its sign', '[1e21]', 'json_not_canonical'],
      ['a short exponent, and spaces in its room', '{"a":1e5,"b":1   }', 'json_not_canonical'],
      ['the same, with the number in full elsewhere', '{"a":1e5,"b":{"a":100000}   }', 'json_not_canonical'],
      ['the same, with it between two strings', '{",":1e5   ,"-":"b",":100000,x":1}', 'json_not_canonical'],
      ['a key twice', '{"a":1,"a":1}', 'json_duplicate_key'],
      ['a key twice, once with a short exponent', '{"a":100000,"a":1e5}', 'json_duplicate_key'],
      ['a lone surrogate', '"\\ud800"', 'json_lone_surrogate'],
      ['minus zero', '-0', 'json_number'],
      ['a number beyond all doubles', '1e999', 'json_number'],
      ['no JSON', '{', 'json_syntax'],
      ['a byte order mark', '\ufeff{}', 'json_syntax'],
    ];
    for (const [name, json, code] of refused) bad(`${name}, parsed`, 'parse', { json: text(json) }, code);
  });
}

export function cborCases(): VectorFile {
  const about =
    'CBOR in the CTAP2 canonical form. `result` has how many bytes the first item takes, and the item: maps as lists of pairs.';
  return vectorFile('cbor', about, ({ good, bad }) => {
    const decode = (name: string, cbor: string, value: unknown, length = cbor.length / 2) =>
      good(name, 'decode', { cbor: hex(cbor) }, { length, value });
    decode('zero', '00', 0);
    decode('23, the last in one byte', '17', 23);
    decode('24', '1818', 24);
    decode('256', '190100', 256);
    decode('65536', '1a00010000', 65536);
    decode('2^32', '1b0000000100000000', 4_294_967_296);
    decode('2^64 - 1', '1bffffffffffffffff', { integer: '18446744073709551615' });
    decode('minus one', '20', -1);
    decode('-257, the number of RS256', '390100', -257);
    decode('bytes', '43010203', { hex: '010203' });
    decode('text', '63e282ac', '€');
    decode('an array', '83010203', [1, 2, 3]);
    decode('a map', 'a201020326', {
      map: [
        [1, 2],
        [3, -7],
      ],
    });
    decode('a map in an order of its own', 'a203260102', {
      map: [
        [3, -7],
        [1, 2],
      ],
    });
    decode('a map of texts', 'a161616162', { map: [['a', 'b']] });
    decode('true, false, null', '83f5f4f6', [true, false, null]);
    decode('a half float', 'f93c00', { float: 1 });
    decode('a double', 'fb3ff199999999999a', { float: 1.1 });
    decode('bytes after the item', '0001', 0, 1);
    const refused: readonly [string, string][] = [
      ['nothing', ''],
      ['an argument cut short', '1901'],
      ['bytes cut short', '430102'],
      ['an array cut short', '8301'],
      ['a map cut short', 'a101'],
      ['a number in a longer form, one byte', '1817'],
      ['a number in a longer form, two bytes', '190017'],
      ['a number in a longer form, four bytes', '1a0000ffff'],
      ['a number in a longer form, eight bytes', '1b00000000ffffffff'],
      ['a length in a longer form', '580101'],
      ['bytes of indefinite length', '5f4101ff'],
      ['an array of indefinite length', '9f01ff'],
      ['a map of indefinite length', 'bf0102ff'],
      ['a tag', 'c001'],
      ['a key twice', 'a201000100'],
      ['a key that is an array', 'a18000'],
      ['a key that is true', 'a1f500'],
      ['text that is not UTF-8', '61ff'],
      ['reserved additional information', '1c'],
      ['an unassigned simple value', 'e0'],
      ['the end of nothing', 'ff'],
      ['nested too deep', `${'81'.repeat(17)}00`],
      ['a length beyond all memory', '5bffffffffffffffff00'],
    ];
    for (const [name, cbor] of refused) bad(name, 'decode', { cbor: hex(cbor) }, 'cbor_malformed');
    good('nested as deep as is allowed', 'decode', { cbor: bytes(nested(16)) }, { length: 17, value: nestedValue(16) });
  });
}

function nested(depth: number): Uint8Array {
  return new Uint8Array([...new Array<number>(depth).fill(0x81), 0]);
}

function nestedValue(depth: number): unknown {
  return depth === 0 ? 0 : [nestedValue(depth - 1)];
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../problems.ts';
import { MAX_BATCH_ENTRIES, splitBatch } from './split-batch.ts';

const split = (text: string): string[] => splitBatch(Buffer.from(text)).map((piece) => Buffer.from(piece).toString());

function refusal(text: string): string {
  try {
    return `no refusal, but ${split(text).length} pieces`;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe('splitBatch', () => {
  it('cuts at the commas of the list alone, and keeps the bytes of each piece', () => {
    const pieces = ['{"a": [1, 2, {}]}', '"x,]}\\",\\\\"', '[ [] , "" ]', '-1.5e3', 'null'];
    expect(split(` {\n"entries"\t:\r[ ${pieces.join(' , ')} ] } `)).toEqual(pieces);
    expect(split(`{"entries":[${pieces.join(',')}]}`)).toEqual(pieces);
  });

  it.each([
    ['a quote right behind the point from which the end is searched', `"${'x'.repeat(63)}\\"${'y'.repeat(9)}"`],
    ['an escape there', `"${'x'.repeat(64)}\\"y"`],
    ['an escape just before it', `"${'x'.repeat(62)}\\\\"`],
    ['a long one', `"${'x'.repeat(5_000)}"`],
    ['a long one with a late escape', `"${'x'.repeat(5_000)}\\"${'y'.repeat(500)}\\\\"`],
  ])('finds the end of a string: %s', (_, text) => {
    expect(split(`{"entries":[${text},1]}`)).toEqual([text, '1']);
  });

  it('agrees with JSON.parse on whatever JSON there is', () => {
    const spaced = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 8 }), spaced, (entries, space) => {
        const pieces = split(JSON.stringify({ entries }, null, space));
        expect(pieces.map((piece) => JSON.parse(piece))).toEqual(JSON.parse(JSON.stringify(entries)));
      }),
    );
  });

  it('never accepts what JSON.parse refuses, if each piece is JSON', () => {
    const pool = ['{', '}', '[', ']', ',', ':', '"', '\\', ' ', 'a', '1', '"entries"', '{"entries":[', ']}'];
    const isJson = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pool), { maxLength: 12 }), (parts) => {
        const text = `{"entries":[${parts.join('')}]}`;
        let pieces: string[];
        try {
          pieces = split(text);
        } catch {
          return;
        }
        expect(isJson(text)).toBe(pieces.every(isJson));
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves a broken piece to whoever parses it', () => {
    expect(split('{"entries":[{"a":}, [}, tru\\, {}]}')).toEqual(['{"a":}', '[}', 'tru\\', '{}']);
  });

  it.each([
    ['nothing', '', 'invalid_json'],
    ['an array', '[{}]', 'invalid_request'],
    ['null', 'null', 'invalid_request'],
    ['another member', '{"items":[{}]}', 'invalid_request'],
    ['one more member', '{"entries":[{}],"wait":"none"}', 'invalid_request'],
    ['the member twice', '{"entries":[{}],"entries":[{}]}', 'invalid_json'],
    ['no list', '{"entries":{}}', 'invalid_request'],
    ['an empty list', '{"entries":[ ]}', 'invalid_request'],
    ['a trailing comma', '{"entries":[{},]}', 'invalid_json'],
    ['a leading comma', '{"entries":[,{}]}', 'invalid_json'],
    ['two commas', '{"entries":[{},,{}]}', 'invalid_json'],
    ['no comma', '{"entries":[{} {}]}', 'invalid_json'],
    ['a comment', '{"entries":[{} /* */]}', 'invalid_json'],
    ['a list that does not end', '{"entries":[{}', 'invalid_json'],
    ['a piece that does not end', '{"entries":[{]}', 'invalid_json'],
    ['a string that does not end', `{"entries":["${'x'.repeat(200)}]}`, 'invalid_json'],
    ['a string that ends in an escape', `{"entries":["${'x'.repeat(200)}\\"]}`, 'invalid_json'],
    ['no end', '{"entries":[{}]', 'invalid_json'],
    ['something behind the end', '{"entries":[{}]}{}', 'invalid_json'],
    ['a byte order mark', '\ufeff{"entries":[{}]}', 'invalid_json'],
    ['a zero byte behind the end', '{"entries":[{}]}\0', 'invalid_json'],
  ])('refuses %s', (_, text, code) => {
    expect(refusal(text)).toMatch(new RegExp(`^${code}: `));
  });

  it(`takes ${MAX_BATCH_ENTRIES} pieces, and not one more`, () => {
    const list = (count: number): string => `{"entries":[${Array(count).fill('0').join()}]}`;
    expect(split(list(MAX_BATCH_ENTRIES))).toHaveLength(MAX_BATCH_ENTRIES);
    expect(refusal(list(MAX_BATCH_ENTRIES + 1))).toMatch(/^invalid_request: .*1000/);
  });

  // The square of this length would take hours: the suite's time limit judges.
  it('takes time in proportion to the length, whatever is in it', () => {
    const length = 4 * 1024 * 1024;
    for (const unit of ['""', '"\\""', '[]', '"\\\\"', '{"":0}']) {
      const piece = `[${Array(Math.floor(length / (unit.length + 1)))
        .fill(unit)
        .join()}]`;
      expect(split(`{"entries":[${piece}]}`)).toHaveLength(1);
    }
    const escapes = `"${'\\"'.repeat(length / 2)}"`;
    expect(split(`{"entries":[${escapes}]}`)).toEqual([escapes]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Json } from './canonical-json.ts';
import { isPointer, readPointer } from './json-pointer.ts';

/** RFC 6901 §5. */
const RFC_DOCUMENT: Json = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

describe('readPointer', () => {
  it.each<[string, Json]>([
    ['', RFC_DOCUMENT],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('reads %j as RFC 6901 §5 says', (pointer, value) => {
    expect(readPointer(RFC_DOCUMENT, pointer)).toEqual(value);
  });

  it('reads a path of millions of characters', () => {
    expect(readPointer(RFC_DOCUMENT, `/${'a'.repeat(16_000_000)}`)).toBeUndefined();
  });

  it('unescapes in the order of §4', () => {
    expect(readPointer({ '~1': 'x', '/': 'y' }, '/~01')).toBe('x');
  });

  it.each([
    '/foo/2',
    '/foo/-',
    '/foo/00',
    '/foo/01',
    '/foo/+1',
    '/foo/1e0',
    '/foo/length',
    '/foo/0/0',
    '/bar',
    '/foo/',
  ])('finds nothing at %s', (pointer) => {
    expect(readPointer(RFC_DOCUMENT, pointer)).toBeUndefined();
  });

  it("takes the document's own members alone", () => {
    for (const name of ['constructor', '__proto__', 'toString']) expect(readPointer({}, `/${name}`)).toBeUndefined();
    expect(readPointer(JSON.parse('{"__proto__":{"a":"x"}}'), '/__proto__/a')).toBe('x');
  });

  it.each(['a', 'a/b', '/~', '/~2', '/a~', '#/a', ' /a'])('is not given %j', (text) => {
    expect(isPointer(text)).toBe(false);
    expect(() => readPointer({}, text)).toThrow(TypeError);
  });
});

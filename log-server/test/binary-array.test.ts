import { randomBytes } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boolArray, int4Array, int8Array, prefixArray } from '../src/store/binary-array.ts';
import { prefix8 } from '../src/store/prefix8.ts';

let test: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  test = await createTestDatabase();
  client = new pg.Client({ connectionString: test.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await test.drop();
});

/** What the database reads, each element as text. */
async function read(type: 'int4' | 'int8' | 'bool', array: Buffer): Promise<(string | null)[]> {
  const { rows } = await client.query<{ element: string | null }>(
    `SELECT e::text AS element FROM unnest($1::${type}[]) WITH ORDINALITY AS u(e, n) ORDER BY n`,
    [array],
  );
  return rows.map(({ element }) => element);
}

describe('arrays in binary form, as PostgreSQL reads them', () => {
  it('int8[] of prefixes are those of prefix8', async () => {
    const digests = [randomBytes(32), Buffer.alloc(32, 0xff), Buffer.alloc(32, 0x7f), randomBytes(32)];
    expect(await read('int8', prefixArray(digests))).toEqual(digests.map((digest) => String(prefix8(digest))));
  });

  it('bool[]', async () => {
    expect(await read('bool', boolArray([true, false, true]))).toEqual(['true', 'false', 'true']);
    expect(await read('bool', boolArray([]))).toEqual([]);
  });

  it('int8[] of numbers', async () => {
    const numbers = [0, 1, -1, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER];
    expect(await read('int8', int8Array(numbers))).toEqual(numbers.map(String));
  });

  it('int4[] with and without nulls', async () => {
    expect(await read('int4', int4Array([0, -1, 2 ** 31 - 1, -(2 ** 31)]))).toEqual([
      '0',
      '-1',
      '2147483647',
      '-2147483648',
    ]);
    expect(await read('int4', int4Array([null, 7, null]))).toEqual([null, '7', null]);
    expect(await read('int4', int4Array([null]))).toEqual([null]);
    expect(() => int4Array([2 ** 31])).toThrow(RangeError);
  });

  it('empty ones, of which the append statement takes the cardinality', async () => {
    for (const empty of [int4Array([]), int8Array([]), prefixArray([])]) expect(empty).toHaveLength(12);
    const { rows } = await client.query('SELECT cardinality($1::int4[]) AS a, cardinality($2::int8[]) AS b', [
      int4Array([]),
      prefixArray([]),
    ]);
    expect(rows).toEqual([{ a: 0, b: 0 }]);
  });
});

import { randomBytes } from 'node:crypto';
import { createInflateRaw, deflateRawSync, type InflateRaw, inflateRawSync } from 'node:zlib';
import { formatBundle } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { inflateEntry } from './block-data.ts';
import { Inflater } from './inflater.ts';

const SYNC_FLUSH = 2;
/** Text that deflate makes shorter, different each time. */
const text = (bytes: number) => Buffer.from(randomBytes(bytes).toString('hex').slice(0, bytes));

describe('an inflater', () => {
  it('gives what inflateRawSync gives of every beginning, again and again', () => {
    const inflater = new Inflater();
    const data = deflateRawSync(text(3_000), { level: 1 });
    for (let length = 0; length <= data.length; length += 7) {
      const beginning = data.subarray(0, length);
      const expected = inflateRawSync(beginning, { finishFlush: SYNC_FLUSH });
      expect(inflater.inflate(beginning)?.equals(expected)).toBe(true);
    }
  });

  it('says of damage that there is nothing, and inflates the next one', () => {
    const inflater = new Inflater();
    const whole = text(2_000);
    const data = deflateRawSync(whole);
    for (let i = 0; i < 20; i++) {
      // A block of the type that there is not.
      expect(inflater.inflate(Buffer.from([0x07, i]))).toBeUndefined();
      expect(inflater.inflate(data)?.equals(whole)).toBe(true);
    }
  });

  it('leaves to others what is more than it has room for', () => {
    const inflater = new Inflater();
    const rest = Buffer.alloc(64 * 1024 - 1, 'a');
    expect(inflater.inflate(deflateRawSync(rest))?.equals(rest)).toBe(true);
    expect(inflater.inflate(deflateRawSync(Buffer.alloc(64 * 1024, 'a')))).toBeUndefined();
    expect(inflater.inflate(deflateRawSync(Buffer.alloc(10_000_000)))).toBeUndefined();
    expect(inflater.inflate(deflateRawSync(rest))?.equals(rest)).toBe(true);
  });

  it('is none where Node has other insides', () => {
    const others = () => Object.assign(createInflateRaw(), { _handle: { reset() {} } }) as InflateRaw;
    expect(new Inflater(others).inflate(deflateRawSync('a'))).toBeUndefined();
  });
});

describe('an entry of a block', () => {
  it.each([
    ['small', 300],
    ['with more than the inflater has room for', 20_000],
  ])('is its own copy, at each place of a block of entries that are %s', (_, size) => {
    const entries = Array.from({ length: 16 }, () => text(size));
    const data = deflateRawSync(formatBundle(entries), { level: 1 });
    const read = entries.map((_, place) => inflateEntry(data, place));
    expect(read.map((entry) => entry && Buffer.from(entry).toString())).toEqual(entries.map(String));
    expect(inflateEntry(data, 16)).toBeUndefined();
  });

  it('is nothing where the data is cut before its end, or damaged', () => {
    const entries = Array.from({ length: 16 }, () => text(300));
    const data = deflateRawSync(formatBundle(entries), { level: 1 });
    expect(inflateEntry(data.subarray(0, data.length - 40), 15)).toBeUndefined();
    expect(inflateEntry(data.subarray(0, data.length - 40), 0)).toEqual(entries[0]);
    expect(inflateEntry(Buffer.from([0x07, 0]), 0)).toBeUndefined();
  });
});

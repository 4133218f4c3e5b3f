/** A sample of the bits and prefixes; all of them are in the slow suite. */
import { describe, expect, it } from 'vitest';
import { acceptedPrefixes, unnoticedBits, verify } from './flipped-bits.ts';
import { goodRecords } from './records.ts';

describe.each(goodRecords().map((record) => [record.about, record] as const))('%s', (_, record) => {
  it('has its verdict as it is', async () => {
    expect((await verify(record, record.receipt)).verdict).toBe(record.verdict);
  });

  // A prime that is no multiple of eight, so that all places in a byte have their turn.
  it('loses it with a bit flipped, here and there', async () => {
    expect(await unnoticedBits(record, 197)).toEqual([]);
  });

  it('is invalid when it is cut short, here and there', async () => {
    expect(await acceptedPrefixes(record, 97)).toEqual([]);
  });
});

/** Every bit of one good record of each kind, and every prefix. */
import { describe, expect, it } from 'vitest';
import { acceptedPrefixes, unnoticedBits } from '../src/flipped-bits.ts';
import { goodRecords } from '../src/records.ts';

describe.each(goodRecords().map((record) => [record.about, record] as const))('%s', (_, record) => {
  it('loses its verdict with any bit flipped', async () => {
    expect(await unnoticedBits(record, 1)).toEqual([]);
  });

  it('is invalid when it is cut short anywhere', async () => {
    expect(await acceptedPrefixes(record, 1)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { WITHHELD_CACHE_MS, WithheldEntries } from './withheld-entries.ts';

describe('WithheldEntries', () => {
  it('names what is withheld in a range, and says where the others are', async () => {
    const withheld = new WithheldEntries(async () => [3, 7, 9]);
    expect(await withheld.among(4, 10)).toEqual([7, 9]);
    await expect(withheld.refuse(4, 7)).resolves.toBeUndefined();
    await expect(withheld.refuse(3, 4)).rejects.toMatchObject({ code: 'withheld', extras: { index: 3 } });
    await expect(withheld.refuse(0, 8)).rejects.toThrow('3, 7. The others can be fetched one by one');
  });

  it('believes the list for two seconds, and asks once for all who wait', async () => {
    let now = 0;
    let reads = 0;
    const withheld = new WithheldEntries(
      async () => {
        reads++;
        return reads === 1 ? [] : [5];
      },
      () => now,
    );
    await Promise.all([withheld.refuse(5, 6), withheld.refuse(5, 6)]);
    expect(reads).toBe(1);
    now = WITHHELD_CACHE_MS;
    await expect(withheld.refuse(5, 6)).rejects.toMatchObject({ code: 'withheld' });
    expect(reads).toBe(2);
  });

  it('lets nothing pass while the list cannot be read, and asks again', async () => {
    let fails = true;
    const withheld = new WithheldEntries(async () => {
      if (fails) throw new Error('away');
      return [];
    });
    await expect(withheld.refuse(0, 1)).rejects.toThrow('away');
    fails = false;
    await expect(withheld.refuse(0, 1)).resolves.toBeUndefined();
  });
});

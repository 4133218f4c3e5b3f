import { describe, expect, it } from 'vitest';
import { ByteCache } from './byte-cache.ts';

describe('ByteCache', () => {
  it('drops what was not used for longest when the bytes are spent', () => {
    const cache = new ByteCache<string>(100);
    cache.set(1, 'one', 40);
    cache.set(2, 'two', 40);
    expect(cache.get(1)).toBe('one');
    cache.set(3, 'three', 40);
    expect([cache.get(1), cache.get(2), cache.get(3)]).toEqual(['one', undefined, 'three']);
    expect(cache.bytes).toBe(80);
  });

  it('spares what was used once, and takes the newest in though all others were used', () => {
    const cache = new ByteCache<string>(100);
    for (const key of [1, 2, 3, 4, 5]) cache.set(key, String(key), 20);
    for (const key of [1, 2, 3, 4, 5]) cache.get(key);
    cache.set(6, '6', 20);
    expect(cache.bytes).toBe(100);
    // All had been used, so the oldest went, and the others have spent their chance.
    cache.get(3);
    cache.set(7, '7', 40);
    expect([1, 2, 3, 4, 5, 6, 7].map((key) => cache.get(key))).toEqual([
      undefined,
      undefined,
      '3',
      undefined,
      '5',
      '6',
      '7',
    ]);
  });

  it('counts what is replaced once', () => {
    const cache = new ByteCache<string>(100);
    cache.set(1, 'one', 60);
    cache.set(1, 'another', 30);
    cache.set(2, 'two', 70);
    expect([cache.get(1), cache.get(2), cache.bytes]).toEqual(['another', 'two', 100]);
  });

  it('keeps nothing that is larger than all of it', () => {
    const cache = new ByteCache<string>(100);
    cache.set(1, 'one', 101);
    expect([cache.get(1), cache.bytes]).toEqual([undefined, 0]);
  });

  it('keeps to what it may hold now', () => {
    let maxBytes = 100;
    const cache = new ByteCache<string>(() => maxBytes);
    for (const key of [1, 2, 3, 4, 5]) cache.set(key, String(key), 20);
    maxBytes = 40;
    cache.set(6, '6', 20);
    expect([1, 2, 3, 4, 5, 6].filter((key) => cache.get(key) !== undefined)).toEqual([5, 6]);
    expect(cache.bytes).toBe(40);
    maxBytes = 0;
    cache.set(7, '7', 1);
    expect([cache.get(7), cache.bytes]).toEqual([undefined, 0]);
  });
});

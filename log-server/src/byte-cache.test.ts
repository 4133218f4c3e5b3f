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

  it('drops in the order of arrival what was used while half of the room was free', () => {
    const cache = new ByteCache<string>(100);
    cache.set(1, 'one', 20);
    cache.set(2, 'two', 20);
    expect(cache.get(1)).toBe('one');
    cache.set(3, 'three', 80);
    expect([cache.get(1), cache.get(2), cache.get(3)]).toEqual([undefined, 'two', 'three']);
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
});

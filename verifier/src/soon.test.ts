import { describe, expect, it } from 'vitest';
import { onceThere } from './soon.ts';

describe('onceThere', () => {
  it('goes on at once with what is there', () => {
    expect(onceThere(2, (value) => value + 1)).toBe(3);
  });

  it('waits for what is not', async () => {
    const later = onceThere(Promise.resolve(2), (value) => value + 1);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(3);
  });

  it('passes a rejection on', async () => {
    await expect(onceThere(Promise.reject(new Error('no')), () => 1)).rejects.toThrow('no');
  });
});

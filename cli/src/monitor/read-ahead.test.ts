import { describe, expect, it } from 'vitest';
import { readAhead } from './read-ahead.ts';

describe('readAhead', () => {
  it('begins so many before they are asked for, and hands them out in order', async () => {
    const begun: number[] = [];
    const reader = readAhead(3, 8, 2, async (index) => {
      begun.push(index);
      return index * 10;
    });
    expect((await reader.next()).value).toEqual({ index: 3, value: 30 });
    expect(begun).toEqual([3, 4]);
    const rest: number[] = [];
    for await (const { value } of reader) rest.push(value);
    expect([rest, begun]).toEqual([
      [40, 50, 60, 70],
      [3, 4, 5, 6, 7],
    ]);
  });

  it('fails when the turn of the one comes that failed', async () => {
    const reader = readAhead(0, 3, 3, async (index) => {
      if (index === 1) throw new Error('gone');
      return index;
    });
    expect((await reader.next()).value).toEqual({ index: 0, value: 0 });
    await expect(reader.next()).rejects.toThrow('gone');
  });
});

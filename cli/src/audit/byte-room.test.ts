import { describe, expect, it } from 'vitest';
import { ByteRoom } from './byte-room.ts';

const bytes = (size: number) => [new Uint8Array(size)];
/** Whether it resolves before what comes after it in the queue. */
const isLetIn = async (waiting: Promise<void>): Promise<boolean> => {
  let isIn = false;
  void waiting.then(() => {
    isIn = true;
  });
  for (let i = 0; i < 10; i++) await Promise.resolve();
  return isIn;
};

describe('ByteRoom', () => {
  it('lets few in before it knows how large they are, and more when they are small', async () => {
    const room = new ByteRoom(1000);
    const first = Array.from({ length: 5 }, () => room.wait());
    expect(await Promise.all(first.map(isLetIn))).toEqual([true, true, true, true, false]);
    for (let i = 0; i < 4; i++) room.give(room.take(bytes(10)));
    expect(await isLetIn(first[4]!)).toBe(true);
    const more = Array.from({ length: 20 }, () => room.wait());
    expect((await Promise.all(more.map(isLetIn))).filter(Boolean).length).toBeGreaterThan(10);
  });

  it('lets one in, however large the last ones were, once nothing is held', async () => {
    const room = new ByteRoom(1000);
    await room.wait();
    const size = room.take(bytes(5000));
    const next = room.wait();
    expect(await isLetIn(next)).toBe(false);
    room.give(size);
    expect(await isLetIn(next)).toBe(true);
    const third = room.wait();
    expect(await isLetIn(third)).toBe(false);
    // One that failed holds nothing.
    room.give(room.take(undefined));
    expect(await isLetIn(third)).toBe(true);
  });
});

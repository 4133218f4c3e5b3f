import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

describe('Slots', () => {
  it('lets some work, some wait in order, and refuses the others', async () => {
    const slots = new Slots(2, 2, 'too many');
    const events: string[] = [];
    const ends: (() => void)[] = [];
    const run = (name: string): Promise<void> =>
      slots.run(async () => {
        events.push(`${name} begins`);
        await new Promise<void>((resolve) => ends.push(resolve));
        events.push(`${name} ends`);
      });
    const running = ['a', 'b', 'c', 'd'].map(run);
    await expect(run('e')).rejects.toMatchObject({ code: 'overloaded', extras: { retryAfter: 1 } });
    expect(events).toEqual(['a begins', 'b begins']);
    for (let i = 0; i < 4; i++) {
      ends[i]?.();
      await running[i];
    }
    expect(events.filter((event) => event.endsWith('begins'))).toEqual(['a', 'b', 'c', 'd'].map((n) => `${n} begins`));
    await slots.run(async () => events.push('free again'));
    expect(events.at(-1)).toBe('free again');
  });

  it('gives a slot back when the work fails', async () => {
    const slots = new Slots(1, 0, 'too many');
    await expect(slots.run(() => Promise.reject(new Error('planned')))).rejects.toThrow('planned');
    expect(await slots.run(async () => 'well')).toBe('well');
  });
});

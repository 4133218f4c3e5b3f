import { describe, expect, it } from 'vitest';
import { AppendGate } from './append-gate.ts';

describe('AppendGate', () => {
  it('refuses when many wait and the oldest has for long, and takes again when that one is done', async () => {
    let time = 0;
    const gate = new AppendGate(() => time);
    const ends: (() => void)[] = [];
    const wait = (): Promise<void> => gate.through(() => new Promise((resolve) => ends.push(resolve)));
    const first = wait();
    time = 1;
    const others = Array.from({ length: 1_023 }, wait);
    time = 250;
    others.push(wait());
    time = 251;
    await expect(gate.through(async () => 'in')).rejects.toMatchObject({
      code: 'overloaded',
      extras: { retryAfter: 1 },
    });
    ends[0]!();
    await first;
    expect(await gate.through(async () => 'in')).toBe('in');
    for (const end of ends) end();
    await Promise.all(others);
  });

  it('takes few however long they wait, and lets go of those that fail', async () => {
    let time = 0;
    const gate = new AppendGate(() => time);
    const ends: (() => void)[] = [];
    const some = Array.from({ length: 1_023 }, () =>
      gate.through(() => new Promise<void>((resolve) => ends.push(resolve))),
    );
    time = 100_000;
    for (let i = 0; i < 1_100; i++) {
      await expect(gate.through(() => Promise.reject(new TypeError('fails')))).rejects.toThrow(TypeError);
    }
    for (const end of ends) end();
    await Promise.all(some);
  });
});

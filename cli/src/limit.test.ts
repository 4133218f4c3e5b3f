import { describe, expect, it } from 'vitest';
import { createLimit } from './limit.ts';

describe('createLimit', () => {
  it('runs so many at once and no more, in order, and goes on after one that failed', async () => {
    const limited = createLimit(2);
    const started: number[] = [];
    const ends: ((failed: boolean) => void)[] = [];
    const runs = [0, 1, 2, 3].map((i) =>
      limited(() => {
        started.push(i);
        return new Promise<number>((resolve, reject) => {
          ends[i] = (failed) => (failed ? reject(new Error(`${i}`)) : resolve(i));
        });
      }),
    );
    const settled = Promise.allSettled(runs);
    expect(started).toEqual([0, 1]);
    ends[1]!(true);
    await runs[1]!.catch(() => undefined);
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2]);
    ends[0]!(false);
    await runs[0];
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2, 3]);
    ends[2]!(false);
    ends[3]!(false);
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a limit of %s', (most) => {
    expect(() => createLimit(most)).toThrow(RangeError);
  });
});

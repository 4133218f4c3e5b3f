import { describe, expect, it } from 'vitest';
import { ByteBudget } from './byte-budget.ts';

describe('ByteBudget', () => {
  it('refuses what is more than is left, and gives back what was spent, after a failure too', async () => {
    const budget = new ByteBudget(10);
    let end: () => void = () => undefined;
    const first = budget.spend(7, () => new Promise<void>((resolve) => (end = resolve)));
    await expect(budget.spend(4, async () => undefined)).rejects.toMatchObject({
      code: 'overloaded',
      extras: { retryAfter: 1 },
    });
    expect(await budget.spend(3, async () => 'fits')).toBe('fits');
    await expect(budget.spend(3, () => Promise.reject(new Error('fails')))).rejects.toThrow('fails');
    end();
    await first;
    expect(await budget.spend(10, async () => 'all of it')).toBe('all of it');
  });
});

import { describe, expect, it } from 'vitest';
import { healthRoutes } from './health.ts';

describe('/readyz', () => {
  it('costs the database one examination, however many ask at once', async () => {
    let asked = 0;
    const app = healthRoutes({
      database: async () => {
        asked++;
        return 'it is gone';
      },
    });
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.request('/readyz')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(await answers[49]!.text()).toContain('failed database: it is gone');
    expect(asked).toBe(1);
  });
});

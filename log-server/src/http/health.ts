import { Hono } from 'hono';

/** Each named check resolves to undefined when all is well, or to what is wrong. */
export type Health = Readonly<Record<string, () => Promise<string | undefined>>>;

/** `/livez` depends on nothing; `/readyz` says whether the log can append and sign now. */
export function healthRoutes(health: Health): Hono {
  const live = 'ok\n';
  return new Hono()
    .get('/livez', (c) => c.text(live))
    .get('/healthz', (c) => c.text(live))
    .get('/readyz', async (c) => {
      const results = await Promise.all(
        Object.entries(health).map(async ([name, check]) => ({ name, problem: await check().catch(describe) })),
      );
      const ready = results.every(({ problem }) => problem === undefined);
      c.header('Cache-Control', 'no-store');
      const verbose = c.req.query('verbose') !== undefined;
      const lines = results
        .filter(({ problem }) => verbose || problem !== undefined)
        .map(
          ({ name, problem }) => `${problem === undefined ? 'ok' : 'failed'} ${name}${problem ? `: ${problem}` : ''}`,
        );
      return c.text(`${[ready ? 'ready' : 'not ready', ...lines].join('\n')}\n`, ready ? 200 : 503);
    });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'failed';
}

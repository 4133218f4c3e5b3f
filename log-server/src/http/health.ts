import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { createApi, endpoint } from './endpoint.ts';

/** Something that a person has to see to, and that is no reason to send requests elsewhere. */
export type Warning = { readonly warning: string };

/** Each named check resolves to undefined when all is well, or to what is wrong. */
export type Health = Readonly<Record<string, () => Promise<string | Warning | undefined>>>;

const text = { content: { 'text/plain': { schema: z.string() } } };

/** `/livez` depends on nothing; `/readyz` says whether the log can append and sign now. */
export function healthRoutes(health: Health): OpenAPIHono {
  const api = createApi();
  // Some platforms ask for the one by default, some for the other.
  for (const [path, summary] of [
    ['/livez', 'Whether the process runs'],
    ['/healthz', 'The same as /livez'],
  ] as const) {
    endpoint(
      api,
      {
        method: 'get',
        path,
        operationId: path.slice(1),
        tag: 'operations',
        summary,
        responses: { 200: { description: 'It does', ...text } },
      },
      (c) => c.text('ok\n'),
    );
  }
  let last: { readonly at: number; readonly results: Promise<readonly Examined[]> } | undefined;
  // Strangers may ask as often as they like, and each answer costs the database a few queries.
  const examined = (): Promise<readonly Examined[]> => {
    const now = performance.now();
    if (last === undefined || now - last.at > BELIEVED_MS) last = { at: now, results: examineAll(health) };
    return last.results;
  };
  endpoint(
    api,
    {
      method: 'get',
      path: '/readyz',
      operationId: 'readyz',
      tag: 'operations',
      summary: 'Whether the log can append and sign now',
      query: z.object({ verbose: z.string().optional().openapi({ description: 'Name the checks that passed too' }) }),
      responses: {
        200: { description: 'It can', ...text },
        503: { description: 'It cannot, and why', ...text },
      },
    },
    async (c, { query }) => {
      const results = await examined();
      const ready = results.every(({ problem }) => typeof problem !== 'string');
      c.header('Cache-Control', 'no-store');
      const lines = results.filter(({ problem }) => query.verbose !== undefined || problem !== undefined).map(toLine);
      return c.text(`${[ready ? 'ready' : 'not ready', ...lines].join('\n')}\n`, ready ? 200 : 503);
    },
  );
  return api;
}

type Examined = { readonly name: string; readonly problem: string | Warning | undefined };

function toLine({ name, problem }: Examined): string {
  if (problem === undefined) return `ok ${name}`;
  return typeof problem === 'string' ? `failed ${name}: ${problem}` : `warning ${name}: ${problem.warning}`;
}

/** How long an examination is believed, in ms. */
const BELIEVED_MS = 500;

function examineAll(health: Health): Promise<readonly Examined[]> {
  return Promise.all(
    Object.entries(health).map(async ([name, check]) => ({ name, problem: await check().catch(describe) })),
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'failed';
}

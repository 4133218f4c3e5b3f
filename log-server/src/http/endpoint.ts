import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { PROBLEMS, Problem, type ProblemCode, type ProblemExtras } from '../problems.ts';
import { noteRoute } from './observe.ts';
import { problemDocument } from './problem-response.ts';
import { instanceOf } from './request-id.ts';

type Shape = z.ZodObject;
type Values<S extends Shape | undefined> = S extends Shape ? z.output<S> : Record<string, never>;

/** One operation, as the handler and the OpenAPI document both see it. */
export type EndpointSpec<P extends Shape | undefined, Q extends Shape | undefined> = {
  readonly method: 'get' | 'post';
  /** In OpenAPI's form: `/api/v1/entries/{index}`. GET answers HEAD too. */
  readonly path: string;
  /** Hono's pattern, where `path` does not say enough (a parameter that holds slashes). */
  readonly pattern?: string;
  readonly operationId: string;
  readonly tag: 'append' | 'read' | 'tlog-tiles' | 'rfc6962' | 'operations';
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  /** Members that are not listed are refused, and so is one that is given twice. Absent: none are taken. */
  readonly query?: Q;
  /** Of the body; the handler reads and checks it itself, as bytes. */
  readonly body?: { readonly schema: z.ZodType; readonly description?: string };
  /** Needs an API key; `optional`: one that is sent shows more. */
  readonly authenticated?: true | 'optional';
  /** What it answers when all is well. */
  readonly responses: RouteConfig['responses'];
  /** The codes with which it refuses, beside those that every operation may (`internal`, `unavailable`, …). */
  readonly problems?: readonly ProblemCode[];
  /** Of its problems, where they have members of their own. */
  readonly problemSchema?: z.ZodType;
};

/** Members that a refusal with this code has beside those that all have. */
const EXAMPLE_EXTRAS: Partial<Record<ProblemCode, ProblemExtras>> = {
  identity_conflict: { index: 7 },
  already_consumed: { index: 7 },
  closed: { successor: 'log.example.com/next' },
};

/** A refusal with this code, as the document shows it: nothing in it says anything else. */
function problemExample(code: ProblemCode): object {
  const problem = new Problem(code, 'What was wrong, and what to do', EXAMPLE_EXTRAS[code]);
  return { ...problemDocument(problem), instance: instanceOf('5b1f0c9e-3f0a-4c52-9d55-2f6a1f0c7b11') };
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'What was wrong, and what to do' }),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    instance: z.string().optional().openapi({ description: '`X-Request-Id`, as a URI' }),
    checks: z.array(z.record(z.string(), z.unknown())).optional().openapi({ description: 'The failed checks' }),
    index: z.int().optional().openapi({ description: 'The entry that stands in the way' }),
    successor: z
      .string()
      .optional()
      .openapi({ description: 'With `closed`: the log in which it goes on, if there is one' }),
  })
  .openapi('Problem', { description: 'RFC 9457 problem details', example: problemExample('not_found') });

const EVERYWHERE: readonly ProblemCode[] = ['internal', 'unavailable', 'rate_limited'];

/** A part of the interface, to be filled with {@link endpoint}. */
export function createApi(): OpenAPIHono {
  return new OpenAPIHono();
}

/** Serves an operation, and describes it in the OpenAPI document: one definition for both. */
export function endpoint<P extends Shape | undefined = undefined, Q extends Shape | undefined = undefined>(
  api: OpenAPIHono,
  spec: EndpointSpec<P, Q>,
  handler: (
    c: Context,
    input: { readonly params: Values<P>; readonly query: Values<Q> },
  ) => Response | Promise<Response>,
): void {
  const { method, path, params, query, body, authenticated } = spec;
  const pattern = spec.pattern ?? path.replaceAll(/\{(\w+)\}/g, ':$1');
  // A misspelt parameter that is ignored gives another answer than was asked for. Tiles and probes take none, and caches
  // and probers add some.
  const lenient = spec.tag === 'tlog-tiles' || spec.tag === 'operations';
  const strictQuery = query?.strict() ?? (lenient ? undefined : z.strictObject({}));
  const codes: readonly ProblemCode[] = [
    ...(params || strictQuery ? (['invalid_parameter'] as const) : []),
    ...(spec.problems ?? []),
    ...EVERYWHERE,
  ];
  api.openAPIRegistry.registerPath({
    method,
    path,
    operationId: spec.operationId,
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description && { description: spec.description }),
    ...(authenticated && { security: [...(authenticated === 'optional' ? [{}] : []), { apiKey: [] }] }),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(body && {
        body: {
          required: true,
          content: { 'application/json': { schema: body.schema } },
          ...(body.description && { description: body.description }),
        },
      }),
    },
    responses: withRefusals(spec.responses, codes, spec.problemSchema),
  });
  api.on(method.toUpperCase(), pattern, (c) => {
    noteRoute(c, path);
    return handler(c, {
      params: (params ? checked(params, c.req.param(), 'The path') : {}) as Values<P>,
      query: (strictQuery ? checked(strictQuery, queryOf(c), 'The query') : {}) as Values<Q>,
    });
  });
}

function checked<S extends Shape>(schema: S, values: Record<string, string>, what: string): z.output<S> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknown !== undefined) {
    const known = Object.keys(schema.shape).join(', ');
    throw new Problem(
      'invalid_parameter',
      `There is no parameter ${JSON.stringify(unknown.slice(0, 100))} here; ${known === '' ? 'this call takes none' : `there is: ${known}`}.`,
    );
  }
  const name = issue?.path.join('.') ?? '';
  if (name !== '' && values[name] === undefined) {
    throw new Problem('invalid_parameter', `${what}: "${name}" is missing.`);
  }
  throw new Problem(
    'invalid_parameter',
    `${what}: ${name === '' ? '' : `"${name}" `}${issue?.message ?? 'is malformed'}.`,
  );
}

/**
 * A parameter that is given twice is refused: proxies and libraries differ on which one counts. Not by hono's `queries`, which
 * loses `?__proto__=1` and `?=1`: what is lost can't be refused.
 */
export function queryOf(c: Context): Record<string, string> {
  const start = c.req.url.indexOf('?');
  if (start === -1) return {};
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(c.req.url.slice(start))) {
    if (values.has(name))
      throw new Problem('invalid_parameter', `The query gives "${name.slice(0, 100)}" more than once.`);
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

/** Adds the refusals to what an operation answers; under one status both may stand, each with its media type. */
function withRefusals(
  answers: RouteConfig['responses'],
  codes: readonly ProblemCode[],
  schema: z.ZodType = problemSchema,
): RouteConfig['responses'] {
  const responses = { ...answers };
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  for (const [status, of] of byStatus) {
    const [first] = of;
    const answer = answers[status];
    const own = answer !== undefined && !('$ref' in answer) ? answer : undefined;
    responses[status] = {
      description: [own?.description, of.join(', ')].filter(Boolean).join('; or '),
      content: {
        ...own?.content,
        'application/problem+json': { schema, ...(first !== undefined && { example: problemExample(first) }) },
      },
    };
  }
  return responses;
}

/** A canonical decimal in a path or a query: an index or a size. */
export const decimal = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a decimal number without leading zeros')
  .transform(Number)
  .refine(Number.isSafeInteger, 'is too large')
  .openapi({ type: 'integer', minimum: 0, example: 0 });

import { ENTRY_KINDS, hexDecode } from '@assent/verifier';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Log } from '../log.ts';
import { nativeSha256 } from '../native-primitives.ts';
import { createApi, decimal, endpoint } from './endpoint.ts';
import { entrySummary, summarize } from './entry-summary.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be "sha256:" and 64 lower-case hexadecimal digits')
  .optional();

const query = z.object({
  approval: digest.openapi({
    description: 'The digest of its statement: the approval, and its consumption if there is one',
  }),
  service: z
    .string()
    .regex(/^[A-Za-z0-9._:@+-]{1,128}$/, 'must be the name of a service')
    .optional()
    .openapi({ description: 'The service that it is from' }),
  intent: digest.openapi({ description: 'The digest of its intent' }),
  keyid: digest.openapi({ description: 'A key that signed it' }),
  kind: z
    .enum(ENTRY_KINDS, `must be one of ${ENTRY_KINDS.join(', ')}`)
    .optional()
    .openapi({
      description:
        '`approval`: decisions, and records of other systems; `consumption`: uses of approvals; `trust-root`: lists of approvers',
    }),
  after: decimal.optional().openapi({
    description: 'Go on after this index, downwards: the `next` of the page before',
    example: undefined,
  }),
  limit: decimal
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, `must be from 1 to ${MAX_LIMIT}`)
    .optional()
    .openapi({
      description: `At most so many, from 1 to ${MAX_LIMIT}; without it ${DEFAULT_LIMIT}`,
      minimum: 1,
      maximum: MAX_LIMIT,
      default: DEFAULT_LIMIT,
      example: DEFAULT_LIMIT,
    }),
});

const schema = z
  .object({
    entries: z.array(entrySummary),
    next: z
      .int()
      .nullable()
      .openapi({ description: 'The `after` of the next page; null at the end. A short page may have one.' }),
  })
  .openapi('EntryList');

/** `GET /api/v1/entries`: open entries, newest first. */
export function searchRoutes(log: Log): OpenAPIHono {
  const api = createApi();
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/entries',
      operationId: 'listEntries',
      tag: 'read',
      summary: 'Search open entries, newest first',
      description:
        'An entry that is found fits all conditions. Sealed entries are never found: their receipts are had by name, with a key.',
      query,
      responses: { 200: { description: 'A page of them', content: { 'application/json': { schema } } } },
      problems: ['overloaded', 'read_only'],
    },
    async (c, { query: { approval, limit = DEFAULT_LIMIT, ...rest } }) => {
      const statement = approval === undefined ? undefined : hexDecode(approval.slice('sha256:'.length));
      const { found, next } = await log.search.find({
        ...rest,
        limit,
        ...(statement?.ok && { approval: statement.value }),
      });
      c.header('Cache-Control', 'no-cache');
      const page: z.input<typeof schema> = {
        entries: found.map(({ index, entry }) => summarize(index, entry, nativeSha256)),
        next: next ?? null,
      };
      return c.json(page);
    },
  );
  return api;
}

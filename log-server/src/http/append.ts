import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { MAX_BODY_BYTES } from '../admission/examine.ts';
import { submissionSchema } from '../admission/submission.ts';
import type { ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import {
  appendQuery,
  pendingMembers,
  REQUEST_PROBLEMS,
  RETRY_AFTER,
  receiptLocation,
  requireJson,
  SUBMISSION_PROBLEMS,
} from './append-request.ts';
import { createApi, endpoint } from './endpoint.ts';
import { readBody } from './read-body.ts';

export const RECEIPT_MEDIA_TYPE = 'application/vnd.assent.receipt+json';

export const receiptSchema = z
  .object({
    type: z.literal('assent/receipt/v1'),
    entry: z.string().openapi({ description: "The entry's bytes" }),
    proof: z.string().openapi({ description: 'C2SP tlog-proof, with the checkpoint' }),
  })
  .openapi('Receipt');

const pendingSchema = z.object(pendingMembers).openapi('Pending');

/** `POST /api/v1/entries`. */
export function appendRoutes(log: Log, apiKeys: ApiKeys): OpenAPIHono {
  const api = createApi();
  const receipt = { content: { [RECEIPT_MEDIA_TYPE]: { schema: receiptSchema } } };
  endpoint(
    api,
    {
      method: 'post',
      path: '/api/v1/entries',
      operationId: 'appendEntry',
      tag: 'append',
      summary: 'Append an entry',
      description: 'Safe to repeat: the same submission again answers with the entry that is there.',
      authenticated: true,
      query: appendQuery,
      body: { schema: submissionSchema },
      responses: {
        200: { description: 'It was there already: its receipt', ...receipt },
        201: { description: 'Appended: its receipt', ...receipt },
        202: {
          description: 'It has its place, and what was waited for is not there yet; `Location` is where to ask for it',
          content: { 'application/json': { schema: pendingSchema } },
        },
      },
      problems: [...SUBMISSION_PROBLEMS, ...REQUEST_PROBLEMS],
    },
    async (c, { query }) => {
      const key = await apiKeys.authenticate(c.req.header('authorization'));
      requireJson(c);
      apiKeys.charge(key, 1);
      const outcome = await log.appendBody(await readBody(c, MAX_BODY_BYTES), key.rights, query.wait);
      const { index } = outcome;
      if ('state' in outcome) {
        const location = receiptLocation(index);
        const { state } = outcome;
        const headers = { Location: location, 'Retry-After': String(RETRY_AFTER[state]), 'Cache-Control': 'no-store' };
        return c.json({ index, state, location }, 202, headers);
      }
      return c.body(outcome.receipt, outcome.created ? 201 : 200, {
        'Content-Type': RECEIPT_MEDIA_TYPE,
        'Cache-Control': 'no-store',
        Location: `/api/v1/entries/${index}`,
      });
    },
  );
  return api;
}

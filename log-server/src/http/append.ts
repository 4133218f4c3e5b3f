import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { MAX_BODY_BYTES } from '../admission/examine.ts';
import { submissionSchema } from '../admission/submission.ts';
import type { ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
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
      authenticated: true,
      query: z.object({
        wait: z.literal('signed', 'must be "signed", the default: this log knows no other').optional(),
      }),
      body: { schema: submissionSchema },
      responses: {
        200: { description: 'It was there already: its receipt', ...receipt },
        201: { description: 'Appended: its receipt', ...receipt },
      },
      problems: [
        'closed',
        'invalid_request',
        'invalid_json',
        'unauthenticated',
        'forbidden',
        'identity_conflict',
        'too_large',
        'unsupported_media_type',
        'content_refused',
        'payload_type_refused',
        'entry_too_large',
        'overloaded',
        'not_durable',
        'read_only',
        'clock',
        'shutting_down',
      ],
    },
    async (c) => {
      const { rights } = await apiKeys.authenticate(c.req.header('authorization'));
      const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (mediaType !== 'application/json') {
        throw new Problem('unsupported_media_type', 'Send the body with "Content-Type: application/json".');
      }
      const { created, index, receipt } = await log.appendBody(await readBody(c, MAX_BODY_BYTES), rights);
      return c.body(receipt, created ? 201 : 200, {
        'Content-Type': RECEIPT_MEDIA_TYPE,
        'Cache-Control': 'no-store',
        Location: `/api/v1/entries/${index}`,
      });
    },
  );
  return api;
}

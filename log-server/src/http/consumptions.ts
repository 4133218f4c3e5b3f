import type { OpenAPIHono } from '@hono/zod-openapi';
import { MAX_BODY_BYTES } from '../admission/examine.ts';
import { consumptionSchema } from '../admission/examine-consumption.ts';
import type { ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import {
  appendAnswer,
  appendQuery,
  appendResponses,
  REQUEST_PROBLEMS,
  receiptSchema,
  requireJson,
  SUBMISSION_PROBLEMS,
} from './append-request.ts';
import { createApi, endpoint, problemSchema } from './endpoint.ts';
import { bodyReader } from './read-body.ts';

const consumedSchema = problemSchema
  .extend({
    receipt: receiptSchema
      .optional()
      .openapi({ description: 'Of the consumption that is there, with `already_consumed`' }),
  })
  .openapi('ConsumptionProblem');

/** Why a submission of another kind is refused. */
const OF_ENTRIES_ALONE: ReadonlySet<string> = new Set([
  'identity_conflict',
  'payload_type_refused',
  'trust_root_refused',
  'trust_root_time',
]);

/** `POST /api/v1/consumptions`. */
export function consumptionRoutes(log: Log, apiKeys: ApiKeys): OpenAPIHono {
  const api = createApi();
  const read = bodyReader(MAX_BODY_BYTES);
  endpoint(
    api,
    {
      method: 'post',
      path: '/api/v1/consumptions',
      operationId: 'consumeApproval',
      tag: 'append',
      summary: 'Consume an approval',
      description:
        'At most once for an approval, for ever, whoever asks. Safe to repeat: the same envelope again answers with the entry that is there; any other with `409` and the receipt of the one that is.',
      authenticated: true,
      query: appendQuery,
      body: { schema: consumptionSchema },
      responses: appendResponses('It is consumed by this very envelope already: its receipt', 'Consumed: the receipt'),
      problems: [
        ...SUBMISSION_PROBLEMS.filter((code) => !OF_ENTRIES_ALONE.has(code)),
        'already_consumed',
        'approval_unknown',
        'not_consumable',
        'consumption_mismatch',
        'approval_expired',
        ...REQUEST_PROBLEMS,
      ],
      problemSchema: consumedSchema,
    },
    async (c, { query }) => {
      const key = await apiKeys.authenticate(c.req.header('authorization'));
      requireJson(c);
      apiKeys.charge(key, 1);
      return appendAnswer(c, await log.consume(await read(c), key.rights, query.wait));
    },
  );
  return api;
}

import type { OpenAPIHono } from '@hono/zod-openapi';
import { MAX_BODY_BYTES } from '../admission/examine.ts';
import { submissionSchema } from '../admission/submission.ts';
import type { ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import {
  appendAnswer,
  appendQuery,
  appendResponses,
  REQUEST_PROBLEMS,
  requireJson,
  SUBMISSION_PROBLEMS,
} from './append-request.ts';
import { createApi, endpoint } from './endpoint.ts';
import { bodyReader } from './read-body.ts';

/** `POST /api/v1/entries`. */
export function appendRoutes(log: Log, apiKeys: ApiKeys): OpenAPIHono {
  const api = createApi();
  const read = bodyReader(MAX_BODY_BYTES);
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
      responses: appendResponses('It was there already: its receipt', 'Appended: its receipt'),
      problems: [...SUBMISSION_PROBLEMS, ...REQUEST_PROBLEMS],
    },
    async (c, { query }) => {
      const key = await apiKeys.authenticate(c.req.header('authorization'));
      requireJson(c);
      apiKeys.charge(key, 1);
      return appendAnswer(c, await log.appendBody(await read(c), key.rights, query.wait));
    },
  );
  return api;
}

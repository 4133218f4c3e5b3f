import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { MAX_BATCH_ENTRIES, splitBatch } from '../admission/split-batch.ts';
import { submissionSchema } from '../admission/submission.ts';
import type { ApiKey, ApiKeys } from '../api-keys.ts';
import type { AppendOutcome, Pending } from '../append-outcome.ts';
import type { Log } from '../log.ts';
import { PROBLEMS, Problem } from '../problems.ts';
import {
  appendQuery,
  pendingMembers,
  REQUEST_PROBLEMS,
  receiptLocation,
  receiptSchema,
  requireJson,
  SUBMISSION_PROBLEMS,
} from './append-request.ts';
import { ByteBudget } from './byte-budget.ts';
import { createApi, endpoint, problemSchema } from './endpoint.ts';
import { methodInWords } from './head.ts';
import { problemDocument } from './problem-response.ts';
import { bytesAnnounced, readBody } from './read-body.ts';

const PATH = '/api/v1/entries/batch';
export const MAX_BATCH_BYTES = 16 * 1024 * 1024;
/** Of all batches that are under way, from before their bodies are read until they are answered. */
const MAX_BYTES_UNDER_WAY = 4 * MAX_BATCH_BYTES;

const resultSchema = z
  .object({
    status: z.int().openapi({ description: 'As if it had been sent alone', example: 201 }),
    index: pendingMembers.index.optional().openapi({ description: 'With 200, 201, 202 and 409' }),
    receipt: receiptSchema.optional().openapi({ description: 'With 200 and 201' }),
    state: pendingMembers.state.optional().openapi({ description: 'With 202' }),
    location: pendingMembers.location.optional().openapi({ description: 'With 202' }),
    problem: problemSchema.optional().openapi({ description: 'With 400 and more' }),
  })
  .openapi('BatchResult');

const TAKEN = new Problem('identity_conflict', 'What was wrong, and what to do', { index: 7 });
/** With `wait=none`: one that was taken, and one that was not. */
const EXAMPLE = {
  results: [
    { status: 202, index: 8, state: 'stored', location: '/api/v1/receipts/8' },
    { status: 409, index: 7, problem: problemDocument(TAKEN) },
  ],
};

/** `POST /api/v1/entries/batch`. */
export function appendBatchRoutes(log: Log, apiKeys: ApiKeys): OpenAPIHono {
  const api = createApi();
  const budget = new ByteBudget(MAX_BYTES_UNDER_WAY);
  endpoint(
    api,
    {
      method: 'post',
      path: PATH,
      operationId: 'appendEntries',
      tag: 'append',
      summary: `Append up to ${MAX_BATCH_ENTRIES} entries`,
      description:
        'One result for each, in order; one that is refused does not stop the others. Safe to repeat, as a whole or in part. A batch of more records than the API key may append at once is refused as a whole (413), with how many those are.',
      authenticated: true,
      query: appendQuery,
      body: { schema: z.strictObject({ entries: z.array(submissionSchema).min(1).max(MAX_BATCH_ENTRIES) }) },
      responses: {
        200: {
          description: 'What became of each',
          content: { 'application/json': { schema: z.object({ results: z.array(resultSchema) }), example: EXAMPLE } },
        },
      },
      problems: [...SUBMISSION_PROBLEMS, ...REQUEST_PROBLEMS],
    },
    async (c, { query }) => {
      const key = await apiKeys.authenticate(c.req.header('authorization'));
      requireJson(c);
      apiKeys.refuseIfExhausted(key);
      return budget.spend(bytesAnnounced(c, MAX_BATCH_BYTES), async () => {
        const submissions = split(await readBody(c, MAX_BATCH_BYTES), apiKeys, key);
        apiKeys.charge(key, submissions.length);
        return answer(c, await log.appendBodies(submissions, key.rights, query.wait));
      });
    },
  );
  // Or a GET would be taken for one of the entry "batch".
  api.all(PATH, (c) => {
    c.header('Allow', 'POST');
    throw new Problem('method_not_allowed', `${methodInWords(c)} is not for ${PATH}: use POST.`);
  });
  return api;
}

/** A body that is no batch counts as one record, or else a limited key could send as many of them as it likes. */
function split(body: Uint8Array, apiKeys: ApiKeys, key: ApiKey): Uint8Array[] {
  try {
    return splitBatch(body);
  } catch (error) {
    apiKeys.charge(key, 1);
    throw error;
  }
}

function answer(c: Context, results: readonly (AppendOutcome | Problem)[]): Response {
  const retryAfter = Math.max(
    0,
    ...results.map((result) => (result instanceof Problem ? (result.extras.retryAfter ?? 0) : 0)),
  );
  if (retryAfter > 0) c.header('Retry-After', String(retryAfter));
  return c.body(inOneBuffer(results.map(resultText)), 200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
  });
}

const BEFORE_RESULTS = '{"results":[';
const BETWEEN_RESULTS = ',\n';
const AFTER_RESULTS = ']}\n';

/** One after the other: as one text they would be put together twice more before they are bytes. */
function inOneBuffer(texts: readonly string[]): Buffer<ArrayBuffer> {
  const around = BEFORE_RESULTS.length + BETWEEN_RESULTS.length * (texts.length - 1) + AFTER_RESULTS.length;
  const bytes = Buffer.allocUnsafeSlow(texts.reduce((sum, text) => sum + text.length, around));
  let at = bytes.write(BEFORE_RESULTS, 0, 'latin1');
  for (const [i, text] of texts.entries()) {
    if (i > 0) at += bytes.write(BETWEEN_RESULTS, at, 'latin1');
    at += bytes.write(text, at, 'latin1');
  }
  bytes.write(AFTER_RESULTS, at, 'latin1');
  return bytes;
}

/** Each byte of its UTF-8 as a character, as receipts are. */
function resultText(result: AppendOutcome | Problem): string {
  if (result instanceof Problem || 'state' in result) return Buffer.from(unreceiptedText(result)).toString('latin1');
  const { created, index, receiptText } = result;
  return `{"status":${created ? 201 : 200},"index":${index},"receipt":${receiptText}}`;
}

function unreceiptedText(result: Pending | Problem): string {
  if (result instanceof Problem) {
    const { index } = result.extras;
    const { status } = PROBLEMS[result.code];
    return JSON.stringify({ status, ...(index !== undefined && { index }), problem: problemDocument(result) });
  }
  const { index, state } = result;
  return JSON.stringify({ status: 202, index, state, location: receiptLocation(index) });
}

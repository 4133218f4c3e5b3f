import { type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AppendOutcome, WAITS } from '../append-outcome.ts';
import { Problem, type ProblemCode } from '../problems.ts';
import { respond } from './common-headers.ts';

export const APPEND_PATH = '/api/v1/entries';
export const RECEIPT_MEDIA_TYPE = 'application/vnd.assent.receipt+json';

export const receiptSchema = z
  .object({
    type: z.literal('assent/receipt/v1'),
    entry: z.string().openapi({ description: "The entry's bytes" }),
    proof: z.string().openapi({ description: 'C2SP tlog-proof, with the checkpoint' }),
  })
  .openapi('Receipt');

/** The query of what appends. */
export const appendQuery = z.object({
  wait: z
    .enum(WAITS, `must be one of ${WAITS.join(', ')}`)
    .optional()
    .openapi({
      description:
        'Until when to wait: the entry is durable (`none`), covered by a signed checkpoint (`signed`, the default), or by one that the witness quorum cosigned (`witnessed`, 10 seconds at most)',
    }),
});

/** Why the log refuses a submission. */
export const SUBMISSION_PROBLEMS = [
  'invalid_request',
  'invalid_json',
  'forbidden',
  'identity_conflict',
  'too_large',
  'content_refused',
  'payload_type_refused',
  'trust_root_refused',
  'trust_root_time',
  'entry_too_large',
  'withheld',
  'overloaded',
  'not_durable',
  'no_space',
  'read_only',
  'clock',
  'shutting_down',
  'closed',
  'stored_data_damaged',
] as const satisfies readonly ProblemCode[];

/** Why it refuses the request around it, beside those. */
export const REQUEST_PROBLEMS = [
  'unauthenticated',
  'unsupported_media_type',
  'rate_limited',
] as const satisfies readonly ProblemCode[];

/** Throws a Problem for a body that is not called JSON. */
export function requireJson(c: Context): void {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new Problem('unsupported_media_type', 'Send the body with "Content-Type: application/json".');
  }
}

/** An append that is accepted, and where its receipt will be. */
export const pendingMembers = {
  index: z.int(),
  state: z.enum(['stored', 'signed']).openapi({
    description:
      '`stored`: durable, and no signed checkpoint covers it yet; `signed`: the witness quorum has not cosigned one that does',
  }),
  location: z.string().openapi({ example: '/api/v1/receipts/0', description: 'Where its receipt will be' }),
};

const pendingSchema = z.object(pendingMembers).openapi('Pending');

/** What an append of one entry answers when all is well. */
export function appendResponses(existing: string, created: string): RouteConfig['responses'] {
  const receipt = { content: { [RECEIPT_MEDIA_TYPE]: { schema: receiptSchema } } };
  return {
    200: { description: existing, ...receipt },
    201: { description: created, ...receipt },
    202: {
      description: 'It has its place, and what was waited for is not there yet; `Location` is where to ask for it',
      content: { 'application/json': { schema: pendingSchema } },
    },
  };
}

/** What becomes of an append, as it is answered; each character of the body is a byte. */
export function answerOutcome(outcome: AppendOutcome): {
  readonly status: 200 | 201 | 202;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  const { index } = outcome;
  if ('state' in outcome) {
    const { state } = outcome;
    const location = receiptLocation(index);
    const headers = {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      Location: location,
      'Retry-After': String(RETRY_AFTER[state]),
    };
    return { status: 202, headers, body: JSON.stringify({ index, state, location }) };
  }
  const headers = {
    'Content-Type': RECEIPT_MEDIA_TYPE,
    'Cache-Control': 'no-store',
    Location: `${APPEND_PATH}/${index}`,
  };
  return { status: outcome.created ? 201 : 200, headers, body: outcome.receiptText };
}

export function appendAnswer(c: Context, outcome: AppendOutcome): Response {
  const { status, headers, body } = answerOutcome(outcome);
  return respond(c, Buffer.from(body, 'latin1'), status, headers);
}

/** Seconds after which to ask for the receipt: a head is signed within a moment, witnesses take longer. */
const RETRY_AFTER = { stored: 1, signed: 5 } as const;

export function receiptLocation(index: number): string {
  return `/api/v1/receipts/${index}`;
}

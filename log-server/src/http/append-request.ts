import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { WAITS } from '../append-outcome.ts';
import { Problem, type ProblemCode } from '../problems.ts';

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
  'entry_too_large',
  'withheld',
  'overloaded',
  'not_durable',
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

/** Seconds after which to ask for the receipt: a head is signed within a moment, witnesses take longer. */
export const RETRY_AFTER = { stored: 1, signed: 5 } as const;

export function receiptLocation(index: number): string {
  return `/api/v1/receipts/${index}`;
}

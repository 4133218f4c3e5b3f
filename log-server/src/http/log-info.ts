import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { MAX_BODY_BYTES } from '../admission/examine.ts';
import { acceptedPayloadTypes } from '../admission/payload-types.ts';
import { MAX_BATCH_ENTRIES } from '../admission/split-batch.ts';
import type { Log } from '../log.ts';
import type { LogIdentity } from '../log-identity.ts';
import { MAX_BATCH_BYTES } from './append-batch.ts';
import { createApi, endpoint } from './endpoint.ts';
import { witnessesInfo, witnessesSchema } from './witnesses-info.ts';

const schema = z
  .object({
    origin: z.string().openapi({ description: 'The name under which checkpoints are signed' }),
    vkeys: z
      .array(z.string())
      .openapi({ description: 'The verifier keys that sign each head (C2SP signed-note): two during a rotation' }),
    log_id: z.string().openapi({
      example: `sha256:${'0'.repeat(64)}`,
      description: 'The LogID of RFC 6962: SHA-256 of the public key that signs its tree heads',
    }),
    successor: z
      .object({ vkey: z.string(), since: z.iso.datetime() })
      .optional()
      .openapi({ description: 'During a rotation: the key that will sign alone, and since when it signs as well' }),
    retired: z
      .array(z.object({ vkey: z.string(), until: z.iso.datetime() }))
      .openapi({ description: 'Keys that signed once, the oldest first' }),
    closed: z
      .object({
        final_size: z.int(),
        at: z.iso.datetime(),
        successor: z.string().optional(),
        reason: z.string().optional(),
      })
      .optional()
      .openapi({ description: 'Present once the log has ended: it takes no entries any more' }),
    size: z.int(),
    root: z.string().openapi({ example: `sha256:${'0'.repeat(64)}` }),
    timestamp: z.iso.datetime(),
    default_visibility: z.enum(['open', 'revealed', 'sealed']),
    payload_types: z
      .array(z.string())
      .openapi({ description: 'Accepted in entries; `*`: any other DSSE envelope too' }),
    witnesses: witnessesSchema,
    limits: z.object({
      body_bytes: z.int(),
      entry_bytes: z.int(),
      batch_entries: z.int(),
      batch_bytes: z.int(),
    }),
  })
  .openapi('LogInfo');

/** `GET /api/v1/log`: all that a client needs to start. */
export function logInfoRoutes(log: Log): OpenAPIHono {
  const api = createApi();
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/log',
      operationId: 'getLog',
      tag: 'read',
      summary: 'The log: its name, keys, size and limits',
      responses: { 200: { description: 'The log', content: { 'application/json': { schema } } } },
      problems: ['read_only'],
    },
    async (c) => {
      const { seq, size, root, timestamp } = await log.head();
      const { vkeys, logId, successor, retired, closed } = log.identityAt(seq);
      c.header('Cache-Control', 'no-cache');
      const info: z.input<typeof schema> = {
        origin: log.origin,
        vkeys: [...vkeys],
        log_id: logId,
        ...(successor && { successor: { vkey: successor.vkey, since: iso(successor.since) } }),
        retired: retired.map(({ vkey, until }) => ({ vkey, until: iso(until) })),
        ...(closed && { closed: { final_size: size, ...endOf(closed) } }),
        size,
        root: `sha256:${Buffer.from(root).toString('hex')}`,
        timestamp: iso(timestamp),
        default_visibility: log.defaultVisibility,
        payload_types: [...acceptedPayloadTypes(log.payloads)],
        witnesses: witnessesInfo(log.witnessing),
        limits: {
          body_bytes: MAX_BODY_BYTES,
          entry_bytes: 65_535,
          batch_entries: MAX_BATCH_ENTRIES,
          batch_bytes: MAX_BATCH_BYTES,
        },
      };
      return c.json(info);
    },
  );
  return api;
}

function endOf({ at, successor, reason }: NonNullable<LogIdentity['closed']>) {
  return { at: iso(at), ...(successor !== undefined && { successor }), ...(reason !== undefined && { reason }) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

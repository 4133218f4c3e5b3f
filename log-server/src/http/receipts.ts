import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import { RECEIPT_MEDIA_TYPE, receiptSchema } from './append-request.ts';
import { etagOf, NOT_MODIFIED, type TaggedHeaders, tagged } from './conditional.ts';
import { createApi, decimal, endpoint } from './endpoint.ts';
import { negotiate } from './negotiate.ts';

const TLOG_PROOF = 'text/plain';
/** In OpenAPI's form. */
export const RECEIPT_PATH = '/api/v1/receipts/{entry}';

/** Of an open entry's receipt; the checkpoint is the one that it holds. */
export function receiptHeaders(index: number, checkpoint: string): TaggedHeaders {
  return {
    ETag: tagOf(index, checkpoint, ''),
    'Cache-Control': 'no-cache',
    'Content-Type': RECEIPT_MEDIA_TYPE,
    Vary: 'Accept',
  };
}

/** Most receipts are against the newest checkpoint, or the one that covers many entries. */
let last = { checkpoint: '', tag: '' };

function tagOf(index: number, checkpoint: string, suffix: string): string {
  if (last.checkpoint !== checkpoint) last = { checkpoint, tag: etagOf(checkpoint).slice(1, -1) };
  return `"${index}-${last.tag}${suffix}"`;
}

const query = z.object({
  size: decimal.optional().openapi({
    description: 'Against this older signed size instead of the newest: the size of an earlier checkpoint',
    example: undefined,
  }),
});

/**
 * `GET /api/v1/receipts/…` and `?name=…`: by index, by digest, or by service and id. Sealed entries are found by statement or name only
 * with an API key that may append for their service.
 */
export function receiptRoutes(log: Log, apiKeys: ApiKeys): OpenAPIHono {
  const api = createApi();
  const responses = {
    200: {
      description: 'The receipt; or its proof alone (C2SP tlog-proof), if `Accept` prefers `text/plain`',
      content: { [RECEIPT_MEDIA_TYPE]: { schema: receiptSchema }, 'text/plain': { schema: z.string() } },
    },
    304: NOT_MODIFIED,
  };
  const problems = [
    'invalid_parameter',
    'unauthenticated',
    'not_found',
    'read_only',
    'stored_data_damaged',
    'withheld',
  ] as const;
  const send = async (c: Context, name: string, size: number | undefined): Promise<Response> => {
    const authorization = c.req.header('authorization');
    const key = authorization === undefined ? undefined : await apiKeys.authenticate(authorization);
    const index = await log.find(name, key?.rights);
    const mediaType = negotiate(c.req.header('accept'), [RECEIPT_MEDIA_TYPE, TLOG_PROOF]);
    const isProof = mediaType === TLOG_PROOF;
    const signed = await log.receipts.covering(index, size);
    const body = await (isProof ? log.receipts.prove(index, signed) : log.receipts.against(index, signed));
    return tagged(c, body, {
      ...receiptHeaders(index, signed.checkpoint),
      ...(isProof && {
        ETag: tagOf(index, signed.checkpoint, '-proof'),
        'Content-Type': `${TLOG_PROOF}; charset=utf-8`,
      }),
      // What only a key can find is not for caches on the way to others.
      ...(key !== undefined && { 'Cache-Control': 'no-store' }),
    });
  };
  endpoint(
    api,
    {
      method: 'get',
      path: RECEIPT_PATH,
      operationId: 'getReceipt',
      tag: 'read',
      authenticated: 'optional',
      summary: 'The receipt of an entry, by its index, leaf hash or statement digest',
      params: z.object({ entry: z.string().openapi({ example: '0', description: '`<index>` or `sha256:<hex>`' }) }),
      query,
      responses,
      problems,
    },
    (c, { params, query: { size } }) => send(c, params.entry, size),
  );
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/receipts/{service}/{id}',
      pattern: '/api/v1/receipts/:service/:id{.+}',
      operationId: 'getReceiptByName',
      tag: 'read',
      authenticated: 'optional',
      summary: 'The receipt of an entry, by the service and its id',
      params: z.object({ service: z.string(), id: z.string() }),
      query,
      responses,
      problems,
    },
    (c, { params, query: { size } }) => send(c, `${params.service}/${params.id}`, size),
  );
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/receipts',
      operationId: 'getReceiptByQuery',
      tag: 'read',
      authenticated: 'optional',
      summary: 'The receipt of an entry, by any of its names',
      description:
        'For a service or an id that is `.` or `..`: as parts of a path they mean folders, and never reach the log.',
      query: query.extend({
        name: z.string().openapi({ example: '0', description: '`<index>`, `sha256:<hex>` or `<service>/<id>`' }),
      }),
      responses,
      problems,
    },
    (c, { query: { name, size } }) => send(c, name, size),
  );
  return api;
}

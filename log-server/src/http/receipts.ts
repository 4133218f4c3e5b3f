import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Log } from '../log.ts';
import { RECEIPT_MEDIA_TYPE, receiptSchema } from './append.ts';
import { createApi, endpoint } from './endpoint.ts';

/** `GET /api/v1/receipts/…`: by index, by digest, or by service and id. */
export function receiptRoutes(log: Log): OpenAPIHono {
  const api = createApi();
  const responses = {
    200: { description: 'The receipt', content: { [RECEIPT_MEDIA_TYPE]: { schema: receiptSchema } } },
  };
  const problems = ['invalid_parameter', 'not_found', 'read_only', 'stored_data_damaged', 'withheld'] as const;
  const send = async (c: Context, name: string): Promise<Response> => {
    const receipt = await log.receipt(name);
    return c.body(receipt, 200, { 'Content-Type': RECEIPT_MEDIA_TYPE, 'Cache-Control': 'no-cache' });
  };
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/receipts/{entry}',
      operationId: 'getReceipt',
      tag: 'read',
      summary: 'The receipt of an entry, by its index, leaf hash or statement digest',
      params: z.object({ entry: z.string().openapi({ example: '0', description: '`<index>` or `sha256:<hex>`' }) }),
      responses,
      problems,
    },
    (c, { params }) => send(c, params.entry),
  );
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/receipts/{service}/{id}',
      pattern: '/api/v1/receipts/:service/:id{.+}',
      operationId: 'getReceiptByName',
      tag: 'read',
      summary: 'The receipt of an entry, by the service and its id',
      params: z.object({ service: z.string(), id: z.string() }),
      responses,
      problems,
    },
    (c, { params }) => send(c, `${params.service}/${params.id}`),
  );
  return api;
}

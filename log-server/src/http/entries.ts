import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Log } from '../log.ts';
import { bytes, IMMUTABLE } from './bytes.ts';
import { createApi, decimal, endpoint } from './endpoint.ts';
import { negotiate } from './negotiate.ts';

/** `GET /api/v1/entries/{index}`. */
export function entryRoutes(log: Log): OpenAPIHono {
  const api = createApi();
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/entries/{index}',
      operationId: 'getEntry',
      tag: 'read',
      summary: 'An entry, as the log stores it',
      params: z.object({ index: decimal }),
      responses: {
        200: {
          description: 'Its bytes: canonical JSON, under either media type',
          content: {
            'application/json': { schema: z.record(z.string(), z.unknown()) },
            'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
          },
        },
      },
      problems: ['not_found', 'read_only', 'stored_data_damaged', 'withheld'],
    },
    async (c, { params }) => {
      const entry = await log.entry(params.index);
      c.header('Cache-Control', IMMUTABLE);
      c.header('Vary', 'Accept');
      const mediaType = negotiate(c.req.header('accept'), ['application/json', 'application/octet-stream']);
      return c.body(bytes(entry), 200, { 'Content-Type': mediaType });
    },
  );
  return api;
}
